"""Passwords, sessions and failed sign-ins in the database; of secrets only hashes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from services.referrer.adapters.bulk import upsert
from services.referrer.adapters.console_tables import identities, passwords, sessions, sign_in_failures
from services.referrer.adapters.sql import record_of, values_of
from services.referrer.records import SessionRow, SignInFailures


class SessionBook:
    """Sessions over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def password(self, pseudonym: str) -> str | None:
        """The hash of a person's password."""
        statement = sa.select(passwords.c.hash).where(passwords.c.pseudonym == pseudonym)
        found: str | None = self._connection.execute(statement).scalar_one_or_none()
        return found

    def put_password(self, pseudonym: str, digest: str, at: datetime) -> None:
        """Insert or replace."""
        upsert(self._connection, passwords, [{"pseudonym": pseudonym, "hash": digest, "changed_at": at}])

    def linked(self, identity_sha256: str) -> str | None:
        """Whose account elsewhere this is."""
        statement = sa.select(identities.c.pseudonym).where(identities.c.identity_sha256 == identity_sha256)
        found: str | None = self._connection.execute(statement).scalar_one_or_none()
        return found

    def is_linked(self, pseudonym: str) -> bool:
        """Whether a person has an account elsewhere."""
        statement = sa.select(identities.c.pseudonym).where(identities.c.pseudonym == pseudonym)
        return self._connection.execute(statement).first() is not None

    def link(self, identity_sha256: str, pseudonym: str, at: datetime) -> None:
        """Tie a person to an account elsewhere."""
        row = {"identity_sha256": identity_sha256, "pseudonym": pseudonym, "linked_at": at}
        self._connection.execute(sa.insert(identities), row)

    def unlink(self, pseudonym: str) -> bool:
        """Untie a person from the account elsewhere; False where there was none."""
        done = self._connection.execute(sa.delete(identities).where(identities.c.pseudonym == pseudonym))
        return done.rowcount > 0

    def get(self, session_sha256: str) -> SessionRow | None:
        """One session."""
        statement = sa.select(sessions).where(sessions.c.session_sha256 == session_sha256)
        row = self._connection.execute(statement).mappings().one_or_none()
        return record_of(SessionRow, row) if row is not None else None

    def begin(self, row: SessionRow) -> None:
        """Store a new session."""
        self._connection.execute(sa.insert(sessions), values_of(row))

    def seen(self, session_sha256: str, at: datetime) -> None:
        """Note a request."""
        self._connection.execute(
            sa.update(sessions).where(sessions.c.session_sha256 == session_sha256).values(seen_at=at)
        )

    def end(self, session_sha256: str) -> None:
        """Forget one session."""
        self._connection.execute(sa.delete(sessions).where(sessions.c.session_sha256 == session_sha256))

    def end_password(self, pseudonym: str) -> None:
        """Forget the password of a person."""
        self._connection.execute(sa.delete(passwords).where(passwords.c.pseudonym == pseudonym))

    def end_all(self, pseudonym: str) -> None:
        """Forget all sessions of a person."""
        self._connection.execute(sa.delete(sessions).where(sessions.c.pseudonym == pseudonym))

    def end_before(self, at: datetime) -> None:
        """Forget what ended by itself."""
        self._connection.execute(sa.delete(sessions).where(sessions.c.ends_at <= at))

    def failures(self, name: str) -> SignInFailures | None:
        """How often a name failed in a row."""
        statement = sa.select(sign_in_failures).where(sign_in_failures.c.name == name)
        row = self._connection.execute(statement).mappings().one_or_none()
        return record_of(SignInFailures, row) if row is not None else None

    def count_failure(self, name: str, at: datetime, forgotten: datetime) -> None:
        """One more failure of a name, the first where the last one lies at or before `forgotten`. Each counts, however many at once."""
        make = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        before = sign_in_failures.c
        number = sa.case((before.failed_at <= forgotten, 1), else_=before.failures + 1)
        one = make(sign_in_failures).values(name=name, failures=1, failed_at=at)
        again = one.on_conflict_do_update(index_elements=[before.name], set_={"failures": number, "failed_at": at})
        self._connection.execute(again)

    def forget_failures(self, name: str) -> None:
        """Somebody signed in."""
        self._connection.execute(sa.delete(sign_in_failures).where(sign_in_failures.c.name == name))

    def forget_failures_before(self, at: datetime) -> None:
        """Forget what no longer counts."""
        self._connection.execute(sa.delete(sign_in_failures).where(sign_in_failures.c.failed_at <= at))
