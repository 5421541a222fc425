"""No index of the memory by time: nothing asks by it alone, and every content that is taken in had to write it."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.drop_index("ix_memory_at", "memory")


def downgrade() -> None:
    """Take it back."""
    op.create_index("ix_memory_at", "memory", ["at"])
