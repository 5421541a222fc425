"""Deliveries beside Kafka, and the indexes by which a way finds what it has to hand over."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "deliveries",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("root_referral_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.referral_id"], name=op.f("fk_deliveries_referral_id")),
        sa.PrimaryKeyConstraint("referral_id", "channel", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_root_referral_id"), "deliveries", ["root_referral_id"], unique=False)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["platform", "channel", "issued_at"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_deliveries_platform_channel_issued_at", "deliveries", ["platform", "channel", "issued_at"], unique=False
    )
    op.create_index("ix_referrals_platform_issued_at", "referrals", ["platform", "issued_at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_referrals_platform_issued_at", "referrals")
    op.drop_table("deliveries")
