"""Referrals, outcomes and the outbox in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson
import sqlalchemy as sa

from schemas.referral_vocabulary import ReferralStatus
from services.referrer.adapters.oversight_tables import deadlines
from services.referrer.adapters.sql import chunks, record_of, values_of
from services.referrer.adapters.tables import outbox, outcomes, referrals
from services.referrer.outcomes import TAKEN_AWAY
from services.referrer.records import OutcomeRow, Referral
from services.runtime.envelope import Headers, Outgoing


class ReferralBook:
    """Referrals over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, referral: Referral) -> None:
        """Store a new request, to be looked after from its issue on; the same id twice is an error."""
        self._connection.execute(sa.insert(referrals), values_of(referral))
        due = {"referral_id": referral.referral_id, "next_at": referral.issued_at, "taken": ""}
        self._connection.execute(sa.insert(deadlines), due)

    def locked(self, referral_id: UUID) -> Referral | None:
        """One request, locked until the transaction ends."""
        statement = sa.select(referrals).where(referrals.c.referral_id == referral_id).with_for_update()
        row = self._connection.execute(statement).mappings().one_or_none()
        return record_of(Referral, row) if row is not None else None

    def move(self, referral: Referral) -> None:
        """Store a request's new status; what left never changes."""
        self._connection.execute(
            sa.update(referrals)
            .where(referrals.c.referral_id == referral.referral_id)
            .values(status=referral.status.value, changed_at=referral.changed_at, outcome_id=referral.outcome_id)
        )

    def of_case(self, case_id: UUID) -> list[Referral]:
        """The requests of a case, oldest first."""
        rows = self._connection.execute(
            sa.select(referrals)
            .where(referrals.c.case_id == case_id)
            .order_by(referrals.c.issued_at, referrals.c.referral_id)
        )
        return [record_of(Referral, row) for row in rows.mappings()]

    def removed(self, case_ids: Collection[UUID]) -> Mapping[str, datetime]:
        """When the platform says it took contents of these cases away, of those whose newest request stands so, by content key."""
        found: dict[str, datetime] = {}
        words = [action.value for action in TAKEN_AWAY]
        for piece in chunks(case_ids):
            newest = self._connection.execute(
                sa.select(referrals.c.content_key, referrals.c.referral_id, referrals.c.status)
                .where(referrals.c.case_id.in_(piece))
                .order_by(referrals.c.issued_at, referrals.c.referral_id)
            )
            last = {row.content_key: row for row in newest}
            acted = {row.referral_id: key for key, row in last.items() if row.status == ReferralStatus.ACTIONED.value}
            # A case may have hundreds of requests, so these are more than the cases.
            for asked in chunks(acted):
                answers = self._connection.execute(
                    sa.select(outcomes.c.referral_id, outcomes.c.acted_at, outcomes.c.reported_at)
                    .where(outcomes.c.referral_id.in_(asked), outcomes.c.outcome.in_(words))
                    .order_by(outcomes.c.reported_at)
                )
                found |= {acted[row.referral_id]: row.acted_at or row.reported_at for row in answers}
        return found

    def reported(self, platform: str, outcome_id: str) -> UUID | None:
        """Which request the report of this id was about, if one was taken in before."""
        statement = sa.select(outcomes.c.referral_id).where(
            outcomes.c.platform == platform, outcomes.c.outcome_id == outcome_id
        )
        found: UUID | None = self._connection.execute(statement).scalar_one_or_none()
        return found

    def outcome_of(self, referral: Referral) -> bytes | None:
        """The report that the request's status comes from, as it came in."""
        statement = sa.select(outcomes.c.body).where(
            outcomes.c.platform == referral.platform, outcomes.c.outcome_id == referral.outcome_id
        )
        body: bytes | None = self._connection.execute(statement).scalar()
        return body

    def add_outcome(self, outcome: OutcomeRow) -> None:
        """Store a report."""
        self._connection.execute(sa.insert(outcomes), values_of(outcome))


class OutboxBook:
    """The outbox over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def append(self, records: Sequence[Outgoing]) -> None:
        """Put records at the end, as the bytes that will leave."""
        rows = [
            {"topic": record.topic, "key": record.key, "value": record.value, "headers": _packed(record.headers)}
            for record in records
        ]
        if rows:
            self._connection.execute(sa.insert(outbox), rows)

    def waiting(self, limit: int) -> list[tuple[int, Outgoing]]:
        """The oldest unsent records, in order."""
        rows = self._connection.execute(
            sa.select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.number).limit(limit)
        )
        return [(row.number, Outgoing(row.topic, row.key, row.value, _unpacked(row.headers))) for row in rows]

    def mark_sent(self, numbers: Collection[int], at: datetime) -> set[int]:
        """The broker has them; gives those that nobody had marked before."""
        marked: set[int] = set()
        for piece in chunks(numbers):
            statement = (
                sa.update(outbox)
                .where(outbox.c.number.in_(piece), outbox.c.sent_at.is_(None))
                .values(sent_at=at)
                .returning(outbox.c.number)
            )
            marked |= set(self._connection.execute(statement).scalars())
        return marked


def _packed(headers: Headers) -> bytes:
    """Header values may be any bytes; Latin-1 gives each its own character."""
    return orjson.dumps([[name, value.decode("latin-1")] for name, value in headers])


def _unpacked(raw: bytes) -> Headers:
    return [(name, value.encode("latin-1")) for name, value in orjson.loads(raw)]
