"""What the first of two people agreed to, so that a second one completes that and nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. Of a first approval of before nobody knows what it named: it has to be given again."""
    op.add_column("decisions", sa.Column("agreed", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("decisions", "agreed")
