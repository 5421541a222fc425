"""A database address comes in; transactions go out that happen whole or not at all, on SQLite and on PostgreSQL alike."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from services.referrer.adapters.engine import PASSING, kind_of, make_engine
from services.referrer.adapters.sql_books import SqlBooks
from services.referrer.books import Books
from services.referrer.policy import ContextPolicy, load_policy
from services.runtime.errors import Retryable

T = TypeVar("T")


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
            raise Retryable(f"the database does not answer: {kind_of(why)}") from why

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
            raise Retryable(f"the database does not answer: {kind_of(why)}") from why

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
