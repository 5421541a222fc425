"""A database address comes in; an engine with the settings that the guarantees rest on goes out, and what its faults mean."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.runtime.errors import Fatal

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


def kind_of(why: SQLAlchemyError) -> str:
    """The driver's word for it, without the statement and its values."""
    original = why.orig if isinstance(why, DBAPIError) else None
    if isinstance(original, sqlite3.Error):
        return str(original)
    return type(original or why).__name__
