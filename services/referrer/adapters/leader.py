"""Several referrers over one database come in; one of them leads, and when it is gone another one does."""

import fcntl
import os
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.referrer.adapters.engine import postgres_arguments

LOCK = 0x48554202


class LeaderLock(Protocol):
    """The right to publish the outbox, held by one process at a time. Blocking."""

    def held(self) -> bool:
        """Whether this process leads now; tries to, where nobody does."""
        ...

    def release(self) -> None:
        """Let another one lead."""
        ...


class PostgresLeader:
    """An advisory lock of a session of its own: the server frees it when that session ends, however it ends."""

    def __init__(self, url: sa.URL) -> None:
        # A pool would hand the connection to others, and the lock with it.
        self._engine = sa.create_engine(
            url,
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=postgres_arguments(url, "hub-referrer-leader"),
        )
        self._connection: sa.Connection | None = None

    def held(self) -> bool:
        """Ask over the session that has, or shall have, the lock."""
        try:
            if self._connection is not None:
                self._connection.execute(sa.select(1))
                return True
            connection = self._engine.connect()
            if connection.execute(sa.select(sa.func.pg_try_advisory_lock(LOCK))).scalar_one():
                self._connection = connection
                return True
            connection.close()
        except SQLAlchemyError:
            # The session is gone, and the lock with it.
            self.release()
        return False

    def release(self) -> None:
        """End the session."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


class FileLeader:
    """A lock on a file beside the embedded database; the kernel frees it when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".leader")
        self._file: int | None = None

    def held(self) -> bool:
        """Try to lock, once and for all."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Unlock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def leader_lock(engine: sa.Engine) -> LeaderLock:
    """The lock that fits the database."""
    if engine.dialect.name == "postgresql":
        return PostgresLeader(engine.url)
    return FileLeader(Path(engine.url.database or ""))
