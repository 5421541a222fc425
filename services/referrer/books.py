"""Work on the database comes in; all of it happens in one transaction over all books, or nothing of it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from services.referrer.case_ports import BoardBook, Cases, Looks, Words
from services.referrer.deadline_ports import DeadlineBook
from services.referrer.exercise_ports import ExerciseBook
from services.referrer.intake_ports import Inbox, Sightings
from services.referrer.ledger_ports import LedgerBook
from services.referrer.memory_ports import Memory
from services.referrer.overview_ports import OverviewBook
from services.referrer.people_ports import People, Sessions
from services.referrer.referral_ports import Outbox, Referrals
from services.referrer.report_ports import ReportBook
from services.referrer.retention_ports import Chores, PersonalBook, RetentionBook
from services.referrer.suspension_ports import SuspensionBook

T = TypeVar("T")


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
