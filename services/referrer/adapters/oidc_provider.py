"""A browser that comes back from the OpenID provider comes in; the verified claims of its ID token, or a refusal, go out.

Authorization code flow with PKCE (RFC 7636), state and nonce. The token's signature, issuer, audience, times and nonce are checked
by libraries; nothing is believed that was not signed by a key of the provider.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.referrer.declined import Declined, Why
from services.runtime.clock import Clock

# Signatures by a key pair alone: with a shared secret whoever checks could also sign.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
SECONDS, LEEWAY, KEYS_FOR = 10.0, 60, 300.0
NOT_SIGNED_IN = Declined(Why.NOT_ALLOWED, "sign_in", "The provider did not sign you in.")
AWAY = Declined(Why.CONFLICT, "provider_away", "The provider does not answer. Try again in a moment.")


@dataclass(frozen=True, slots=True)
class OidcClient:
    """What this desk is to its provider."""

    issuer: str
    client_id: str
    client_secret: str | None
    redirect_url: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What a browser takes along and has to bring back."""

    state: str
    nonce: str
    verifier: str


class OidcProvider:
    """One provider, asked over HTTP; where it is asked is read once, its keys are kept for some minutes."""

    def __init__(self, client: OidcClient, clock: Clock, http: httpx.AsyncClient | None = None) -> None:
        self._client = client
        self._clock = clock
        self._http = http or httpx.AsyncClient(timeout=SECONDS, follow_redirects=False)
        self._metadata: Mapping[str, Any] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def stop(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def address(self, begun: Begun) -> str | Declined:
        """Where to send a browser that wants to sign in."""
        try:
            metadata = await self._about()
        except (httpx.HTTPError, ValueError):
            return AWAY
        challenge: str = create_s256_code_challenge(begun.verifier)  # type: ignore[no-untyped-call]
        asked = [
            ("response_type", "code"), ("client_id", self._client.client_id), ("scope", "openid profile"),
            ("redirect_uri", self._client.redirect_url), ("state", begun.state), ("nonce", begun.nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ]  # fmt: skip
        return str(add_params_to_uri(metadata["authorization_endpoint"], asked))

    async def claims(self, code: str, begun: Begun) -> Mapping[str, Any] | Declined:
        """Exchange a code for an ID token, and believe the token only where everything about it is right."""
        try:
            answer = await self._token(code, begun)
            if answer.status_code >= 500:
                return AWAY
            token = answer.json().get("id_token") if answer.status_code == 200 else None
            return await self._verified(token, begun) if isinstance(token, str) else NOT_SIGNED_IN
        except httpx.HTTPError:
            return AWAY
        except (JoseError, AuthlibBaseError, ValueError, KeyError, AttributeError):
            return NOT_SIGNED_IN

    async def _token(self, code: str, begun: Begun) -> httpx.Response:
        client, metadata = self._client, await self._about()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_url,
            "client_id": client.client_id, "code_verifier": begun.verifier,
        }  # fmt: skip
        auth = httpx.BasicAuth(client.client_id, client.client_secret) if client.client_secret else httpx.Auth()
        return await self._http.post(metadata["token_endpoint"], data=form, auth=auth)

    async def _verified(self, token: str, begun: Begun) -> Mapping[str, Any]:
        try:
            read = jwt.decode(token, await self._published(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys since they were read.
            read = jwt.decode(token, await self._published(anew=True), algorithms=ALGORITHMS)
        options = {
            "iss": {"essential": True, "value": self._client.issuer},
            "aud": {"essential": True, "value": self._client.client_id},
        }
        params = {"nonce": begun.nonce, "client_id": self._client.client_id}
        claims = CodeIDToken(read.claims, read.header, options, params)
        claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY)
        return dict(claims)

    async def _about(self) -> Mapping[str, Any]:
        """What the provider says of itself; it has to be the one that was asked."""
        if self._metadata is None:
            found = await self._got(get_well_known_url(self._client.issuer, external=True))
            if found.get("issuer") != self._client.issuer:
                raise ValueError("the provider calls itself otherwise")
            self._metadata = found
        return self._metadata

    async def _published(self, anew: bool = False) -> KeySet:
        if anew or self._keys is None or self._keys[0] + KEYS_FOR < time.monotonic():
            found = await self._got((await self._about())["jwks_uri"])
            self._keys = (time.monotonic(), KeySet.import_key_set(found))  # type: ignore[arg-type]
        return self._keys[1]

    async def _got(self, url: str) -> Mapping[str, Any]:
        answer = await self._http.get(url)
        answer.raise_for_status()
        found = answer.json()
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found
