"""The tables by which the desk watches itself: deadlines, who answers for a request, suspensions, exercises, daily chores."""

import sqlalchemy as sa

from services.referrer.adapters.tables import Instant, Key, Word, metadata

# One row per request that left; `next_at` is when something falls due, NULL once nothing does any more.
deadlines = sa.Table(
    "deadlines",
    metadata,
    sa.Column("referral_id", sa.Uuid, sa.ForeignKey("referrals.referral_id"), primary_key=True),
    sa.Column("next_at", Instant, index=True),
    sa.Column("taken", sa.String(200), nullable=False),
)

answerable = sa.Table(
    "answerable",
    metadata,
    sa.Column("scope_kind", Word, primary_key=True),
    sa.Column("scope_name", Key, primary_key=True),
    sa.Column("referral_id", sa.Uuid, sa.ForeignKey("referrals.referral_id"), primary_key=True, index=True),
)

suspensions = sa.Table(
    "suspensions",
    metadata,
    sa.Column("scope_kind", Word, primary_key=True),
    sa.Column("scope_name", Key, primary_key=True),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("suspended_at", Instant, nullable=False),
    sa.Column("lifted_at", Instant),
    sa.Column("lifted_by", Word),
)

golden = sa.Table(
    "golden",
    metadata,
    sa.Column("golden_id", sa.Uuid, primary_key=True),
    sa.Column("decision", Word, nullable=False),
    sa.Column("reason_code", Word),
    sa.Column("band", Word, nullable=False),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False),
)

# Cases of their own, apart from the others: no query that leads to a request ever sees one.
exercises = sa.Table(
    "exercises",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("sort", Word, nullable=False),
    sa.Column("golden_id", sa.Uuid),
    sa.Column("of_case", sa.Uuid, index=True),
    sa.Column("of_decision", sa.Uuid, unique=True),
    sa.Column("expected", Word, nullable=False),
    sa.Column("only_for", Word),
    sa.Column("not_for", sa.String(256)),
    sa.Column("state", Word, nullable=False),
    sa.Column("content_key", Key, nullable=False, index=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("lease_until", Instant),
    sa.Column("reviewer", Word),
    sa.Column("decision", Word),
    sa.Column("reason_code", Word),
    sa.Column("decided_at", Instant),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False),
)
sa.Index("ix_exercises_state_only_for", exercises.c.state, exercises.c.only_for)
sa.Index("ix_exercises_reviewer_state", exercises.c.reviewer, exercises.c.state)
sa.Index("ix_exercises_golden_id_only_for", exercises.c.golden_id, exercises.c.only_for)
# Content is large: what agreement is counted from lies in the index itself.
sa.Index(
    "ix_exercises_decided_at", exercises.c.decided_at, exercises.c.sort, exercises.c.expected, exercises.c.decision
)

# By which words an exercise is found: a search that knew real cases alone would tell them apart.
exercise_words = sa.Table(
    "exercise_words",
    metadata,
    sa.Column("word", Word, primary_key=True),
    sa.Column("negative_seen", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("exercises.case_id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# How many cases a person has taken: it decides when a golden case comes.
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("reviewer", Word, primary_key=True),
    sa.Column("leases", sa.BigInteger, nullable=False),
)

chores = sa.Table(
    "chores",
    metadata,
    sa.Column("name", Word, primary_key=True),
    sa.Column("done_at", Instant, nullable=False),
)
