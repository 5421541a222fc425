"""What practice asks of the database: golden cases and blind second reviews, who had which, and what was said of them."""

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.referrer.exercises import Exercise, Golden, Pair, Tally
from services.referrer.records import QueueFilter, QueueKey, Referral


class ExerciseBook(Protocol):
    """Golden cases and blind second reviews: never among the cases that can lead to a request."""

    def add_golden(self, golden: Sequence[Golden]) -> int:
        """Store golden cases; one that is there already stays. Gives how many are new."""
        ...

    def unseen(self, reviewer: str) -> list[Golden]:
        """Golden cases that a reviewer never had, without their records."""
        ...

    def golden_record(self, golden_id: UUID) -> bytes:
        """The record of one."""
        ...

    def take_turn(self, reviewer: str) -> int:
        """One more case taken; gives how many with this one."""
        ...

    def has_open(self, reviewer: str) -> bool:
        """Whether a golden case waits for this reviewer already."""
        ...

    def locked(self, case_id: UUID) -> Exercise | None:
        """One exercise, locked until the transaction ends."""
        ...

    def get(self, case_id: UUID) -> Exercise | None:
        """One exercise, to look at."""
        ...

    def among(self, case_ids: Collection[UUID]) -> Mapping[UUID, Exercise]:
        """Those of these ids that are exercises."""
        ...

    def originals_for(self, reviewer: str) -> Set[UUID]:
        """Decided cases of which a blind second review waits that this person may have."""
        ...

    def copies_of(self, case_id: UUID) -> list[Exercise]:
        """Blind second reviews of a case that wait, locked until the transaction ends."""
        ...

    def drop(self, case_id: UUID) -> None:
        """Remove one that nobody decided."""
        ...

    def put(self, exercise: Exercise, record: bytes | None = None) -> None:
        """Insert with its record, or replace what changes."""
        ...

    def record(self, case_id: UUID) -> bytes:
        """The content as the reviewer sees it; empty where it was removed."""
        ...

    def visible(self, reviewer: str, wanted: QueueFilter, after: QueueKey | None) -> list[Exercise]:
        """What this person sees of them, in the order of the queue: what waits, and what the person decided before."""
        ...

    def left_to_others(self, reviewer: str) -> list[UUID]:
        """Those that this person decided and that look as if they waited for somebody else."""
        ...

    def notice(self, reviewer: str, referral_id: UUID) -> tuple[Exercise, Referral] | None:
        """A notice that an exercise of this person seems to have made."""
        ...

    def expired_leases(self, now: datetime, limit: int) -> list[UUID]:
        """Those whose lease has run out."""
        ...

    def pairs(self, since: datetime) -> list[Pair]:
        """What was expected and what was said, of those decided since."""
        ...

    def tally(self, since: datetime) -> Tally:
        """The same, counted."""
        ...
