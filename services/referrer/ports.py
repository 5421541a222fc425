"""What the referrer asks of its database, in its own words: one small port per book, all of one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from services.referrer.changes import Look
from services.referrer.checkpoints import Checkpoint
from services.referrer.deadline_ports import DeadlineBook
from services.referrer.exercise_ports import ExerciseBook
from services.referrer.ledger import Entry, Happened
from services.referrer.overview_ports import OverviewBook
from services.referrer.recall import Memory
from services.referrer.records import (
    Case,
    Connector,
    DecisionRow,
    Found,
    InboxMark,
    Location,
    OutcomeRow,
    Person,
    QueueFilter,
    QueueKey,
    Referral,
    SessionRow,
    Sighting,
    SignInFailures,
    Waiting,
    WordsOf,
)
from services.referrer.report_ports import ReportBook
from services.referrer.retention_ports import Chores, PersonalBook, RetentionBook
from services.referrer.suspension_ports import SuspensionBook
from services.runtime.envelope import Outgoing, Source

T = TypeVar("T")


class Inbox(Protocol):
    """Which records were taken in."""

    def seen(self, sources: Collection[Source]) -> set[Source]:
        """Those of them that have an ending."""
        ...

    def mark(self, marks: Sequence[InboxMark]) -> None:
        """Note endings."""
        ...


class Sightings(Protocol):
    """Ranked observations as they were taken in."""

    def known(self, observation_ids: Collection[str]) -> dict[str, bool]:
        """Those already stored, and whether their score was degraded."""
        ...

    def put(self, sightings: Sequence[tuple[Sighting, bytes]]) -> None:
        """Store observations with their records; a stored one of the same id is replaced."""
        ...

    def of(self, content_keys: Collection[str]) -> Mapping[str, Sequence[Sighting]]:
        """All observations of these contents."""
        ...

    def record(self, observation_id: str) -> bytes | None:
        """The whole ContentRanked of one observation, as it came."""
        ...

    def records(self, observation_ids: Collection[str]) -> Mapping[str, bytes]:
        """The same of many; those whose content is gone are left out."""
        ...


class Cases(Protocol):
    """Cases, their locations and what people decided of them. Whoever may change a case gets it locked."""

    def locked(self, case_id: UUID) -> Case | None:
        """One case, locked until the transaction ends."""
        ...

    def by_content(self, content_keys: Collection[str]) -> dict[str, Case]:
        """The cases that these contents belong to, locked, by content key."""
        ...

    def get(self, case_id: UUID) -> Case | None:
        """One case, to look at."""
        ...

    def put(self, cases: Sequence[Case]) -> None:
        """Insert or replace."""
        ...

    def put_locations(self, locations: Sequence[Location]) -> None:
        """Insert or replace."""
        ...

    def drop_locations(self, content_keys: Collection[str]) -> None:
        """Take contents from the cases in which they no longer stand."""
        ...

    def locations(self, case_id: UUID) -> list[Location]:
        """Where the content was seen, first seen first."""
        ...

    def addresses(self, case_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """At how many addresses each case's content was seen."""
        ...

    def queue(self, wanted: QueueFilter, after: QueueKey | None, limit: int) -> list[Case]:
        """Cases in order of band, risk, age."""
        ...

    def waiting(self) -> list[Waiting]:
        """How much waits for a person, per band."""
        ...

    def expired_leases(self, now: datetime, limit: int) -> list[UUID]:
        """Cases whose lease has run out."""
        ...

    def add_decision(self, decision: DecisionRow, urls: Mapping[str, str]) -> None:
        """Store a decision and the addresses (by content key) that it names."""
        ...

    def decisions(self, case_id: UUID) -> list[DecisionRow]:
        """What people decided, oldest first."""
        ...

    def decisions_among(self, case_ids: Collection[UUID]) -> Mapping[UUID, Sequence[DecisionRow]]:
        """The same of many cases; those that nobody decided are left out."""
        ...


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

    def has_outcome(self, platform: str, outcome_id: str) -> bool:
        """Whether this report was taken in before."""
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


