"""An OpenID provider for tests: discovery, keys, codes with PKCE, tokens; it signs in whoever it is told, and lies on request."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.builders import NOON

ISSUER = "http://127.0.0.1:9999/realm"
CLIENT, SECRET, BACK = "referral-hub", "s3cret-of-the-desk", "http://desk/sign-in/oidc/back"


@dataclass
class LocalProvider:
    """The provider; `claims` are those of whoever signs in next, `lies` replaces what it would say truthfully."""

    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "u-1", "preferred_username": "ada", "roles": ["reviewer"]}
    )
    lies: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    tokens: int = 0
    status: int = 200
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    signer: RSAKey | None = None
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "k1"})
    issuer: str = ISSUER
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def http(self) -> httpx.AsyncClient:
        """A client that reaches it and nothing else."""
        base = "/realm"
        routes = [
            Route(f"{base}/.well-known/openid-configuration", self.about),
            Route(f"{base}/keys", self.keys),
            Route(f"{base}/token", self.token, methods=["POST"]),
        ]
        return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)))

    async def about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            }
        )

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    def authorize(self, address: str) -> str:
        """What a browser does there: somebody signs in, and is sent back with a code."""
        url = httpx.URL(address)
        self.asked = dict(url.params)
        assert str(url.copy_with(query=None)) == f"{ISSUER}/authorize"
        assert (self.asked["redirect_uri"], self.asked["client_id"]) == (BACK, CLIENT)
        code = f"code-{len(self._codes)}"
        self._codes[code] = self.asked
        return str(httpx.URL(BACK, params={"code": code, "state": self.asked["state"]}))

    async def token(self, request: Request) -> Response:
        if self.status != 200:
            return JSONResponse({"error": "server_error"}, self.status)
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        if asked is None or asked["code_challenge"] != challenge or form.get("redirect_uri") != BACK:
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.tokens += 1
        now = int(NOON.timestamp())
        claims = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.claims}
        said = {name: value for name, value in (claims | self.lies).items() if value is not None}
        token = jwt.encode(self.header, said, self.signer or self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})
