"""The tables of what is remembered for context."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_index("ix_cases_event_time", "cases", ["event_time"], unique=False)
    op.create_table(
        "memory",
        sa.Column("content_key", sa.String(length=128), nullable=False),
        sa.Column("observation_id", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("content_risk", sa.Double(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("anchor", sa.String(length=128), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("traits", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("content_key", name=op.f("pk_memory")),
    )
    op.create_index("ix_memory_anchor_at", "memory", ["anchor", "at", "content_key"], unique=False)
    op.create_index("ix_memory_at", "memory", ["at"], unique=False)
    op.create_table(
        "memory_links",
        sa.Column("link", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content_key", sa.String(length=128), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("link", "at", "content_key", name=op.f("pk_memory_links")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_memory_links_choice", "memory_links", ["link", "risk", "at", "content_key"], unique=False)
    op.create_table(
        "copy_links",
        sa.Column("link", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_anchor", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content_key", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("link", "is_anchor", "seen", "content_key", name=op.f("pk_copy_links")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reach_counts",
        sa.Column("content_key", sa.String(length=128), nullable=False),
        sa.Column("observation_id", sa.String(length=128), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("stand_in", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("content_key", "observation_id", name=op.f("pk_reach_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "memory_work",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_memory_work")),
    )
    op.create_table(
        "case_looks",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_case_looks_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "person", name=op.f("pk_case_looks")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("case_looks")
    op.drop_table("memory_work")
    op.drop_table("reach_counts")
    op.drop_table("copy_links")
    op.drop_table("memory_links")
    op.drop_table("memory")
    op.drop_index("ix_cases_event_time", "cases")