class LedgerBook(Protocol):
    """The append-only record."""

    def append(self, happened: Sequence[Happened]) -> None:
        """Chain events to the end; appends of all writers follow one another."""
        ...

    def entries(self, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """Entries in order."""
        ...

    def last(self) -> Entry | None:
        """The newest entry."""
        ...

    def rules(self) -> frozenset[tuple[str, str]]:
        """Names and digests of all rules that were ledgered; nobody else can add to them until the transaction ends."""
        ...

    def checkpoints(self) -> list[Checkpoint]:
        """All signed checkpoints, in order."""
        ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep a signed checkpoint; of the same head only the first."""
        ...


class People(Protocol):
    """Who may do what."""

    def by_token(self, token_id: str) -> Person | None:
        """Whose token this is."""
        ...

    def by_pseudonym(self, pseudonym: str) -> Person | None:
        """One person."""
        ...

    def everybody(self) -> list[Person]:
        """All people, revoked ones too."""
        ...

    def put(self, person: Person) -> None:
        """Insert or replace."""
        ...

    def connector_by_token(self, token_id: str) -> Connector | None:
        """Which platform's system this token belongs to."""
        ...

    def connectors(self) -> list[Connector]:
        """All of them, revoked ones too."""
        ...

    def put_connector(self, connector: Connector) -> None:
        """Insert or replace."""
        ...


class Sessions(Protocol):
    """Who is signed in to the console, and by what password; of secrets only hashes."""

    def password(self, pseudonym: str) -> str | None:
        """The hash of a person's password."""
        ...

    def put_password(self, pseudonym: str, digest: str, at: datetime) -> None:
        """Insert or replace."""
        ...

    def linked(self, identity_sha256: str) -> str | None:
        """Whose account elsewhere this is."""
        ...

    def is_linked(self, pseudonym: str) -> bool:
        """Whether a person has an account elsewhere."""
        ...

    def link(self, identity_sha256: str, pseudonym: str, at: datetime) -> None:
        """Tie a person to an account elsewhere."""
        ...

    def unlink(self, pseudonym: str) -> bool:
        """Untie a person from the account elsewhere; False where there was none."""
        ...

    def get(self, session_sha256: str) -> SessionRow | None:
        """One session."""
        ...

    def begin(self, row: SessionRow) -> None:
        """Store a new session."""
        ...

    def seen(self, session_sha256: str, at: datetime) -> None:
        """Note a request."""
        ...

    def end(self, session_sha256: str) -> None:
        """Forget one session."""
        ...

    def end_all(self, pseudonym: str) -> None:
        """Forget all sessions of a person."""
        ...

    def end_before(self, at: datetime) -> None:
        """Forget what ended by itself."""
        ...

    def failures(self, name: str) -> SignInFailures | None:
        """How often a name failed in a row."""
        ...

    def put_failures(self, failed: SignInFailures) -> None:
        """Insert or replace."""
        ...

    def forget_failures(self, name: str) -> None:
        """Somebody signed in."""
        ...

    def forget_failures_before(self, at: datetime) -> None:
        """Forget what no longer counts."""
        ...


class Words(Protocol):
    """The words by which cases are found."""

    def put(self, entries: Sequence[WordsOf]) -> None:
        """Store the words of contents in place of those that were stored of them."""
        ...

    def find(self, words: Sequence[str], limit: int, looked_at: int) -> Found:
        """Cases of contents that have all the words, among the newest `looked_at` that have the rarest one."""
        ...

    def put_exercise(self, case_id: UUID, entry: WordsOf) -> None:
        """Store the words of an exercise."""
        ...

    def find_exercises(self, words: Sequence[str], looked_at: int) -> list[UUID]:
        """Exercises, whoever they are for, that have all the words, the newest first."""
        ...


class BoardBook(Protocol):
    """What stands on boards."""

    def riskiest(self, since: datetime, until: datetime, size: int) -> list[Case]:
        """Cases said after `since` and not after `until` that are among the `size` riskiest of their platform."""
        ...


class Looks(Protocol):
    """What each person last saw of each case."""

    def last(self, case_id: UUID, person: str) -> Look | None:
        """What the person saw when looking last."""
        ...

    def put(self, case_id: UUID, person: str, look: Look) -> None:
        """What the person sees now."""
        ...


class Books(Protocol):
    """Everything of one transaction: all of it happens, or nothing."""

    @property
    def inbox(self) -> Inbox:
        """Which records were taken in."""
        ...

    @property
    def sightings(self) -> Sightings:
        """Ranked observations."""
        ...

    @property
    def looks(self) -> Looks:
        """What each person last saw."""
        ...

    @property
    def boards(self) -> BoardBook:
        """What stands on boards."""
        ...

    @property
    def memory(self) -> Memory:
        """What is remembered for context."""
        ...

    @property
    def cases(self) -> Cases:
        """Cases and decisions."""
        ...

    @property
    def referrals(self) -> Referrals:
        """Requests and outcomes."""
        ...

    @property
    def outbox(self) -> Outbox:
        """What waits to be published."""
        ...

    @property
    def ledger(self) -> LedgerBook:
        """The append-only record."""
        ...

    @property
    def people(self) -> People:
        """Who may do what."""
        ...

    @property
    def overview(self) -> OverviewBook:
        """Counts over everything."""
        ...

    @property
    def words(self) -> Words:
        """By which words cases are found."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        ...

    @property
    def retention(self) -> RetentionBook:
        """What is too old."""
        ...

    @property
    def chores(self) -> Chores:
        """When daily work was done."""
        ...

    @property
    def personal(self) -> PersonalBook:
        """Everything held about one author."""
        ...

    @property
    def deadlines(self) -> DeadlineBook:
        """What falls due when."""
        ...

    @property
    def suspensions(self) -> SuspensionBook:
        """Who answers for what, and what is suspended."""
        ...

    @property
    def report(self) -> ReportBook:
        """What a transparency report counts."""
        ...

    @property
    def exercises(self) -> ExerciseBook:
        """Golden cases and blind second reviews."""
        ...


class Database(Protocol):
    """Runs work in one transaction. Raises Retryable when the database is locked, full or gone; the work then left no trace."""

    def write(self, work: Callable[[Books], T]) -> T:
        """Run work that may change something; it commits when the work returns."""
        ...

    def read(self, work: Callable[[Books], T]) -> T:
        """Run work that only looks."""
        ...
