"""Indexes for a million cases, and the words by which exercises are found."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("ix_cases_changed_at", "cases", ("changed_at",)),
    ("ix_decisions_decided_at", "decisions", ("decided_at", "reviewer", "decision")),
    ("ix_decision_locations_content_key", "decision_locations", ("content_key",)),
    ("ix_referrals_decision_id", "referrals", ("decision_id",)),
    ("ix_referrals_content_key", "referrals", ("content_key",)),
    ("ix_referrals_issued_at", "referrals", ("issued_at", "platform", "status", "kind", "referral_id")),
    (
        "ix_outcomes_answer",
        "outcomes",
        ("referral_id", "platform", "verdict", "event", "acted_at", "reported_at"),
    ),
    ("ix_outcomes_recorded_at", "outcomes", ("recorded_at", "verdict", "referral_id")),
    ("ix_exercises_reviewer_state", "exercises", ("reviewer", "state")),
    ("ix_exercises_golden_id_only_for", "exercises", ("golden_id", "only_for")),
    ("ix_exercises_decided_at", "exercises", ("decided_at",)),
)


def upgrade() -> None:
    """Take the step. Exercises of before are found by their id alone until their time is over."""
    op.create_table(
        "exercise_words",
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("negative_seen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["exercises.case_id"], name=op.f("fk_exercise_words_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "negative_seen", "case_id", name=op.f("pk_exercise_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_exercise_words_case_id", "exercise_words", ["case_id"])
    for name, table, columns in INDEXES:
        op.create_index(name, table, list(columns))
    op.drop_index("ix_outcomes_referral_id", "outcomes")


def downgrade() -> None:
    """Take it back."""
    op.create_index("ix_outcomes_referral_id", "outcomes", ["referral_id"])
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table)
    op.drop_table("exercise_words")
