"""Counts for leads, platforms and auditors, from the database's own indexes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from schemas.referral_vocabulary import ReferralStatus, RequestKind
from schemas.review import CaseState, Decision
from schemas.vocabulary import Band
from services.referrer.adapters.sql import by_key, record_of
from services.referrer.adapters.tables import cases, decisions, ledger, locations, outcomes, referrals
from services.referrer.falling_due import WAITING
from services.referrer.ledger import Entry, LedgerKind
from services.referrer.lifecycle import ReferralEvent
from services.referrer.outcomes import Verdict
from services.referrer.overview_ports import LedgerFilter, Load

UNDECIDED = (CaseState.OPEN, CaseState.LEASED, CaseState.ESCALATED, CaseState.DEFERRED)
K = TypeVar("K")


class OverviewBook:
    """Counts over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def load(self) -> Sequence[Load]:
        """Cases that are not decided, by state and band."""
        oldest = sa.func.min(cases.c.waiting_since, type_=cases.c.waiting_since.type)
        rows = self._connection.execute(
            sa.select(cases.c.state, cases.c.band, sa.func.count(), oldest)
            .where(cases.c.state.in_([state.value for state in UNDECIDED]), cases.c.band != Band.NONE.value)
            .group_by(cases.c.state, cases.c.band)
            .order_by(cases.c.band, cases.c.state)
        )
        return [Load(CaseState(state), Band(band), number, at) for state, band, number, at in rows]

    def holding(self) -> Mapping[str, int]:
        """How many cases each person holds now."""
        rows = self._connection.execute(
            sa.select(cases.c.lease_holder, sa.func.count())
            .where(cases.c.state == CaseState.LEASED.value, cases.c.lease_holder.is_not(None))
            .group_by(cases.c.lease_holder)
        )
        return {str(holder): number for holder, number in rows}

    def views(self, since: datetime) -> Mapping[str, int]:
        """How often each person looked at content: one stretch of an index that holds all that is asked for."""
        rows = self._connection.execute(
            sa.select(ledger.c.actor, sa.func.count())
            .where(ledger.c.kind == LedgerKind.VIEWED.value, ledger.c.at >= since)
            .group_by(ledger.c.actor)
        )
        return {str(actor): number for actor, number in rows}

    def decided(self, since: datetime) -> Mapping[str, Mapping[Decision, int]]:
        """What each person decided, counted."""
        rows = self._connection.execute(
            sa.select(decisions.c.reviewer, decisions.c.decision, sa.func.count())
            .where(decisions.c.decided_at >= since, decisions.c.decision.in_([each.value for each in Decision]))
            .group_by(decisions.c.reviewer, decisions.c.decision)
        )
        return _nested((reviewer, Decision(decision), number) for reviewer, decision, number in rows)

    def requests(self, since: datetime) -> Mapping[str, Mapping[ReferralStatus, int]]:
        """Requests issued since, per platform, by where they stand now; a withdrawal asks for nothing."""
        rows = self._connection.execute(
            sa.select(referrals.c.platform, referrals.c.status, sa.func.count())
            .where(referrals.c.issued_at >= since, referrals.c.kind != RequestKind.WITHDRAWAL.value)
            .group_by(referrals.c.platform, referrals.c.status)
        )
        return _nested((platform, ReferralStatus(status), number) for platform, status, number in rows)

    def verdicts(self, since: datetime) -> Mapping[str, Mapping[Verdict, int]]:
        """What platforms said of requests issued since; each request counts once per verdict, however often it was reported."""
        rows = self._connection.execute(
            sa.select(outcomes.c.platform, outcomes.c.verdict, sa.func.count(sa.distinct(outcomes.c.referral_id)))
            .join(referrals, referrals.c.referral_id == outcomes.c.referral_id)
            .where(referrals.c.issued_at >= since)
            .group_by(outcomes.c.platform, outcomes.c.verdict)
        )
        return _nested((platform, Verdict(verdict), number) for platform, verdict, number in rows)

    def seconds_to_action(self, since: datetime, limit: int) -> Mapping[str, Sequence[float]]:
        """How long platforms took to act, of the newest `limit` actions since."""
        # In whole microseconds, as they are stored: of so many rows no moment has to be made.
        acted = sa.type_coerce(sa.func.coalesce(outcomes.c.acted_at, outcomes.c.reported_at), sa.BigInteger)
        rows = self._connection.execute(
            sa.select(outcomes.c.platform, acted - sa.type_coerce(referrals.c.issued_at, sa.BigInteger))
            .join(referrals, referrals.c.referral_id == outcomes.c.referral_id)
            .where(outcomes.c.event == ReferralEvent.ACTION.value, referrals.c.issued_at >= since)
            .order_by(outcomes.c.reported_at.desc())
            .limit(limit)
        )
        found: dict[str, list[float]] = defaultdict(list)
        for platform, taken in rows:
            found[platform].append(max(0, taken) / 1e6)
        return found

    def overdue(self, now: datetime) -> Mapping[str, int]:
        """Requests past their deadline that the platform has neither acted on nor refused."""
        rows = self._connection.execute(
            sa.select(referrals.c.platform, sa.func.count())
            .where(referrals.c.status.in_([status.value for status in WAITING]), referrals.c.due_at < now)
            .group_by(referrals.c.platform)
        )
        return {str(platform): number for platform, number in rows}

    def cases_of(self, content_keys: Collection[str]) -> Mapping[str, UUID]:
        """Which case each of these contents belongs to, to look at."""
        return by_key(self._connection, sa.select(locations.c.content_key, locations.c.case_id), content_keys)

    def entries(self, wanted: LedgerFilter, limit: int) -> Sequence[Entry]:
        """Entries of the ledger, the newest first."""
        statement = sa.select(ledger).order_by(ledger.c.seq.desc()).limit(limit)
        if wanted.kind is not None:
            statement = statement.where(ledger.c.kind == wanted.kind)
        if wanted.actor is not None:
            statement = statement.where(ledger.c.actor == wanted.actor)
        if wanted.before is not None:
            statement = statement.where(ledger.c.seq < wanted.before)
        return [record_of(Entry, row) for row in self._connection.execute(statement).mappings()]

    def newest(self, limit: int) -> Sequence[Entry]:
        """The last entries of the ledger, in order."""
        return list(reversed(self.entries(LedgerFilter(), limit)))


def _nested(rows: Any) -> dict[str, dict[K, int]]:
    found: dict[str, dict[K, int]] = defaultdict(dict)
    for name, key, number in rows:
        found[name][key] = number
    return found
