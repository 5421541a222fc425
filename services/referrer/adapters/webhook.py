"""A parcel comes in; a signed POST to a platform's own address goes out, and what the platform answered comes back.

The contract with the receiver: `webhook-id` is the referral id and stays the same on every repeat; a 2xx answer is believed only
with a JSON body that names that id, `{"referral_id": "…"}`; 409 with the same body says that it has it already.
"""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from datetime import timedelta

import httpx
import orjson
import stamina

from services.referrer.delivery import TEST_REFUSED, Again, Answer, Channel, Parcel, Refused, Taken
from services.referrer.signing import sign
from services.runtime.clock import Clock

ANSWER_LIMIT = 65_536
# What a receiver says while it is busy, starting or asking for time; everything else below 500 is its last word.
COME_AGAIN = frozenset({408, 425, 429})
LONGEST_ASKED = timedelta(hours=6)


class Webhook:
    """POSTs to one address. Redirects are not followed: a signed request goes to the address that was agreed on, or nowhere."""

    channel = Channel.WEBHOOK

    def __init__(
        self, url: str, secrets: Sequence[bytes], clock: Clock, *, seconds: float = 10.0, quick_attempts: int = 3,
        client: httpx.AsyncClient | None = None,
    ) -> None:  # fmt: skip
        self._url = url
        self._secrets = tuple(secrets)
        self._clock = clock
        self._seconds = seconds
        self._quick_attempts = quick_attempts
        self._client = client or httpx.AsyncClient(follow_redirects=False, timeout=seconds)

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def deliver(self, parcel: Parcel) -> Answer:
        """Hand it over; a connection that was never made is tried again at once, everything else later."""
        if parcel.request.test:
            return Refused(TEST_REFUSED)
        again = stamina.AsyncRetryingCaller(
            attempts=self._quick_attempts, wait_initial=0.05, wait_max=1.0, wait_jitter=0.05
        ).on(httpx.ConnectError)
        try:
            return await again(self._post, parcel)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as why:
            return Again(f"not reached: {type(why).__name__}")
        except TimeoutError:
            return Again(f"no answer within {self._seconds:g} s", unsure=True)
        except httpx.HTTPError as why:
            return Again(f"no usable answer: {type(why).__name__}", unsure=True)

    async def _post(self, parcel: Parcel) -> Answer:
        headers = {
            "content-type": "application/json",
            # As it comes, so that a small answer cannot unpack into a large one.
            "accept-encoding": "identity",
            "idempotency-key": parcel.request.idempotency_key,
            "content-digest": f"sha-256=:{base64.b64encode(hashlib.sha256(parcel.body).digest()).decode()}:",
            **sign(str(parcel.request.referral_id), parcel.body, self._clock.now(), self._secrets),
        }
        # A timeout for the whole exchange: one per read would let a receiver drip its answer for ever.
        async with (
            asyncio.timeout(self._seconds),
            self._client.stream("POST", self._url, content=parcel.body, headers=headers) as response,
        ):
            body = b""
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > ANSWER_LIMIT:
                    return Again(f"{response.status_code} with more than {ANSWER_LIMIT} bytes", unsure=True)
        return answer_of(
            response.status_code, body, response.headers.get("retry-after"), str(parcel.request.referral_id)
        )


def answer_of(status: int, body: bytes, retry_after: str | None, referral_id: str) -> Answer:
    """What a status and a body mean. Pure."""
    named = _named(body)
    if status == 409 and named == referral_id:
        return Taken("409, had it already", repeat=True)
    if 200 <= status < 300:
        if named == referral_id:
            return Taken(str(status))
        # It says yes, but not to what: that is no proof that it has this request.
        return Again(f"{status} that names {'another referral' if named else 'no referral'}", unsure=True)
    if status in COME_AGAIN or status >= 500:
        return Again(str(status), unsure=status >= 500, after=_asked(retry_after))
    return Refused(str(status))


def _named(body: bytes) -> str | None:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    name = value.get("referral_id") if isinstance(value, dict) else None
    return name if isinstance(name, str) else None


def _asked(retry_after: str | None) -> timedelta | None:
    """Seconds that the receiver asked for, within reason; dates are not read."""
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 9):
        return None
    return min(timedelta(seconds=int(retry_after)), LONGEST_ASKED)
