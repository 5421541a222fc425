"""What the HTTP door answers: a verdict per item, and who a key belongs to."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Part
from schemas.reasons import Reason


class Verdict(StrEnum):
    """What became of one item at the door; `ignored` is content of a platform's shape that the hub has no use for."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    REJECTED = "rejected"


class ItemVerdict(Part):
    """One item of a request, by its place in it; a rejection names the reason and points at the place (RFC 6901)."""

    index: Annotated[int, Field(ge=0)]
    verdict: Verdict
    event_id: str | None = None
    reason: Reason | None = None
    detail: str | None = None
    pointer: str | None = None


class DoorAnswer(Part):
    """202 when every item is accepted, a duplicate or ignored; 207 when some were rejected."""

    accepted: int
    duplicate: int
    ignored: int
    rejected: int
    items: tuple[ItemVerdict, ...]


class WhoAmI(Part):
    """The collector a key belongs to, and what it may do."""

    collector: str
    platforms: tuple[str, ...]
    events_per_second: float
    bytes_per_second: float
