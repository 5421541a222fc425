"""Batches of questions about links and keys come in; answers by index alone go out, in each database's own way."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any, Protocol

import orjson
import sqlalchemy as sa

from services.referrer.adapters.sql import chunks

# link, from, before (moment and key): what is context of an entry. link, after (moment and key), until: whose context it is.
Back = tuple[int, int, int, str]
Ahead = tuple[int, int, str, int]
# Key, author and moment.
Found = tuple[str, int, int]


class Seek(Protocol):
    """Questions about links, every answer in the order of the questions, and about keys."""

    def rows(self, columns: Sequence[str], keys: Collection[str]) -> list[Sequence[Any]]:
        """These columns of what is remembered under the keys."""
        ...

    def best(self, asks: Sequence[Back], floor: float, limit: int) -> list[list[Found]]:
        """Keys, authors and moments by risk, then time, then key, all descending."""
        ...

    def inhabited(self, asks: Sequence[Ahead]) -> list[int]:
        """Numbers of the questions to which there is anything."""
        ...

    def ahead(self, ask: Ahead, limit: int) -> list[tuple[int, str, float, int]]:
        """Moment, key, risk and author, forwards in time."""
        ...

    def anchors(self, asks: Sequence[Back], limit: int) -> list[list[str]]:
        """Keys of anchors, the earliest first."""
        ...

    def followed(self, asks: Sequence[Ahead]) -> list[int]:
        """Numbers of the questions after which any copy was seen."""
        ...


class SqliteSeek:
    """One prepared statement per question: the database lives in this process, so a question costs microseconds."""

    def __init__(self, connection: sa.Connection) -> None:
        self._cursor = connection.connection.cursor()

    def rows(self, columns: Sequence[str], keys: Collection[str]) -> list[Sequence[Any]]:
        """These columns of what is remembered under the keys."""
        wanted = f"SELECT {', '.join(columns)} FROM memory WHERE content_key IN (SELECT value FROM json_each(?))"  # noqa: S608  our own columns
        return list(self._cursor.execute(wanted, (orjson.dumps(list(keys)).decode(),)))

    def best(self, asks: Sequence[Back], floor: float, limit: int) -> list[list[Found]]:
        """Keys, authors and moments by risk, then time, then key, all descending."""
        run = self._cursor.execute
        return [
            list(
                run(
                    "SELECT content_key, author, at FROM memory_links INDEXED BY ix_memory_links_choice "
                    "WHERE link = ? AND risk >= ? AND at >= ? AND (at < ? OR at = ? AND content_key < ?) "
                    "ORDER BY risk DESC, at DESC, content_key DESC LIMIT ?",
                    (link, floor, since, before, before, key, limit),
                )
            )
            for link, since, before, key in asks
        ]

    def inhabited(self, asks: Sequence[Ahead]) -> list[int]:
        """Numbers of the questions to which there is anything."""
        return self._numbers(
            "SELECT j.key FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM memory_links WHERE link = j.value ->> 0 "
            "AND (at, content_key) > (j.value ->> 1, j.value ->> 2) AND at <= j.value ->> 3)",
            asks,
        )

    def ahead(self, ask: Ahead, limit: int) -> list[tuple[int, str, float, int]]:
        """Moment, key, risk and author, forwards in time."""
        return list(
            self._cursor.execute(
                "SELECT at, content_key, risk, author FROM memory_links WHERE link = ? AND (at, content_key) > (?, ?) "
                "AND at <= ? ORDER BY at, content_key LIMIT ?",
                (*ask, limit),
            )
        )

    def anchors(self, asks: Sequence[Back], limit: int) -> list[list[str]]:
        """Keys of anchors, the earliest first."""
        run = self._cursor.execute
        return [
            [
                key
                for (key,) in run(
                    "SELECT content_key FROM copy_links WHERE link = ? AND is_anchor = 1 AND seen >= ? "
                    "AND (seen, content_key) < (?, ?) ORDER BY seen, content_key LIMIT ?",
                    (*ask, limit),
                )
            ]
            for ask in asks
        ]

    def followed(self, asks: Sequence[Ahead]) -> list[int]:
        """Numbers of the questions after which any copy was seen."""
        return self._numbers(
            "SELECT j.key FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM (SELECT 0 AS a UNION ALL SELECT 1) k "
            "CROSS JOIN copy_links c ON c.link = j.value ->> 0 AND c.is_anchor = k.a "
            "AND (c.seen, c.content_key) > (j.value ->> 1, j.value ->> 2) AND c.seen <= j.value ->> 3)",
            asks,
        )

    def _numbers(self, statement: str, asks: Sequence[Ahead]) -> list[int]:
        return sorted(number for (number,) in self._cursor.execute(statement, (orjson.dumps(asks).decode(),)))


class PostgresSeek:
    """One statement for a batch of questions: the database is a journey away."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, columns: Sequence[str], keys: Collection[str]) -> list[Sequence[Any]]:
        """These columns of what is remembered under the keys."""
        wanted = f"SELECT {', '.join(columns)} FROM memory WHERE content_key = ANY(%s)"  # noqa: S608  our own columns
        # A piece at a time: of many keys at once the server would rather read the whole table.
        return [row for piece in chunks(keys) for row in self._connection.exec_driver_sql(wanted, (piece,)).all()]

    def best(self, asks: Sequence[Back], floor: float, limit: int) -> list[list[Found]]:
        """Keys, authors and moments by risk, then time, then key, all descending."""
        return self._lists(
            "SELECT q.n, l.content_key, l.author, l.at "
            "FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) "
            "AS q(n, link, since, before, key) CROSS JOIN LATERAL (SELECT content_key, author, at FROM memory_links m "
            "WHERE m.link = q.link AND m.risk >= %s AND m.at >= q.since AND (m.at, m.content_key) < (q.before, q.key) "
            "ORDER BY m.risk DESC, m.at DESC, m.content_key DESC LIMIT %s) l",
            asks,
            (floor, limit),
        )

    def inhabited(self, asks: Sequence[Ahead]) -> list[int]:
        """Numbers of the questions to which there is anything."""
        return self._numbers(
            "SELECT q.n FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) "
            "AS q(n, link, at, key, until) WHERE EXISTS (SELECT 1 FROM memory_links m WHERE m.link = q.link "
            "AND (m.at, m.content_key) > (q.at, q.key) AND m.at <= q.until)",
            asks,
        )

    def ahead(self, ask: Ahead, limit: int) -> list[tuple[int, str, float, int]]:
        """Moment, key, risk and author, forwards in time."""
        rows = self._connection.exec_driver_sql(
            "SELECT at, content_key, risk, author FROM memory_links WHERE link = %s AND (at, content_key) > (%s, %s) "
            "AND at <= %s ORDER BY at, content_key LIMIT %s",
            (*ask, limit),
        )
        return [(at, key, risk, author) for at, key, risk, author in rows]

    def anchors(self, asks: Sequence[Back], limit: int) -> list[list[str]]:
        """Keys of anchors, the earliest first."""
        found = self._lists(
            "SELECT q.n, l.content_key FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) "
            "AS q(n, link, since, before, key) CROSS JOIN LATERAL (SELECT content_key FROM copy_links c "
            "WHERE c.link = q.link AND c.is_anchor = 1 AND c.seen >= q.since "
            "AND (c.seen, c.content_key) < (q.before, q.key) ORDER BY c.seen, c.content_key LIMIT %s) l",
            asks,
            (limit,),
        )
        return [[key for (key,) in answers] for answers in found]

    def followed(self, asks: Sequence[Ahead]) -> list[int]:
        """Numbers of the questions after which any copy was seen."""
        return self._numbers(
            "SELECT q.n FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) "
            "AS q(n, link, at, key, until) WHERE EXISTS (SELECT 1 FROM copy_links c WHERE c.link = q.link "
            "AND c.is_anchor IN (0, 1) AND (c.seen, c.content_key) > (q.at, q.key) AND c.seen <= q.until)",
            asks,
        )

    def _lists(self, statement: str, asks: Sequence[Back], more: tuple[Any, ...]) -> list[list[Any]]:
        found: list[list[Any]] = [[] for _ in asks]
        rows = self._connection.exec_driver_sql(statement, (*_columns(asks), *more)) if asks else ()
        for number, answers in groupby(rows, key=lambda row: row[0]):
            found[number] += [tuple(row[1:]) for row in answers]
        return found

    def _numbers(self, statement: str, asks: Sequence[Ahead]) -> list[int]:
        rows = self._connection.exec_driver_sql(statement, _columns(asks)) if asks else ()
        return sorted(row[0] for row in rows)


def _columns(asks: Sequence[Back] | Sequence[Ahead]) -> tuple[str, ...]:
    """The questions by column, as PostgreSQL writes arrays; numbers and keys of hexadecimal digits need no escapes."""
    columns = (range(len(asks)), *zip(*asks, strict=True))
    return tuple(f"{{{','.join(map(str, column))}}}" for column in columns)
