"""What the desk's watch over itself asks of its database: ages, erasure, deadlines, suspensions, exercises."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.referrer.exercises import Exercise, Golden, Pair
from services.referrer.exercises import Tally as Agreements
from services.referrer.outcomes import StepKind
from services.referrer.records import QueueFilter, QueueKey, Referral
from services.referrer.retention import Age, Kind
from services.referrer.suspension import Scope, ScopeKind, Tally
from services.referrer.transparency import Answer, Asked, Said


@dataclass(frozen=True, slots=True)
class Older:
    """Keys of what is too old, and the place after which to go on looking."""

    keys: Sequence[Any]
    last: Any


class RetentionBook(Protocol):
    """What is too old. Keys and places are of the book's own making."""

    def due(self, kind: Kind, age: Age, limit: int, after: Any = None) -> Older:
        """What is older, some `limit` at once, beginning after a place; no keys where nothing is left."""
        ...

    def count(self, kind: Kind, age: Age) -> int:
        """How many there are."""
        ...

    def remove(self, kind: Kind, age: Age, keys: Sequence[Any]) -> int:
        """Remove those of them that are still too old; gives how many."""
        ...

    def count_anew(self) -> None:
        """Let the database see how much there is of everything, so that it chooses its ways by that."""
        ...


class Chores(Protocol):
    """When what is done once a day was done last, and which boards were ever published."""

    def done_at(self, name: str) -> datetime | None:
        """The last time; None for never."""
        ...

    def done(self, name: str, at: datetime) -> None:
        """It was done."""
        ...

    def names(self, beginning: str) -> Sequence[str]:
        """Names that begin so, of what was ever done."""
        ...


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: rows that went, rows that stay blank, and the bytes of every notice that stays, by its new hash."""

    removed: Mapping[str, int]
    blanked: Mapping[str, int]
    notices: Mapping[UUID, str]
    cases: Sequence[UUID]


class PersonalBook(Protocol):
    """Everything that is held about one author."""

    def contents(self, author_key: str) -> list[str]:
        """Keys of everything the author said, also under the keys before and after a rotation."""
        ...

    def hold(self, author_key: str) -> None:
        """Lock the requests about the author until the transaction ends."""
        ...

    def unsent(self, author_key: str) -> int:
        """How many records about the author still wait to be published."""
        ...

    def erase(self, author_key: str) -> Erased:
        """Remove the author's content and observations; blank what has to stay."""
        ...

    def held(self, author_key: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Every row about the author, per table, as JSON can say it."""
        ...


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


@dataclass(frozen=True, slots=True)
class SuspensionRow:
    """One suspension, in force until it is lifted."""

    scope: Scope
    why: str
    suspended_at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None


class SuspensionBook(Protocol):
    """Who answers for which request, and what is suspended."""

    def answers_for(self, referral_id: UUID, scopes: Collection[Scope]) -> None:
        """Store who answers for a request."""
        ...

    def scopes_of(self, referral_id: UUID) -> list[Scope]:
        """Who answers for a request."""
        ...

    def tally(self, scope: Scope, since: datetime) -> Tally:
        """How the answers to requests of a scope fell out; each request counts once per verdict."""
        ...

    def get(self, scope: Scope) -> SuspensionRow | None:
        """The suspension of a scope, lifted or not."""
        ...

    def put(self, row: SuspensionRow) -> None:
        """Insert or replace."""
        ...

    def every(self, kind: ScopeKind | None = None) -> list[SuspensionRow]:
        """All of them, the latest first."""
        ...


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

    def notice(self, reviewer: str, referral_id: UUID) -> tuple[Exercise, Referral] | None:
        """A notice that an exercise of this person seems to have made."""
        ...

    def expired_leases(self, now: datetime, limit: int) -> list[UUID]:
        """Those whose lease has run out."""
        ...

    def pairs(self, since: datetime) -> list[Pair]:
        """What was expected and what was said, of those decided since."""
        ...

    def tally(self, since: datetime) -> Agreements:
        """The same, counted."""
        ...


class ReportBook(Protocol):
    """What a transparency report counts."""

    def size(self, start: datetime, end: datetime) -> int:
        """How many requests were issued in the period."""
        ...

    def asked(self, start: datetime, end: datetime) -> Iterator[Asked]:
        """Requests issued in the period."""
        ...

    def answers(self, start: datetime, end: datetime, until: datetime) -> Iterator[Answer]:
        """All that was reported about requests of the period, up to `until`."""
        ...

    def said(self, start: datetime, end: datetime) -> Iterator[Said]:
        """Decisions of the period."""
        ...
