"""A message, a moment and shared secrets come in; the headers that prove both, or what is wrong with them, go out. Pure.

The scheme is Standard Webhooks 1.0 (HMAC-SHA-256 over `id.timestamp.body`), for which receivers find libraries in most languages.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
MINIMUM_SECRET = 24
TOLERANCE = timedelta(minutes=5)


def secret_of(text: str) -> bytes:
    """The bytes of a secret in its written form, `whsec_` and base64. Raises ValueError for anything else or too short."""
    try:
        value = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except binascii.Error as why:
        raise ValueError("a webhook secret is whsec_ followed by base64") from why
    if len(value) < MINIMUM_SECRET:
        raise ValueError(f"a webhook secret has at least {MINIMUM_SECRET} bytes")
    return value


def sign(message_id: str, body: bytes, at: datetime, secrets: Sequence[bytes]) -> dict[str, str]:
    """Headers with one signature per secret: while a secret is changed, the receiver may know either."""
    timestamp = str(int(at.timestamp()))
    signatures = (f"v1,{_mac(secret, message_id, timestamp, body)}" for secret in secrets)
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signatures)}


def verify(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], now: datetime, tolerance: timedelta = TOLERANCE
) -> str | None:
    """None where the headers prove the body and the moment; else what is wrong, without saying what would have been right."""
    named = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not named.get(name)]
    if missing:
        return f"missing: {', '.join(missing)}"
    timestamp = named[TIMESTAMP]
    # Longer numbers are no moment, and a float of them would overflow.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return "the timestamp is no number of seconds"
    if abs(now.timestamp() - int(timestamp)) > tolerance.total_seconds():
        return "the timestamp is too old or lies ahead"
    given = [part[3:].encode() for part in named[SIGNATURE].split() if part.startswith("v1,")]
    expected = [_mac(secret, named[ID], timestamp, body).encode() for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    return None if any(matches) else "no signature fits"


def _mac(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
