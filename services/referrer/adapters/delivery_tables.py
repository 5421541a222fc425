"""The table of deliveries beside Kafka, and the indexes by which a way finds what it has to hand over."""

import sqlalchemy as sa

from services.referrer.adapters.tables import Instant, Word, metadata, referrals

__all__ = ["deliveries", "metadata"]

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("referral_id", sa.Uuid, sa.ForeignKey("referrals.referral_id"), primary_key=True),
    sa.Column("channel", Word, primary_key=True),
    sa.Column("root_referral_id", sa.Uuid, nullable=False, index=True),
    sa.Column("platform", Word, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("state", Word, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("unsure", sa.Boolean, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
)
_waiting = deliveries.c.state == "waiting"
sa.Index(
    "ix_deliveries_waiting",
    deliveries.c.platform,
    deliveries.c.channel,
    deliveries.c.issued_at,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
sa.Index(
    "ix_deliveries_platform_channel_issued_at", deliveries.c.platform, deliveries.c.channel, deliveries.c.issued_at
)
# SQLite counts the platforms' page by it as well, platform by platform.
sa.Index(
    "ix_referrals_platform_issued_at",
    referrals.c.platform,
    referrals.c.issued_at,
    referrals.c.status,
    referrals.c.kind,
)
