"""The tables of what the referrer remembers for context; each content once, as it stands now, and the ways to find it."""

import sqlalchemy as sa

from services.referrer.adapters.tables import Key, Serial, Word, metadata

__all__ = ["case_looks", "copy_links", "memory", "memory_links", "memory_work", "metadata", "reach_counts"]

memory = sa.Table(
    "memory",
    metadata,
    sa.Column("content_key", Key, primary_key=True),
    sa.Column("observation_id", Key, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.BigInteger, nullable=False),
    sa.Column("content_risk", sa.Double, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("anchor", Key, nullable=False),
    sa.Column("risk", sa.Double, nullable=False),
    sa.Column("band", sa.Integer, nullable=False),
    sa.Column("traits", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
)
sa.Index("ix_memory_anchor_at", memory.c.anchor, memory.c.at, memory.c.content_key)

# Who is context of whom is found by numbers: of an author, a pair, a conversation, a picture, a name in a stretch of time.
# Forwards in time finds whom a change concerns; by risk finds the few that count, however many there are.
memory_links = sa.Table(
    "memory_links",
    metadata,
    sa.Column("link", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("content_key", Key, primary_key=True),
    sa.Column("risk", sa.Double, nullable=False),
    sa.Column("author", sa.BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
# With the author, so that choosing among many reads the index alone.
sa.Index(
    "ix_memory_links_choice",
    memory_links.c.link,
    memory_links.c.risk,
    memory_links.c.at,
    memory_links.c.content_key,
    memory_links.c.author,
)

# Anchors apart from all others: a flood of copies has one, so finding it costs the same however large the flood.
copy_links = sa.Table(
    "copy_links",
    metadata,
    sa.Column("link", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("is_anchor", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("seen", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("content_key", Key, primary_key=True),
    sqlite_with_rowid=False,
)

reach_counts = sa.Table(
    "reach_counts",
    metadata,
    sa.Column("content_key", Key, primary_key=True),
    sa.Column("observation_id", Key, primary_key=True),
    sa.Column("seen", sa.BigInteger, nullable=False),
    sa.Column("views", sa.BigInteger),
    sa.Column("stand_in", sa.BigInteger),
    sqlite_with_rowid=False,
)

# What was too much for one transaction: stretches of links along which content is still to be weighed again.
memory_work = sa.Table(
    "memory_work",
    metadata,
    sa.Column("number", Serial, primary_key=True, autoincrement=True),
    sa.Column("span", sa.Text, nullable=False),
)

# What a person last saw of a case.
case_looks = sa.Table(
    "case_looks",
    metadata,
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.case_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("person", Word, primary_key=True),
    sa.Column("look", sa.Text, nullable=False),
)
