"""What asking platforms asks of the database: requests, what became of them, and the bytes that wait to be published."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.referrer.records import OutcomeRow, Referral
from services.runtime.envelope import Outgoing


class Referrals(Protocol):
    """Requests and what became of them."""

    def add(self, referral: Referral) -> None:
        """Store a new request."""
        ...

    def locked(self, referral_id: UUID) -> Referral | None:
        """One request, locked until the transaction ends."""
        ...

    def move(self, referral: Referral) -> None:
        """Store a request's new status."""
        ...

    def of_case(self, case_id: UUID) -> list[Referral]:
        """The requests of a case, oldest first."""
        ...

    def removed(self, case_ids: Collection[UUID]) -> Mapping[str, datetime]:
        """When the platform says it took contents of these cases away, of those whose newest request stands so, by content key."""
        ...

    def reported(self, platform: str, outcome_id: str) -> UUID | None:
        """Which request the report of this id was about, if one was taken in before."""
        ...

    def outcome_of(self, referral: Referral) -> bytes | None:
        """The report that the request's status comes from, as it came in."""
        ...

    def add_outcome(self, outcome: OutcomeRow) -> None:
        """Store a report."""
        ...


class Outbox(Protocol):
    """Final bytes that wait to be published, in order."""

    def append(self, records: Sequence[Outgoing]) -> None:
        """Put records at the end."""
        ...

    def waiting(self, limit: int) -> list[tuple[int, Outgoing]]:
        """The oldest unsent records, in order."""
        ...

    def mark_sent(self, numbers: Collection[int], at: datetime) -> set[int]:
        """The broker has them; gives those that nobody had marked before."""
        ...
