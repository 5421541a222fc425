"""How many contents of a case are live and when the latest was first seen or edited, which boards go by, and on which platforms."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Of what is remembered as members make it, of all else by its addresses.
OLD_ROWS = """
UPDATE cases SET
newest_at = coalesce(
    (
        SELECT max(CASE WHEN members.at > members.seen THEN members.at ELSE members.seen END)
        FROM memory AS shown JOIN memory AS members ON members.anchor = shown.anchor
        WHERE shown.content_key = cases.content_key AND NOT members.withdrawn
    ),
    CASE WHEN event_time > first_seen_at THEN event_time ELSE first_seen_at END
),
live = CASE
    WHEN EXISTS (SELECT 1 FROM memory WHERE memory.content_key = cases.content_key) THEN (
        SELECT count(*) FROM memory AS shown JOIN memory AS members ON members.anchor = shown.anchor
        WHERE shown.content_key = cases.content_key AND NOT members.withdrawn
    )
    ELSE (SELECT count(*) FROM locations WHERE locations.case_id = cases.case_id AND locations.live)
END
"""


def upgrade() -> None:
    """Take the step."""
    op.add_column("cases", sa.Column("newest_at", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("live", sa.Integer(), nullable=True))
    op.execute(OLD_ROWS)
    op.drop_index("ix_cases_event_time", "cases")
    op.create_index("ix_cases_newest_at", "cases", ["newest_at"])
    op.drop_index("ix_locations_case_id", "locations")
    op.create_index("ix_locations_case_id", "locations", ["case_id", "live", "platform"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_locations_case_id", "locations")
    op.create_index("ix_locations_case_id", "locations", ["case_id"])
    op.drop_index("ix_cases_newest_at", "cases")
    op.create_index("ix_cases_event_time", "cases", ["event_time"])
    op.drop_column("cases", "live")
    op.drop_column("cases", "newest_at")
