"""Who somebody is at the OpenID provider."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "identities",
        sa.Column("identity_sha256", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pseudonym"], ["people.pseudonym"], name=op.f("fk_identities_pseudonym")),
        sa.PrimaryKeyConstraint("identity_sha256", name=op.f("pk_identities")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_identities_pseudonym")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("identities")
