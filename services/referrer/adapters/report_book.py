"""What a transparency report counts, read from the database in pieces."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from schemas.outcome import TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import ReferralStatus
from services.referrer.adapters.tables import cases, decisions, outcomes, referrals
from services.referrer.lifecycle import ReferralEvent
from services.referrer.transparency import FOLLOW_UPS, Answer, Asked, Said, answer_of, asked_of
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
        ended = self._ended(start)
        columns = (referrals.c.body, referrals.c.platform, referrals.c.status)
        statement = sa.select(*columns).where(_within(referrals.c.issued_at, start, end))
        for row in self._pieces(statement.order_by(referrals.c.issued_at)):
            request = decode(TakedownRequested, row.body)
            yield asked_of(request, row.platform, ReferralStatus(row.status), ended.get(request.referral_id))

    def _ended(self, start: datetime) -> dict[UUID, datetime]:
        """When which request was withdrawn or corrected: the record that did so names it, and may lie after the period."""
        kinds = [kind.value for kind in FOLLOW_UPS]
        statement = sa.select(referrals.c.body).where(referrals.c.kind.in_(kinds), referrals.c.issued_at >= start)
        found: dict[UUID, datetime] = {}
        for row in self._pieces(statement):
            record = decode(TakedownRequested, row.body)
            of = record.relates_to.withdraws or record.relates_to.supersedes
            if of is not None:
                found[of] = record.issued_at
        return found

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
