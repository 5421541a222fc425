"""Rows for a table come in; one statement stores them all: on SQLite prepared once, on PostgreSQL with all rows as one JSON value.

SQLAlchemy works on every row anew before the driver sees it, and PostgreSQL is asked once per row; a batch has thirty rows an item.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa

Process = Callable[[Any], Any]


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, which all name the same columns; one whose primary key is there is an error."""
    if rows:
        _run(connection, table, rows, replace=False)


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; one whose primary key is there is replaced, and of two with the same key the later stays."""
    if rows:
        keys = [column.name for column in table.primary_key]
        _run(connection, table, list({tuple(row[name] for name in keys): row for row in rows}.values()), replace=True)


def _run(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, replace: bool) -> None:
    names = tuple(rows[0])
    statement, processes = _statement(table, connection.dialect, names, replace)
    columns = [
        [process(row[name]) for row in rows] if process else [row[name] for row in rows]
        for name, process in zip(names, processes, strict=True)
    ]
    if connection.dialect.name == "postgresql":
        values = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        connection.exec_driver_sql(statement, (orjson.dumps(values).decode(),))
    else:
        connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _hex(value: bytes | None) -> str | None:
    """Bytes as PostgreSQL reads them from a text."""
    return None if value is None else f"\\x{value.hex()}"


@lru_cache(maxsize=256)
def _statement(
    table: sa.Table, dialect: sa.Dialect, names: tuple[str, ...], replace: bool
) -> tuple[str, tuple[Process | None, ...]]:
    """The statement, and per column what makes a value one of the driver's."""
    quote = dialect.identifier_preparer.quote
    columns = [table.c[name] for name in names]
    if dialect.name == "postgresql":
        kinds = ", ".join(f"{quote(column.name)} {column.type.compile(dialect)}" for column in columns)
        source = f"SELECT * FROM json_to_recordset(%s::json) AS given({kinds})"  # noqa: S608  names and types of our own tables
    else:
        source = f"VALUES ({', '.join('?' * len(columns))})"
    text = f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))}) {source}"
    if replace:
        keys = [column.name for column in table.primary_key]
        changed = ", ".join(f"{quote(c.name)} = excluded.{quote(c.name)}" for c in table.c if c.name not in keys)
        action = f"UPDATE SET {changed}" if changed else "NOTHING"
        text += f" ON CONFLICT ({', '.join(map(quote, keys))}) DO {action}"
    return text, tuple(_process(column, dialect) for column in columns)


def _process(column: sa.Column[Any], dialect: sa.Dialect) -> Process | None:
    if dialect.name == "postgresql" and isinstance(column.type, sa.LargeBinary):
        return _hex
    return column.type.dialect_impl(dialect).bind_processor(dialect)
