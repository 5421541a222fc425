"""Who and what an observation is about comes in, keys that are equal exactly when the thing is goes out."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from schemas.content import Engagement, Media, Text
from schemas.vocabulary import Change

KEY_BYTES = 16
MINIMUM_SECRET = 32
NO_COUNTS = (None, None, None, None)

Field = str | int | None


def canonical(fields: Iterable[Field]) -> bytes:
    """Bytes that differ whenever the fields differ: each field carries its length, an absent one is not an empty one."""
    return "".join(["-;" if field is None else f"{len(text := str(field))}:{text};" for field in fields]).encode(
        "utf-8", "surrogatepass"
    )


def _digest(purpose: bytes, fields: Iterable[Field]) -> str:
    return blake2b(canonical(fields), digest_size=KEY_BYTES, person=purpose).hexdigest()


def content_key(platform: str, instance: str | None, content_id: str) -> str:
    """32 hex digits for one piece of content, whatever happens to it; ids of federated platforms are unique per instance."""
    return _digest(b"content-key", (platform, instance, content_id))


def content_version(key: str, texts: Sequence[Text], media: Sequence[Media]) -> str:
    """32 hex digits for what exactly was said: every text with its role, every medium by its hash or else its address."""
    fields: list[Field] = [key, len(texts)]
    for text in texts:
        fields += (text.role, text.text)
    for medium in media:
        fields += (medium.type, medium.sha256 or medium.pdq or medium.tlsh or medium.url)
    return _digest(b"content-version", fields)


def observation_id(
    version: str,
    change: Change,
    edited_at: datetime | None,
    observed_at: datetime,
    engagement: Engagement | None,
    test: bool = False,
) -> str:
    """32 hex digits for one observation: the unit of deduplication. Times count as moments, whatever zone they came in.

    A test is another observation than the real one of the same moment, which would else be taken for its repeat.
    """
    counts = (engagement.views, engagement.likes, engagement.shares, engagement.replies) if engagement else NO_COUNTS
    marked = ("test",) if test else ()
    return _digest(b"observation", (version, change, _moment(edited_at), _moment(observed_at), *counts, *marked))


def _moment(at: datetime | None) -> int | None:
    """Microseconds since 1970; integer arithmetic, because floats lose them."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret for pseudonyms; its id stands in front of every key made with it."""

    id: str
    value: bytes

    def pseudonym(self, purpose: str, fields: Iterable[Field]) -> str:
        """`<id>:<32 hex digits>`: HMAC-SHA-256, cut to 128 bits."""
        mac = hmac.digest(self.value, canonical((purpose, *fields)), "sha256")
        return f"{self.id}:{mac[:KEY_BYTES].hex()}"


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes author and pair keys; while a secret is rotated it makes them with the new and the old one, until `until`."""

    current: Secret
    previous: Secret | None = None
    until: datetime | None = None

    def secrets(self, now: datetime) -> tuple[Secret, ...]:
        """Secrets in force, the current one first."""
        if self.previous is None or (self.until is not None and now >= self.until):
            return (self.current,)
        return (self.current, self.previous)


def author_key(secret: Secret, platform: str, instance: str | None, author_id: str) -> str:
    """The pseudonym of one author."""
    return secret.pseudonym("author", (platform, instance, author_id))


Person = tuple[str | None, str]


def pair_key(secret: Secret, platform: str, one: Person, other: Person) -> str:
    """The pseudonym of two authors (instance, id) who speak to one another; the same whoever speaks, wherever they live."""
    first, second = sorted((one, other), key=canonical)
    return secret.pseudonym("pair", (platform, *first, *second))
