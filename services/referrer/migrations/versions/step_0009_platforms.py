"""Indexes that hold all that the platforms' page and the deadlines ask for, so that no request is read on the way."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "referrals"
# Name, columns of before, columns that come after them.
INDEXES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("ix_referrals_status_due_at", ("status", "due_at"), ("platform",)),
    ("ix_referrals_platform_issued_at", ("platform", "issued_at"), ("status", "kind")),
)


def upgrade() -> None:
    """Take the step."""
    for name, before, more in INDEXES:
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, [*before, *more])


def downgrade() -> None:
    """Take it back."""
    for name, before, _ in INDEXES:
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, [*before])
