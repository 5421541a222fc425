"""Deadlines and suspensions in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.referrer.adapters.bulk import upsert
from services.referrer.adapters.oversight_tables import answerable, deadlines, suspensions
from services.referrer.adapters.sql import record_of
from services.referrer.adapters.tables import outcomes, referrals
from services.referrer.deadline_ports import Deadline
from services.referrer.falling_due import WAITING, StepKind
from services.referrer.outcomes import Verdict
from services.referrer.records import Referral
from services.referrer.suspension import Scope, ScopeKind, Tally
from services.referrer.suspension_ports import SuspensionRow


class DeadlineBook:
    """Deadlines over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def due(self, now: datetime, limit: int) -> list[UUID]:
        """Requests that something falls due for."""
        statement = sa.select(deadlines.c.referral_id).where(deadlines.c.next_at <= now)
        return list(self._connection.execute(statement.order_by(deadlines.c.next_at).limit(limit)).scalars())

    def locked(self, referral_id: UUID) -> Deadline | None:
        """One of them, locked until the transaction ends."""
        row = (
            self._connection.execute(
                sa.select(referrals, deadlines.c.taken)
                .join(deadlines, deadlines.c.referral_id == referrals.c.referral_id)
                .where(referrals.c.referral_id == referral_id)
                .with_for_update()
            )
            .mappings()
            .one_or_none()
        )
        return Deadline(record_of(Referral, row), _steps(row["taken"])) if row is not None else None

    def set(self, referral_id: UUID, taken: Collection[StepKind], next_at: datetime | None) -> None:
        """What was taken, and when to look again."""
        words = " ".join(step.value for step in StepKind if step in taken)
        upsert(self._connection, deadlines, [{"referral_id": referral_id, "taken": words, "next_at": next_at}])

    def next_due(self) -> Mapping[str, datetime]:
        """Per platform, the earliest deadline of a request that waits."""
        earliest = sa.func.min(referrals.c.due_at, type_=referrals.c.due_at.type)
        waiting = referrals.c.status.in_([status.value for status in WAITING])
        rows = self._connection.execute(
            sa.select(referrals.c.platform, earliest)
            .where(waiting, referrals.c.due_at.is_not(None))
            .group_by(referrals.c.platform)
        )
        return {row[0]: row[1] for row in rows}


def _steps(words: str) -> frozenset[StepKind]:
    return frozenset(StepKind(word) for word in words.split())


class SuspensionBook:
    """Suspensions, and who answers for which request, over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def answers_for(self, referral_id: UUID, scopes: Collection[Scope]) -> None:
        """Store who answers for a request."""
        rows = [{"scope_kind": s.kind.value, "scope_name": s.name, "referral_id": referral_id} for s in set(scopes)]
        if rows:
            self._connection.execute(sa.insert(answerable), rows)

    def scopes_of(self, referral_id: UUID) -> list[Scope]:
        """Who answers for a request."""
        rows = self._connection.execute(
            sa.select(answerable.c.scope_kind, answerable.c.scope_name)
            .where(answerable.c.referral_id == referral_id)
            .order_by(answerable.c.scope_kind, answerable.c.scope_name)
        )
        return [Scope(ScopeKind(kind), name) for kind, name in rows]

    def tally(self, scope: Scope, since: datetime) -> Tally:
        """How the answers to requests of a scope fell out; each request counts once per verdict, and tests do not."""
        rows = self._connection.execute(
            sa.select(outcomes.c.verdict, sa.func.count(sa.distinct(outcomes.c.referral_id)))
            .join(answerable, answerable.c.referral_id == outcomes.c.referral_id)
            .join(referrals, referrals.c.referral_id == outcomes.c.referral_id)
            .where(_is(answerable, scope), outcomes.c.recorded_at >= since, ~referrals.c.test)
            .group_by(outcomes.c.verdict)
        )
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        counted = (found.get(each.value, 0) for each in (Verdict.ACCEPTED, Verdict.REFUSED, Verdict.REVERSED))
        return Tally(*counted)

    def get(self, scope: Scope) -> SuspensionRow | None:
        """The suspension of a scope, lifted or not."""
        row = self._connection.execute(sa.select(suspensions).where(_is(suspensions, scope))).mappings().one_or_none()
        return _row(row) if row is not None else None

    def put(self, row: SuspensionRow) -> None:
        """Insert or replace."""
        values = {
            "scope_kind": row.scope.kind.value,
            "scope_name": row.scope.name,
            "why": row.why,
            "suspended_at": row.suspended_at,
            "lifted_at": row.lifted_at,
            "lifted_by": row.lifted_by,
        }
        upsert(self._connection, suspensions, [values])

    def every(self, kind: ScopeKind | None = None) -> list[SuspensionRow]:
        """All of them, the latest first."""
        statement = sa.select(suspensions).order_by(suspensions.c.suspended_at.desc(), suspensions.c.scope_name)
        if kind is not None:
            statement = statement.where(suspensions.c.scope_kind == kind.value)
        return [_row(row) for row in self._connection.execute(statement).mappings()]


def _is(table: sa.Table, scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.scope_kind == scope.kind.value, table.c.scope_name == scope.name)


def _row(row: sa.RowMapping) -> SuspensionRow:
    scope = Scope(ScopeKind(row["scope_kind"]), row["scope_name"])
    return SuspensionRow(scope, row["why"], row["suspended_at"], row["lifted_at"], row["lifted_by"])
