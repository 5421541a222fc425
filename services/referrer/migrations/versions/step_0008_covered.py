"""Indexes that hold all that the team's page and retention ask for, so that no content is read on the way."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Name, table, columns.
INDEXES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("ix_ledger_kind_at", "ledger", ("kind", "at", "actor")),
    ("ix_exercises_decided_at", "exercises", ("decided_at", "sort", "expected", "decision")),
    ("ix_exercises_of_case", "exercises", ("of_case",)),
    ("ix_sightings_observed_at", "sightings", ("observed_at", "content_key")),
    ("ix_sightings_content_key", "sightings", ("content_key", "observed_at")),
)
BEFORE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("ix_ledger_at", "ledger", ("at",)),
    ("ix_exercises_decided_at", "exercises", ("decided_at",)),
    ("ix_sightings_observed_at", "sightings", ("observed_at",)),
    ("ix_sightings_content_key", "sightings", ("content_key",)),
)


def upgrade() -> None:
    """Take the step."""
    _instead(BEFORE, INDEXES)


def downgrade() -> None:
    """Take it back."""
    _instead(INDEXES, BEFORE)


def _instead(
    old: tuple[tuple[str, str, tuple[str, ...]], ...], new: tuple[tuple[str, str, tuple[str, ...]], ...]
) -> None:
    for name, table, _ in old:
        op.drop_index(name, table)
    for name, table, columns in new:
        op.create_index(name, table, list(columns))
