"""What a transparency report counts, read from the database in pieces."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from schemas.outcome import TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import ReferralStatus
from services.referrer.adapters.tables import cases, decisions, outcomes, referrals
from services.referrer.lifecycle import ReferralEvent
from services.referrer.transparency import Answer, Asked, Said, answer_of, asked_of
from services.runtime.codec import decode

PIECE = 500


class ReportBook:
    """Facts of a period over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def size(self, start: datetime, end: datetime) -> int:
        """How many requests were issued in the period: what a progress bar counts to."""
        within = _within(referrals.c.issued_at, start, end)
        return self._connection.execute(sa.select(sa.func.count()).where(within)).scalar_one()

    def asked(self, start: datetime, end: datetime) -> Iterator[Asked]:
        """Requests issued in the period, with where they stand now."""
        columns = (referrals.c.body, referrals.c.platform, referrals.c.status)
        statement = sa.select(*columns).where(_within(referrals.c.issued_at, start, end))
        for row in self._pieces(statement.order_by(referrals.c.issued_at)):
            yield asked_of(decode(TakedownRequested, row.body), row.platform, ReferralStatus(row.status))

    def answers(self, start: datetime, end: datetime, until: datetime) -> Iterator[Answer]:
        """All that was reported about requests of the period, up to `until`."""
        statement = (
            sa.select(outcomes.c.body, outcomes.c.event)
            .join(referrals, referrals.c.referral_id == outcomes.c.referral_id)
            .where(_within(referrals.c.issued_at, start, end), outcomes.c.recorded_at <= until)
            .order_by(outcomes.c.recorded_at)
        )
        for row in self._pieces(statement):
            yield answer_of(decode(TakedownOutcome, row.body), ReferralEvent(row.event))

    def said(self, start: datetime, end: datetime) -> Iterator[Said]:
        """Decisions of the period."""
        columns = [decisions.c[name] for name in ("decision_id", "decision", "reason_code", "decided_at")]
        statement = (
            sa.select(*columns, cases.c.test)
            .join(cases, cases.c.case_id == decisions.c.case_id)
            .where(_within(decisions.c.decided_at, start, end))
            .order_by(decisions.c.decided_at)
        )
        for row in self._pieces(statement):
            yield Said(row.decision_id, row.decision, row.reason_code, row.decided_at, row.test)

    def _pieces(self, statement: sa.Select[Any]) -> sa.Result[Any]:
        """Rows that are fetched as they are asked for, so that a year does not have to fit into memory."""
        return self._connection.execute(statement.execution_options(yield_per=PIECE))


def _within(column: sa.Column[datetime], start: datetime, end: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(column >= start, column < end)
