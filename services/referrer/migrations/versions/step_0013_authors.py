"""Whose each link of the memory is, so that who says much does not crowd out others; and a link that all exact copies share."""

from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa
import xxhash
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEX = "ix_memory_links_choice"
BEFORE = ("link", "risk", "at", "content_key")
PAGE = 10_000
# Places of these in the traits of a remembered content.
AUTHORS, SIMILARITY, BANDS, TEST = 1, 6, 7, 9

memory = sa.table("memory", *map(sa.column, ("content_key", "seen", "anchor", "traits")))
copy_links = sa.table("copy_links", *map(sa.column, ("link", "is_anchor", "seen", "content_key")))
memory_work = sa.table("memory_work", sa.column("number"), sa.column("span"))
authors = sa.table("memory_authors", *map(sa.column, ("content_key", "author")))

OF_WHOM = """
UPDATE memory_links SET author = coalesce(
    (SELECT author FROM memory_authors WHERE memory_authors.content_key = memory_links.content_key), 0
)
"""


def upgrade() -> None:
    """Take the step. Content of nobody known is chosen by nobody; before, it took a place."""
    connection = op.get_bind()
    op.drop_index(INDEX, "memory_links")
    op.add_column("memory_links", sa.Column("author", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("CREATE TEMPORARY TABLE memory_authors (content_key VARCHAR(128) PRIMARY KEY, author BIGINT NOT NULL)")
    for page in _pages(connection):
        known = [
            {"content_key": key, "author": _link("a", traits[AUTHORS][0], traits[TEST])}
            for key, _, _, traits in page
            if traits[AUTHORS]
        ]
        if known:
            connection.execute(sa.insert(authors), known)
        if same := _same(page):
            connection.execute(sa.insert(copy_links), same)
    op.execute(OF_WHOM)
    op.execute("UPDATE memory_links SET risk = -1 WHERE author = 0")
    op.execute("DROP TABLE memory_authors")
    op.create_index(INDEX, "memory_links", [*BEFORE, "author"])


def downgrade() -> None:
    """Take it back."""
    connection = op.get_bind()
    given = ("link", "is_anchor", "seen", "content_key")
    gone = sa.delete(copy_links).where(*(copy_links.c[name] == sa.bindparam(f"_{name}") for name in given))
    for page in _pages(connection):
        if same := _same(page):
            connection.execute(gone, [{f"_{name}": row[name] for name in given} for row in same])
    for number, text in connection.execute(sa.select(memory_work)).all():
        link, at, key, until = orjson.loads(text)[:4]
        # As if nobody could beat what changed: the older code weighs again whatever stands there.
        span = orjson.dumps([link, at, key, until, [2.0, at, key], 0]).decode()
        connection.execute(sa.update(memory_work).where(memory_work.c.number == number), {"span": span})
    op.drop_index(INDEX, "memory_links")
    op.drop_column("memory_links", "author")
    op.create_index(INDEX, "memory_links", list(BEFORE))


def _pages(connection: sa.Connection) -> Iterator[list[tuple[str, int, str, list[Any]]]]:
    """Everything remembered, by key."""
    last = ""
    wanted = sa.select(memory).order_by(memory.c.content_key).limit(PAGE)
    while rows := connection.execute(wanted.where(memory.c.content_key > last)).all():
        yield [(key, seen, anchor, orjson.loads(traits)) for key, seen, anchor, traits in rows]
        last = rows[-1].content_key


def _same(page: list[tuple[str, int, str, list[Any]]]) -> list[dict[str, Any]]:
    rows = []
    for key, seen, anchor, traits in page:
        if bands := traits[BANDS]:
            name = f"same:{traits[SIMILARITY]}:{':'.join(map(str, bands))}"
            number = _link("k", name, traits[TEST])
            rows.append({"link": number, "is_anchor": int(anchor == key), "seen": seen, "content_key": key})
    return rows


def _link(kind: str, key: str, test: bool) -> int:
    return xxhash.xxh3_64_intdigest(f"{'test' if test else 'live'}|{kind}|{key}".encode()) - 2**63
