"""The tables of the hub's only database; the migrations make exactly these, and a test holds both against one another."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970 in UTC: exact, ordered and the same on both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """To the database."""
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """From the database."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


# SQLite numbers rows by itself only in a column of exactly this type.
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Key = sa.String(128)
Word = sa.String(64)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("topic", sa.String(128), primary_key=True),
    sa.Column("partition_number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("record_offset", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("ended", Word, nullable=False),
    sa.Column("item", sa.String(256)),
    sa.Column("at", Instant, nullable=False),
)

sightings = sa.Table(
    "sightings",
    metadata,
    sa.Column("observation_id", Key, primary_key=True),
    sa.Column("content_key", Key, nullable=False),
    sa.Column("content_version", Key, nullable=False),
    sa.Column("platform", Word, nullable=False),
    sa.Column("status", Word, nullable=False),
    sa.Column("event_time", Instant, nullable=False),
    sa.Column("observed_at", Instant, nullable=False),
    sa.Column("content_risk", sa.Double, nullable=False),
    sa.Column("band", Word, nullable=False),
    sa.Column("degraded", sa.Boolean, nullable=False),
    sa.Column("counted", sa.Boolean, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("traceparent", Word),
    sa.Column("accepted_at", Instant),
    # By which an erasure finds everything of an author; pseudonymous, and blank once erased.
    sa.Column("author_key", Key, index=True),
    sa.Column("previous_author_key", Key, index=True),
    sa.Column("record", sa.LargeBinary, nullable=False),
)
# Content is large: what retention asks of all that is old lies in indexes, so that none is read for it.
sa.Index("ix_sightings_content_key", sightings.c.content_key, sightings.c.observed_at)
sa.Index("ix_sightings_observed_at", sightings.c.observed_at, sightings.c.content_key)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("state", Word, nullable=False),
    sa.Column("opening", Word, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("platform", Word, nullable=False),
    sa.Column("content_key", Key, nullable=False),
    sa.Column("content_version", Key, nullable=False),
    sa.Column("observation_id", Key, nullable=False),
    sa.Column("band", Word, nullable=False),
    sa.Column("risk", sa.Double, nullable=False),
    # Risk negated, so that the queue's order is one ascending index, which both databases can enter in the middle.
    sa.Column("negative_risk", sa.Double, nullable=False),
    sa.Column("event_time", Instant, nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("waiting_since", Instant, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("lease_holder", Word),
    sa.Column("lease_until", Instant),
    sa.Column("decision_id", sa.Uuid),
    sa.Column("decided_version", Key),
    sa.Column("decided_at", Instant),
    sa.Column("traceparent", Word),
    sa.Column("test", sa.Boolean, nullable=False),
    # Every case has both; SQLite adds no column to old rows that may not be empty.
    sa.Column("newest_at", Instant),
    sa.Column("live", sa.Integer),
)
QUEUE_ORDER = (cases.c.band, cases.c.negative_risk, cases.c.waiting_since, cases.c.case_id)
sa.Index("ix_cases_queue", cases.c.state, *QUEUE_ORDER)
sa.Index("ix_cases_platform_queue", cases.c.platform, cases.c.state, *QUEUE_ORDER)
sa.Index("ix_cases_lease_until", cases.c.lease_until)
sa.Index("ix_cases_newest_at", cases.c.newest_at)
sa.Index("ix_cases_changed_at", cases.c.changed_at)

locations = sa.Table(
    "locations",
    metadata,
    sa.Column("content_key", Key, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id"), nullable=False),
    sa.Column("platform", Word, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("content_version", Key, nullable=False),
    sa.Column("observation_id", Key, nullable=False),
    sa.Column("live", sa.Boolean, nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
)
# On which platforms a case is live lies in the index itself: boards ask it every second, of floods too.
sa.Index("ix_locations_case_id", locations.c.case_id, locations.c.live, locations.c.platform)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("decision_id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("content_version", Key, nullable=False),
    sa.Column("decision", Word, nullable=False),
    sa.Column("reason_code", Word, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("reviewer", Word, nullable=False),
    sa.Column("role", Word, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("case_state", Word, nullable=False),
    sa.Column("awaits_second_review", sa.Boolean, nullable=False),
    sa.Column("agreed", sa.Text),
)

# What the team's page counts lies in the index itself.
sa.Index("ix_decisions_decided_at", decisions.c.decided_at, decisions.c.reviewer, decisions.c.decision)

decision_locations = sa.Table(
    "decision_locations",
    metadata,
    sa.Column("decision_id", sa.Uuid, sa.ForeignKey("decisions.decision_id"), primary_key=True),
    sa.Column("content_key", Key, primary_key=True, index=True),
    sa.Column("url", sa.Text, nullable=False),
)

referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("referral_id", sa.Uuid, primary_key=True),
    sa.Column("root_referral_id", sa.Uuid, nullable=False, index=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("decision_id", sa.Uuid, sa.ForeignKey("decisions.decision_id"), nullable=False, index=True),
    sa.Column("content_key", Key, nullable=False, index=True),
    sa.Column("platform", Word, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("kind", Word, nullable=False),
    sa.Column("status", Word, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("outcome_id", sa.String(200)),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("traceparent", Word),
    sa.Column("test", sa.Boolean, nullable=False),
)
# A request's bytes are large: what the platforms' page and the deadlines count lies in indexes, so that none is read for it.
sa.Index("ix_referrals_status_due_at", referrals.c.status, referrals.c.due_at, referrals.c.platform)
sa.Index(
    "ix_referrals_issued_at",
    referrals.c.issued_at,
    referrals.c.platform,
    referrals.c.status,
    referrals.c.kind,
    referrals.c.referral_id,
)

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("platform", Word, primary_key=True),
    sa.Column("outcome_id", sa.String(200), primary_key=True),
    sa.Column("referral_id", sa.Uuid, sa.ForeignKey("referrals.referral_id"), nullable=False),
    sa.Column("root_referral_id", sa.Uuid, nullable=False),
    sa.Column("event", Word, nullable=False),
    sa.Column("status", Word, nullable=False),
    sa.Column("outcome", Word),
    sa.Column("verdict", Word, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("still_up", sa.Boolean, nullable=False),
    sa.Column("acted_at", Instant),
    sa.Column("reported_at", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

sa.Index(
    "ix_outcomes_answer",
    outcomes.c.referral_id,
    outcomes.c.platform,
    outcomes.c.verdict,
    outcomes.c.event,
    outcomes.c.acted_at,
    outcomes.c.reported_at,
)
sa.Index("ix_outcomes_recorded_at", outcomes.c.recorded_at, outcomes.c.verdict, outcomes.c.referral_id)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("number", Serial, primary_key=True, autoincrement=True),
    sa.Column("topic", sa.String(128), nullable=False),
    sa.Column("key", sa.LargeBinary),
    sa.Column("value", sa.LargeBinary),
    sa.Column("headers", sa.LargeBinary, nullable=False),
    sa.Column("sent_at", Instant),
    # A number that was sent must never be given to another record, even after old rows are deleted.
    sqlite_autoincrement=True,
)
_unsent = outbox.c.sent_at.is_(None)
sa.Index("ix_outbox_unsent", outbox.c.number, sqlite_where=_unsent, postgresql_where=_unsent)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", Word, nullable=False),
    sa.Column("actor", Word, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("previous_hash", Key, nullable=False),
    sa.Column("hash", Key, nullable=False),
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", Key, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("key_id", Word, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("pseudonym", Word, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", Word, nullable=False),
    sa.Column("token_id", Word, nullable=False, unique=True),
    sa.Column("token_sha256", Word, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
)

connectors = sa.Table(
    "connectors",
    metadata,
    sa.Column("connector_id", Word, primary_key=True),
    sa.Column("platform", Word, nullable=False),
    sa.Column("token_id", Word, nullable=False, unique=True),
    sa.Column("token_sha256", Word, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
)
