"""One connection in one transaction comes in; every book of the referrer over it goes out."""

from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from services.referrer.adapters.board_book import BoardBook
from services.referrer.adapters.case_book import CaseBook
from services.referrer.adapters.exercise_book import ExerciseBook
from services.referrer.adapters.intake_book import InboxBook, SightingBook
from services.referrer.adapters.ledger_book import SqlLedger
from services.referrer.adapters.look_book import LookBook
from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.adapters.oversight_book import DeadlineBook, SuspensionBook
from services.referrer.adapters.overview_book import OverviewBook
from services.referrer.adapters.people_book import PeopleBook
from services.referrer.adapters.personal_book import PersonalBook
from services.referrer.adapters.referral_book import OutboxBook, ReferralBook
from services.referrer.adapters.report_book import ReportBook
from services.referrer.adapters.retention_book import ChoreBook, RetentionBook
from services.referrer.adapters.session_book import SessionBook
from services.referrer.adapters.word_book import WordBook
from services.referrer.policy import ContextPolicy


@dataclass(frozen=True)
class SqlBooks:
    """All books over one connection in one transaction."""

    connection: sa.Connection
    policy: ContextPolicy

    @cached_property
    def looks(self) -> LookBook:
        """What each person last saw."""
        return LookBook(self.connection)

    @cached_property
    def boards(self) -> BoardBook:
        """What stands on boards."""
        return BoardBook(self.connection)

    @cached_property
    def memory(self) -> MemoryBook:
        """What is remembered for context."""
        return MemoryBook(self.connection, self.policy)

    @cached_property
    def inbox(self) -> InboxBook:
        """Which records were taken in."""
        return InboxBook(self.connection)

    @cached_property
    def sightings(self) -> SightingBook:
        """Ranked observations."""
        return SightingBook(self.connection)

    @cached_property
    def cases(self) -> CaseBook:
        """Cases and decisions."""
        return CaseBook(self.connection)

    @cached_property
    def referrals(self) -> ReferralBook:
        """Requests and outcomes."""
        return ReferralBook(self.connection)

    @cached_property
    def outbox(self) -> OutboxBook:
        """What waits to be published."""
        return OutboxBook(self.connection)

    @cached_property
    def ledger(self) -> SqlLedger:
        """The append-only record."""
        return SqlLedger(self.connection)

    @cached_property
    def people(self) -> PeopleBook:
        """Who may do what."""
        return PeopleBook(self.connection)

    @cached_property
    def overview(self) -> OverviewBook:
        """Counts over everything."""
        return OverviewBook(self.connection)

    @cached_property
    def words(self) -> WordBook:
        """By which words cases are found."""
        return WordBook(self.connection)

    @cached_property
    def sessions(self) -> SessionBook:
        """Who is signed in."""
        return SessionBook(self.connection)

    @cached_property
    def retention(self) -> RetentionBook:
        """What is too old."""
        return RetentionBook(self.connection)

    @cached_property
    def chores(self) -> ChoreBook:
        """When daily work was done."""
        return ChoreBook(self.connection)

    @cached_property
    def personal(self) -> PersonalBook:
        """Everything held about one author."""
        return PersonalBook(self.connection)

    @cached_property
    def deadlines(self) -> DeadlineBook:
        """What falls due when."""
        return DeadlineBook(self.connection)

    @cached_property
    def suspensions(self) -> SuspensionBook:
        """Who answers for what, and what is suspended."""
        return SuspensionBook(self.connection)

    @cached_property
    def report(self) -> ReportBook:
        """What a transparency report counts."""
        return ReportBook(self.connection)

    @cached_property
    def exercises(self) -> ExerciseBook:
        """Golden cases and blind second reviews."""
        return ExerciseBook(self.connection)
