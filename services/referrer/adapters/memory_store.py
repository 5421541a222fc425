"""The memory in the database: bounded questions by link, on SQLite one seek each, on PostgreSQL one statement for a batch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import orjson
import sqlalchemy as sa

from services.referrer.adapters.bulk import insert, upsert
from services.referrer.adapters.memory_cases import gathered
from services.referrer.adapters.memory_link_rows import Row, copy_links_of, copy_numbers, links_of
from services.referrer.adapters.memory_reach import later, picked, span_of
from services.referrer.adapters.memory_rows import COLUMNS, ENTRY, entry_of, kept_of, row_of
from services.referrer.adapters.memory_seek import PostgresSeek, Seek, SqliteSeek
from services.referrer.adapters.memory_tables import copy_links, memory, memory_links, memory_work, reach_counts
from services.referrer.adapters.sql import chunks
from services.referrer.context_parts import Sighting
from services.referrer.gathering import Gathered
from services.referrer.memory_ports import Count, Kept, Span
from services.referrer.policy import ContextPolicy
from services.referrer.remembered import Remembered, link

ANCHORS = 256
LOCK = 0x4855424D


class MemoryBook:
    """A Memory over one connection."""

    def __init__(self, connection: sa.Connection, policy: ContextPolicy) -> None:
        self._connection = connection
        self._policy = policy
        self._seek: Seek = (PostgresSeek if connection.dialect.name == "postgresql" else SqliteSeek)(connection)

    def lock(self) -> None:
        """Let nobody else change the memory until the transaction ends; on SQLite nobody else can write anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))

    def gathered(self, anchors: Collection[str]) -> dict[str, Gathered]:
        """The cases of these anchors, as their members make them."""
        return gathered(self._connection, anchors)

    def kept(self, keys: Collection[str]) -> dict[str, Kept]:
        """Those of the contents that are remembered."""
        return {row[0]: kept_of(row) for row in self._seek.rows(COLUMNS, keys)}

    def _entries(self, keys: Collection[str]) -> dict[str, Remembered]:
        return {row[0]: entry_of(row) for row in self._seek.rows(ENTRY, keys)}

    def put(self, kept: Sequence[Kept]) -> None:
        """Insert or replace; others find them where they are linked."""
        upsert(self._connection, memory, [row_of(one) for one in kept])

    def relink(self, before: Mapping[str, Remembered], entries: Sequence[Remembered]) -> None:
        """Let others find the entries; `before` are those among them that are linked, as they were then."""
        moved = [(before.get(entry.key), entry) for entry in entries]
        self._replace(
            memory_links, ("link", "at", "content_key"), [(links_of(old), links_of(new)) for old, new in moved]
        )
        self._replace(
            copy_links,
            ("link", "is_anchor", "seen", "content_key"),
            [(copy_links_of(old), copy_links_of(new)) for old, new in moved],
        )

    def forget(self, entries: Collection[Remembered]) -> None:
        """Remove entries with every trace by which others find them."""
        self._replace(memory_links, ("link", "at", "content_key"), [(links_of(entry), []) for entry in entries])
        names = ("link", "is_anchor", "seen", "content_key")
        self._replace(copy_links, names, [(copy_links_of(entry), []) for entry in entries])
        for piece in chunks([entry.key for entry in entries]):
            self._connection.execute(sa.delete(memory).where(memory.c.content_key.in_(piece)))

    def _replace(self, table: sa.Table, names: Sequence[str], moved: Iterable[tuple[list[Row], list[Row]]]) -> None:
        """Rows of links as they were and as they must be: only what differs is written."""
        gone: list[Row] = []
        new: list[Row] = []
        for old, now in moved:
            if old != now:
                gone += old
                new += now
        if gone:
            key = sa.and_(*(table.c[name] == sa.bindparam(f"_{name}") for name in names))
            self._connection.execute(sa.delete(table).where(key), [{f"_{n}": row[n] for n in names} for row in gone])
        insert(self._connection, table, new)

    def related(self, entries: Sequence[Remembered]) -> Mapping[str, Sequence[Remembered]]:
        """Per entry, its context: of each link and window the few that are picked there, before it and above the floor.

        The entries stand for themselves: they are linked, but need not be stored yet.
        """
        found = picked(self._seek, entries, self._policy)
        known = {entry.key: entry for entry in entries}
        known |= self._entries({key for keys in found.values() for key in keys} - known.keys())
        return {key: [known[other] for other in others if other in known] for key, others in found.items()}

    def later(self, spans: Sequence[Span], limit: int) -> tuple[set[str], list[Span]]:
        """Keys on the spans, about `limit` at most, and the spans that are left."""
        return later(self._seek, spans, limit, self._policy)

    def anchors_before(self, entries: Sequence[Remembered]) -> Mapping[str, Sequence[Remembered]]:
        """Per entry, the anchors that share a copy link with it and were seen before it."""
        length = self._policy.copies.length
        asks = [(number, e.seen - length, e.seen, e.key) for e in entries for number in copy_numbers(e)]
        found: dict[str, set[str]] = defaultdict(set)
        for ask, keys in zip(asks, self._seek.anchors(asks, ANCHORS), strict=True):
            found[ask[3]].update(keys)
        known = self._entries({key for keys in found.values() for key in keys})
        return {key: [known[other] for other in others if other in known] for key, others in found.items()}

    def followed(self, entries: Sequence[Remembered]) -> Collection[str]:
        """Keys of those entries after which something was seen that shares a copy link with them."""
        length = self._policy.copies.length
        asks = [(number, e.seen, e.key, e.seen + length) for e in entries for number in copy_numbers(e)]
        return {asks[number][2] for number in self._seek.followed(asks)}

    def followers(self, entry: Remembered) -> Sequence[Remembered]:
        """What shares a copy link with the entry and was seen after it."""
        where = sa.tuple_(copy_links.c.seen, copy_links.c.content_key) > sa.tuple_(entry.seen, entry.key)
        until = copy_links.c.seen <= entry.seen + self._policy.copies.length
        keys: set[str] = set()
        for number in copy_numbers(entry):
            for is_anchor in (0, 1):
                at = sa.and_(copy_links.c.link == number, copy_links.c.is_anchor == is_anchor)
                keys.update(
                    self._connection.execute(sa.select(copy_links.c.content_key).where(at, where, until)).scalars()
                )
        return list(self._entries(keys).values())

    def members(self, anchor: str) -> Sequence[Remembered]:
        """What stands in the case of an anchor."""
        wanted = sa.select(*(memory.c[name] for name in ENTRY)).where(memory.c.anchor == anchor)
        return [entry_of(row) for row in self._connection.execute(wanted)]

    def of_author(self, author_key: str) -> list[str]:
        """Everything remembered of an author, by content key: what an erasure has to reach."""
        numbers = [link("a", author_key, test) for test in (False, True)]
        wanted = sa.select(memory_links.c.content_key).where(memory_links.c.link.in_(numbers))
        return sorted(set(self._connection.execute(wanted).scalars()))

    def counts(self, keys: Collection[str]) -> Mapping[str, Sequence[Sighting]]:
        """Latest counts per content: views where any are known, else what stands for them; never one beside the other."""
        found: dict[str, list[tuple[int, str, int | None, int | None]]] = defaultdict(list)
        table = reach_counts.c
        for piece in chunks(keys):
            wanted = sa.select(table.content_key, table.seen, table.observation_id, table.views, table.stand_in)
            for key, seen, observation, views, stand_in in self._connection.execute(
                wanted.where(table.content_key.in_(piece))
            ):
                found[key].append((seen, observation, views, stand_in))
        newest = self._policy.bounds.observations
        return {key: _sightings(sorted(counts)[-newest:]) for key, counts in found.items()}

    def add_counts(self, counts: Sequence[Count]) -> None:
        """Store counts; one of the same observation is replaced, one that says nothing is left out."""
        upsert(
            self._connection,
            reach_counts,
            [
                {
                    "content_key": count.key,
                    "observation_id": count.observation_id,
                    "seen": count.seen,
                    "views": count.views,
                    "stand_in": count.stand_in,
                }
                for count in counts
                if count.views is not None or count.stand_in is not None
            ],
        )

    def forget_counts(self, keys: Collection[str]) -> None:
        """Remove the counts of contents that are to leave no trace."""
        for piece in chunks(keys):
            self._connection.execute(sa.delete(reach_counts).where(reach_counts.c.content_key.in_(piece)))

    def defer(self, spans: Sequence[Span]) -> None:
        """Put spans on the work list."""
        if spans:
            self._connection.execute(
                sa.insert(memory_work), [{"span": orjson.dumps(tuple(span)).decode()} for span in spans]
            )

    def deferred(self, limit: int) -> list[Span]:
        """Take spans off the work list."""
        wanted = sa.select(memory_work).order_by(memory_work.c.number).limit(limit).with_for_update()
        rows = list(self._connection.execute(wanted))
        for piece in chunks([row.number for row in rows]):
            self._connection.execute(sa.delete(memory_work).where(memory_work.c.number.in_(piece)))
        return [span_of(row.span) for row in rows]


def _sightings(counts: Sequence[tuple[int, str, int | None, int | None]]) -> list[Sighting]:
    known = any(views is not None for _, _, views, _ in counts)
    return [Sighting(seen, views if known else stand_in, estimated=not known) for seen, _, views, stand_in in counts]
