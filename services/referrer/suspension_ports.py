"""What suspending asks of the database: who answers for which request, how the answers fell out, and what is suspended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.referrer.suspension import Scope, ScopeKind, Tally


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
