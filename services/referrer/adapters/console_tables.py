"""The tables of the console: passwords, sessions, failed sign-ins, and the words by which a case is found."""

import sqlalchemy as sa

from services.referrer.adapters.tables import Instant, Key, Word, ledger, metadata

__all__ = ["case_words", "identities", "metadata", "passwords", "sessions", "sign_in_failures"]

passwords = sa.Table(
    "passwords",
    metadata,
    sa.Column("pseudonym", Word, sa.ForeignKey("people.pseudonym"), primary_key=True),
    sa.Column("hash", sa.String(256), nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("session_sha256", Word, primary_key=True),
    sa.Column("pseudonym", Word, sa.ForeignKey("people.pseudonym"), nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False, index=True),
)

# Of issuer and subject only a hash: what ties a person to an account elsewhere, and nothing more.
identities = sa.Table(
    "identities",
    metadata,
    sa.Column("identity_sha256", Word, primary_key=True),
    sa.Column("pseudonym", Word, sa.ForeignKey("people.pseudonym"), nullable=False, unique=True),
    sa.Column("linked_at", Instant, nullable=False),
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("name", Word, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", Instant, nullable=False, index=True),
)

# Newest first within a word, so that a word that stands everywhere still costs a bounded stretch of the index.
case_words = sa.Table(
    "case_words",
    metadata,
    sa.Column("word", Word, primary_key=True),
    sa.Column("negative_seen", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("content_key", Key, primary_key=True),
    sqlite_with_rowid=False,
)
sa.Index("ix_case_words_content_key", case_words.c.content_key)

# What the team's page counts of looks lies in the index itself.
sa.Index("ix_ledger_kind_at", ledger.c.kind, ledger.c.at, ledger.c.actor)
sa.Index("ix_ledger_kind_seq", ledger.c.kind, ledger.c.seq)
sa.Index("ix_ledger_actor_seq", ledger.c.actor, ledger.c.seq)
