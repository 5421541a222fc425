"""What the watch over deadlines asks of the database: requests that something falls due for, and the steps that were taken."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.referrer.falling_due import StepKind
from services.referrer.records import Referral


@dataclass(frozen=True, slots=True)
class Deadline:
    """A request that something falls due for, and the steps that were taken already."""

    referral: Referral
    taken: frozenset[StepKind]


class DeadlineBook(Protocol):
    """When something falls due for which request."""

    def due(self, now: datetime, limit: int) -> list[UUID]:
        """Requests that something falls due for."""
        ...

    def locked(self, referral_id: UUID) -> Deadline | None:
        """One of them, locked until the transaction ends."""
        ...

    def set(self, referral_id: UUID, taken: Collection[StepKind], next_at: datetime | None) -> None:
        """What was taken, and when to look again."""
        ...

    def next_due(self) -> Mapping[str, datetime]:
        """Per platform, the earliest deadline of a request that waits."""
        ...
