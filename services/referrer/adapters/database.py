"""A database address comes in; transactions go out that happen whole or not at all, on SQLite and on PostgreSQL alike."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

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
from services.referrer.books import Books
from services.referrer.policy import ContextPolicy, load_policy
from services.runtime.errors import Fatal, Retryable

T = TypeVar("T")
BUSY_MS = 5_000
# Longer than any work of ours holds a lock; whoever waits longer waits for somebody who is gone, and holds up others meanwhile.
LOCKED_MS = 30_000
POOL = 8
# A machine that is cut off is noticed within ten seconds: here, where somebody waits for an answer, and at the server, which would
# keep what the other one locked, and its lead, for two hours.
ALIVE = {
    "keepalives": 1,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
SERVER_ALIVE = "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
# A batch touches thousands of pages, most of them again in the next one: the journal takes two or three batches before they are
# written to their places.
JOURNAL_PAGES = 32_000
# What is removed is overwritten at once: a free page keeps nothing of anybody, and no erasure has to write gigabytes anew.
PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
    f"wal_autocheckpoint={JOURNAL_PAGES}", f"busy_timeout={BUSY_MS}",
)  # fmt: skip
# What the server says when it goes down, is full, or two transactions stood in one another's way: the same work may succeed later.
PASSING = (OperationalError, InterfaceError, InternalError, PoolTimeout)


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


class SqlDatabase:
    """The database of one process. Blocking: asynchronous callers use a thread."""

    def __init__(self, url: str, policy: ContextPolicy | None = None) -> None:
        self.engine = make_engine(url)
        self._policy = policy or load_policy()
        # SQLite shows a look that lasts one state of things by itself; PostgreSQL does so where it is asked to.
        still = {} if self._sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reads = self.engine.execution_options(hub_reads=True, **still)

    def write(self, work: Callable[[Books], T]) -> T:
        """One transaction that may change something. Raises Retryable: then nothing of it happened."""
        return self._run(self.engine, work)

    def read(self, work: Callable[[Books], T]) -> T:
        """One transaction that only looks, at one state of things however long it takes; on SQLite it does not wait for writers."""
        return self._run(self._reads, work)

    def _run(self, engine: sa.Engine, work: Callable[[Books], T]) -> T:
        try:
            with engine.connect() as connection, connection.begin():
                return work(SqlBooks(connection, self._policy))
        except PASSING as why:
            raise Retryable(f"the database does not answer: {_kind(why)}") from why

    def settle(self) -> None:
        """After an erasure: nothing of it stays in the files, whatever their size. Raises Retryable while others keep them busy.

        SQLite overwrites what is removed as it removes it, so only the journal is emptied; PostgreSQL cleans the pages that changed.
        """
        self._alone(*(("PRAGMA wal_checkpoint(TRUNCATE)",) if self._sqlite else ("VACUUM",)))

    def compact(self) -> None:
        """Give back the room that removed records took, on PostgreSQL for reuse. Raises Retryable while others keep it busy."""
        self._alone(*(("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)") if self._sqlite else ("VACUUM",)))

    @property
    def _sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def _alone(self, *statements: str) -> None:
        # Neither database can do this inside a transaction.
        alone = {"hub_alone": True} if self._sqlite else {"isolation_level": "AUTOCOMMIT"}
        try:
            with self.engine.execution_options(**alone).connect() as connection:
                found = [connection.exec_driver_sql(statement) for statement in statements][-1]
                if self._sqlite and found.one()[0]:
                    raise Retryable("others read the database; its journal still holds old pages")
        except PASSING as why:
            raise Retryable(f"the database does not answer: {_kind(why)}") from why

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def fault_of(why: DatabaseError) -> str:
    """What a database that is away, or none, says of it: its first line, which holds no values. Raises `why` where the mistake is ours."""
    # SQLite says with the plain class that a file is no database. The other classes are mistakes of ours: their trace is needed.
    if not isinstance(why, OperationalError) and type(why) is not DatabaseError:
        raise why
    said = str(why.orig).strip().splitlines()
    return f"the database: {said[0] if said else 'no answer'}"


@contextmanager
def opening() -> Iterator[None]:
    """Around the first words with a database. Raises Fatal with its answer where it is away, or none."""
    try:
        yield
    except DatabaseError as why:
        raise Fatal(fault_of(why)) from why


def _kind(why: SQLAlchemyError) -> str:
    """The driver's word for it, without the statement and its values."""
    original = why.orig if isinstance(why, DBAPIError) else None
    if isinstance(original, sqlite3.Error):
        return str(original)
    return type(original or why).__name__


def make_engine(url: str) -> sa.Engine:
    """An engine with the settings that the guarantees rest on. Raises Fatal for an address of another database."""
    try:
        address = sa.make_url(url)
    except SQLAlchemyError as why:
        raise Fatal("REFERRER_DATABASE_URL is no database address") from why
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    if address.get_backend_name() == "postgresql":
        return sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=POOL,
            max_overflow=0,
            pool_timeout=BUSY_MS / 1000,
            pool_pre_ping=True,
            connect_args=postgres_arguments(address, "hub-referrer"),
        )
    raise Fatal(f"REFERRER_DATABASE_URL names {address.get_backend_name()}; sqlite and postgresql are possible")


def postgres_arguments(address: sa.URL, name: str) -> dict[str, Any]:
    """How every session with PostgreSQL begins; what the address says itself comes last, and holds."""
    asked = {"connect_timeout": 5, **ALIVE}
    options = f"{SERVER_ALIVE} -c lock_timeout={LOCKED_MS} {address.query.get('options', '')}".strip()
    unsaid = {word: value for word, value in asked.items() if word not in address.query}
    return {**unsaid, "application_name": name, "options": options}


def _sqlite(address: sa.URL) -> sa.Engine:
    if not address.database or address.database == ":memory:":
        raise Fatal("REFERRER_DATABASE_URL must name a file: what lies in memory is lost with the process")
    folder = Path(address.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise Fatal(f"REFERRER_DATABASE_URL names a file in {folder}, which cannot be made: {why.strerror}") from why
    engine = sa.create_engine(
        address, pool_size=POOL, max_overflow=0, pool_timeout=BUSY_MS / 1000, connect_args={"timeout": BUSY_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # The driver's own implicit BEGIN would start a transaction that has to be upgraded, which may fail half way.
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if options.get("hub_alone", False):
            return
        reads = options.get("hub_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
