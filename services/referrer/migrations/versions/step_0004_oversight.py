"""Authors of sightings; the tables by which the desk watches itself: deadlines, suspensions, exercises, chores."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("sightings", sa.Column("author_key", sa.String(length=128), nullable=True))
    op.add_column("sightings", sa.Column("previous_author_key", sa.String(length=128), nullable=True))
    op.create_index(op.f("ix_sightings_author_key"), "sightings", ["author_key"], unique=False)
    op.create_index(op.f("ix_sightings_previous_author_key"), "sightings", ["previous_author_key"], unique=False)
    op.create_index("ix_sightings_observed_at", "sightings", ["observed_at"], unique=False)
    op.create_table(
        "deadlines",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("taken", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.referral_id"], name=op.f("fk_deadlines_referral_id")),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_deadlines")),
    )
    op.create_index(op.f("ix_deadlines_next_at"), "deadlines", ["next_at"], unique=False)
    op.create_table(
        "answerable",
        sa.Column("scope_kind", sa.String(length=64), nullable=False),
        sa.Column("scope_name", sa.String(length=128), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.referral_id"], name=op.f("fk_answerable_referral_id")),
        sa.PrimaryKeyConstraint("scope_kind", "scope_name", "referral_id", name=op.f("pk_answerable")),
    )
    op.create_index(op.f("ix_answerable_referral_id"), "answerable", ["referral_id"], unique=False)
    op.create_table(
        "suspensions",
        sa.Column("scope_kind", sa.String(length=64), nullable=False),
        sa.Column("scope_name", sa.String(length=128), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("suspended_at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("scope_kind", "scope_name", name=op.f("pk_suspensions")),
    )
    op.create_table(
        "golden",
        sa.Column("golden_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=64), nullable=False),
        sa.Column("reason_code", sa.String(length=64), nullable=True),
        sa.Column("band", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("golden_id", name=op.f("pk_golden")),
    )
    op.create_table(
        "exercises",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sort", sa.String(length=64), nullable=False),
        sa.Column("golden_id", sa.Uuid(), nullable=True),
        sa.Column("of_case", sa.Uuid(), nullable=True),
        sa.Column("of_decision", sa.Uuid(), nullable=True),
        sa.Column("expected", sa.String(length=64), nullable=False),
        sa.Column("only_for", sa.String(length=64), nullable=True),
        sa.Column("not_for", sa.String(length=256), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("content_key", sa.String(length=128), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("reviewer", sa.String(length=64), nullable=True),
        sa.Column("decision", sa.String(length=64), nullable=True),
        sa.Column("reason_code", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_exercises")),
        sa.UniqueConstraint("of_decision", name=op.f("uq_exercises_of_decision")),
    )
    op.create_index(op.f("ix_exercises_content_key"), "exercises", ["content_key"], unique=False)
    op.create_index("ix_exercises_state_only_for", "exercises", ["state", "only_for"], unique=False)
    op.create_table(
        "turns",
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.Column("leases", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reviewer", name=op.f("pk_turns")),
    )
    op.create_table(
        "chores",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("chores", "turns", "exercises", "golden", "suspensions", "answerable", "deadlines"):
        op.drop_table(table)
    for index in ("ix_sightings_observed_at", "ix_sightings_previous_author_key", "ix_sightings_author_key"):
        op.drop_index(index, "sightings")
    op.drop_column("sightings", "previous_author_key")
    op.drop_column("sightings", "author_key")
