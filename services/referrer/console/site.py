"""A request of a browser comes in; who asks, what the form says, and a page with every protective header go out."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import jinja2
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.referrer.console import showing, words
from services.referrer.console.forms import Form, read_form
from services.referrer.declined import Declined
from services.referrer.http_answers import STATUS, id_of
from services.referrer.records import Person
from services.referrer.roles import Action, may
from services.referrer.sessions import SignIn, form_token, same_token
from services.referrer.settings import ReferrerSettings
from services.runtime.clock import Clock
from services.runtime.errors import Retryable
from services.runtime.problems import Refusal

HERE = Path(__file__).parent
# Nothing but this server's own style sheet and script; no frame, no plug-in, no form that goes elsewhere.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "cache-control": "no-store",
}
STATIC = {"console.css": "text/css", "console.js": "text/javascript", "icon.svg": "image/svg+xml"}
NAVIGATION = (
    ("/queue", "Queue", Action.VIEW_QUEUE),
    ("/boards", "Board", Action.VIEW_QUEUE),
    ("/team", "Team", Action.VIEW_TEAM),
    ("/platforms", "Platforms", Action.VIEW_PLATFORMS),
    ("/audit", "Audit", Action.VIEW_AUDIT),
)
COOKIE = "hub_session"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, with the secret value of the session."""

    person: Person
    value: str

    @property
    def token(self) -> str:
        """What every form of this session carries."""
        return form_token(self.value)


Shown = Callable[[Request, Visitor], Awaitable[Response]]
Changed = Callable[[Request, Visitor, Form], Awaitable[Response]]


class Site:
    """What all pages have in common."""

    def __init__(
        self, settings: ReferrerSettings, sign_in: SignIn, clock: Clock, log: structlog.stdlib.BoundLogger
    ) -> None:
        self.settings = settings
        self.sign_in = sign_in
        self.clock = clock
        self.accepting = True
        self._log = log
        self._requests = 0
        self._static = {name: (HERE / "static" / name).read_bytes() for name in STATIC}
        self.version = hashlib.sha256(b"".join(self._static.values())).hexdigest()[:12]
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self.templates.filters |= {
            "label": words.label, "sentence": words.sentence, "visible": showing.visible, "link": showing.link_of,
            "ago": self._ago, "past": self._past, "clock": showing.moment,
        }  # fmt: skip
        self.templates.globals |= {"version": self.version, "bands": words.BANDS}

    def _ago(self, at: datetime) -> str:
        return showing.ago(at, self.clock.now())

    def _past(self, at: datetime) -> str:
        return showing.past(at, self.clock.now())

    @property
    def cookie(self) -> str:
        """The cookie's name; with TLS a prefix keeps other hosts of the same domain from planting one."""
        return f"__Host-{COOKIE}" if self.settings.secure_cookie else COOKIE

    def set_cookie(self, response: Response, value: str) -> None:
        """Give the browser a session, out of reach of scripts and of other sites; it ends with the browser."""
        response.set_cookie(
            self.cookie, value, path="/", httponly=True, samesite="strict", secure=self.settings.secure_cookie
        )

    def page(self, name: str, visitor: Visitor | None, status: int = 200, **values: Any) -> Response:
        """A page, rendered."""
        open_to = () if visitor is None else tuple(n for n in NAVIGATION if may(visitor.person.role, n[2]))
        html = self.templates.get_template(name).render(visitor=visitor, navigation=open_to, **values)
        return Response(html, status, media_type="text/html")

    def declined(self, visitor: Visitor, why: Declined) -> Response:
        """A page that says why something may not be."""
        return self.fault(STATUS[why.why], why.detail, visitor)

    def fault(self, status: int, detail: str, visitor: Visitor | None = None) -> Response:
        """A page about what went wrong, without internals."""
        return self.page("fault.html", visitor, status, title=HTTPStatus(status).phrase, detail=detail)

    def shown(self, endpoint: Shown) -> Callable[[Request], Awaitable[Response]]:
        """A page for somebody who is signed in; everybody else is sent to the sign-in."""

        async def show(request: Request) -> Response:
            visitor = await self._visitor(request)
            if visitor is None:
                wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(f"/sign-in?to={quote(wanted, safe='')}", 303)
            return await endpoint(request, visitor)

        return self.limited(show)

    def changed(self, endpoint: Changed) -> Callable[[Request], Awaitable[Response]]:
        """A form of somebody who is signed in, sent from a page of the same session."""

        async def change(request: Request) -> Response:
            visitor = await self._visitor(request)
            if visitor is None:
                return self.fault(401, "Your session has ended; nothing was changed. Sign in and try again.")
            form = await read_form(request, self.settings.max_body_bytes, self.settings.body_seconds)
            if not same_token(visitor.value, form.one("form_token")):
                return self.fault(403, "This form does not belong to your session; nothing was changed.", visitor)
            return await endpoint(request, visitor, form)

        return self.limited(change)

    def limited(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """One request within the limits; a database that does not answer is said as such."""

        async def serve(request: Request) -> Response:
            if not self.accepting or self._requests >= self.settings.max_requests:
                return self.fault(503, "The desk is at its limit. Try again in a moment.")
            self._requests += 1
            try:
                return await endpoint(request)
            except Retryable as why:
                self._log.warning("database_unavailable", error=str(why))
                return self.fault(503, "The database does not answer; nothing was changed. Try again in a moment.")
            finally:
                self._requests -= 1

        return serve

    async def _visitor(self, request: Request) -> Visitor | None:
        value = request.cookies.get(self.cookie, "")
        person = await run_in_threadpool(self.sign_in.who, value) if value else None
        return Visitor(person, value) if person is not None else None

    async def static(self, request: Request) -> Response:
        """The style sheet, the script or the icon; there is nothing else."""
        name = request.path_params["name"]
        if name not in STATIC:
            raise HTTPException(404)
        response = Response(self._static[name], media_type=STATIC[name])
        # Its address changes with its content.
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response

    async def error(self, _request: Request, why: Exception) -> Response:
        """A page for any error; of what nobody expected it says nothing."""
        if isinstance(why, HTTPException):
            known = HTTPStatus(why.status_code)
            detail = why.detail if why.detail != known.phrase else ""
            page = self.fault(why.status_code, detail)
            # Which methods would do, where this one does not.
            page.headers.update(why.headers or {})
            return page
        self._log.error("page_failed", error=type(why).__name__)
        return self.fault(500, "Something went wrong here; it was noted. Nothing of it is shown.")


def path_id(request: Request, name: str) -> UUID:
    """The id in the path, `case_id` or `referral_id`. Raises HTTPException for what is none."""
    try:
        return id_of(request, name)
    except Refusal as why:
        raise HTTPException(why.problem.status, why.problem.detail) from why


def protected(app: Any) -> Any:
    """The same application, every answer with the protective headers; one that set a header itself keeps it."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", [])}
                more = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in given]
                message = {**message, "headers": [*message.get("headers", []), *more]}
            await send(message)

        await app(scope, receive, sent)

    return serve


def beside(interface: Any, pages: Any) -> Any:
    """One application of two: programs ask below /v1, people everywhere else."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        for_programs = path in {"/openapi.json", "/v1"} or path.startswith("/v1/")
        await (interface if for_programs else pages)(scope, receive, send)

    return serve
