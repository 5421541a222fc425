"""What letting people in asks of the database: who they and the platforms' systems are, and who is signed in by what."""

from datetime import datetime
from typing import Protocol

from services.referrer.records import Connector, Person, SessionRow, SignInFailures


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

    def end_password(self, pseudonym: str) -> None:
        """Forget the password of a person."""
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

    def count_failure(self, name: str, at: datetime, forgotten: datetime) -> None:
        """One more failure of a name, the first where the last one lies at or before `forgotten`. Each counts, however many at once."""
        ...

    def forget_failures(self, name: str) -> None:
        """Somebody signed in."""
        ...

    def forget_failures_before(self, at: datetime) -> None:
        """Forget what no longer counts."""
        ...
