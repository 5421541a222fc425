"""A name and a password come in by a form; a session, or a page that says no more than needed, goes out."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.referrer.console.forms import Form, read_form
from services.referrer.console.site import NAVIGATION, Site, Visitor
from services.referrer.console.words import DONE
from services.referrer.declined import Declined, Why
from services.referrer.roles import may
from services.referrer.sessions import form_token, new_value, same_token

# Each check of a password takes tens of milliseconds and 64 MiB on purpose: a flood of them must not take the machine.
CHECKS_AT_ONCE = 2
HOME = "/"
# A sign-in elsewhere carries it there and back in a cookie, of which browsers keep 4 kB.
LONGEST_PATH = 2_000


class Entrance:
    """Sign-in and sign-out."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)

    def routes(self) -> list[Route]:
        """The routes."""
        site = self._site
        return [
            Route("/", site.shown(self.home), methods=["GET"]),
            Route("/sign-in", site.limited(self.ask), methods=["GET"]),
            Route("/sign-in", site.limited(self.sign_in), methods=["POST"]),
            Route("/sign-out", site.changed(self.sign_out), methods=["POST"]),
        ]

    @property
    def _before(self) -> str:
        """The cookie of somebody who is not signed in yet: it binds the form to the browser and becomes nothing else."""
        return f"{self._site.cookie}_before"

    async def home(self, _request: Request, visitor: Visitor) -> Response:
        """The first page that the person may see."""
        first = next(path for path, _, action in NAVIGATION if may(visitor.person.role, action))
        return RedirectResponse(first, 303)

    async def ask(self, request: Request) -> Response:
        """The form."""
        done = request.query_params.get("done", "")
        return self._form(request, local(request.query_params.get("to", "")), message=DONE.get(done, ""))

    def _form(self, request: Request, to: str, status: int = 200, message: str = "", fault: str = "") -> Response:
        value = request.cookies.get(self._before) or new_value()
        page = self._site.page(
            "sign_in.html",
            None,
            status,
            form_token=form_token(value),
            to=to,
            message=message,
            fault=fault,
            federated=self._site.settings.oidc_issuer is not None,
        )
        secure = self._site.settings.secure_cookie
        page.set_cookie(self._before, value, path="/", httponly=True, samesite="strict", secure=secure)
        return page

    async def sign_in(self, request: Request) -> Response:
        """Check name and password."""
        settings = self._site.settings
        form = await read_form(request, min(settings.max_body_bytes, 8_192), settings.body_seconds)
        before, to = request.cookies.get(self._before, ""), local(form.one("to"))
        if not before or not same_token(before, form.one("form_token")):
            return self._form(request, to, 403, fault="This form was not sent from this page. Try again.")
        async with self._checks:
            found = await run_in_threadpool(
                self._site.sign_in.sign_in, form.one("name").strip().lower(), form.one("password")
            )
        if isinstance(found, Declined):
            return self._form(request, to, 429 if found.why is Why.CONFLICT else 403, fault=found.detail)
        response = RedirectResponse(to or HOME, 303)
        self._site.set_cookie(response, found.value)
        response.delete_cookie(self._before, path="/", secure=settings.secure_cookie, httponly=True, samesite="strict")
        return response

    async def sign_out(self, _request: Request, visitor: Visitor, _form: Form) -> Response:
        """End the session here and in the database."""
        await run_in_threadpool(self._site.sign_in.sign_out, visitor.value)
        response = RedirectResponse("/sign-in?done=signed_out", 303)
        secure = self._site.settings.secure_cookie
        response.delete_cookie(self._site.cookie, path="/", secure=secure, httponly=True, samesite="strict")
        return response


def local(path: str) -> str:
    """A path of this server that can be carried through a sign-in, or nothing: it never sends anybody elsewhere."""
    plain = len(path) <= LONGEST_PATH and path.isascii() and path.isprintable() and "\\" not in path and " " not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else ""
