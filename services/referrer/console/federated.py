"""A person who signs in elsewhere is sent there and comes back; a session, or a page that says why there is none, goes out."""

import base64
import binascii
import hmac

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.referrer.adapters.oidc_provider import Begun, OidcProvider
from services.referrer.console.entrance import HOME, local
from services.referrer.console.site import Site
from services.referrer.declined import Declined
from services.referrer.http_answers import STATUS
from services.referrer.oidc import OidcRules, identified
from services.referrer.sessions import new_value

MINUTES = 10
NOT_HERE = "This sign-in was not begun in this browser, or too long ago. Begin again."


class Federated:
    """Sign-in by OpenID Connect."""

    def __init__(self, site: Site, provider: OidcProvider, rules: OidcRules) -> None:
        self._site = site
        self._provider = provider
        self._rules = rules

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/sign-in/oidc", self._site.limited(self.leave), methods=["GET"]),
            Route("/sign-in/oidc/back", self._site.limited(self.back), methods=["GET"]),
        ]

    @property
    def _cookie(self) -> str:
        return f"{self._site.cookie}_oidc"

    async def leave(self, request: Request) -> Response:
        """Send the browser to the provider, with what it has to bring back."""
        begun, to = Begun(new_value(), new_value(), new_value()), local(request.query_params.get("to", ""))
        address = await self._provider.address(begun)
        if isinstance(address, Declined):
            return self._site.fault(STATUS[address.why], address.detail)
        response = RedirectResponse(address, 303)
        # Lax, because the browser comes back from another site; the session's own cookie stays strict.
        response.set_cookie(
            self._cookie, _packed(begun, to), max_age=60 * MINUTES, path="/", httponly=True, samesite="lax",
            secure=self._site.settings.secure_cookie,
        )  # fmt: skip
        return response

    async def back(self, request: Request) -> Response:
        """Sign in whoever the provider vouches for; the way there is used up whatever comes of it."""
        response = await self._back(request)
        secure = self._site.settings.secure_cookie
        response.delete_cookie(self._cookie, path="/", secure=secure, httponly=True, samesite="lax")
        return response

    async def _back(self, request: Request) -> Response:
        query, taken = request.query_params, _unpacked(request.cookies.get(self._cookie, ""))
        if taken is None:
            return self._site.fault(403, NOT_HERE)
        begun, to = taken
        if not hmac.compare_digest(begun.state.encode(), query.get("state", "").encode()):
            return self._site.fault(403, NOT_HERE)
        claims = await self._provider.claims(query.get("code", ""), begun)
        person = claims if isinstance(claims, Declined) else identified(claims, self._rules)
        if not isinstance(person, Declined):
            signed_in = await run_in_threadpool(self._site.sign_in.sign_in_as, person)
            if not isinstance(signed_in, Declined):
                # A page and no redirect: a browser that came from another site would not send the strict cookie along.
                page = self._site.page("signed_in.html", None, to=local(to) or HOME, who=signed_in.person.pseudonym)
                self._site.set_cookie(page, signed_in.value)
                return page
            person = signed_in
        return self._site.fault(STATUS[person.why], person.detail)


def _packed(begun: Begun, to: str) -> str:
    raw = orjson.dumps([begun.state, begun.nonce, begun.verifier, to])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpacked(text: str) -> tuple[Begun, str] | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = orjson.loads(raw)
    except (binascii.Error, ValueError):
        return None
    if not isinstance(values, list) or len(values) != 4 or not all(isinstance(each, str) for each in values):
        return None
    state, nonce, verifier, to = values
    return (Begun(state, nonce, verifier), to) if state and nonce and verifier else None
