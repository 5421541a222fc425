"""Rows for a table come in; one statement stores them all, on PostgreSQL with all rows as one JSON value.

Given the rows themselves, PostgreSQL is asked once per row, and a batch has thirty rows an item: it took half as much time again.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Process = Callable[[Any], Any]
Row = Mapping[str, Any]
S = TypeVar("S", postgresql.Insert, sqlite.Insert)


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows, which all name the same columns; one whose primary key is there is an error."""
    if rows:
        _run(connection, table, rows, replace=False)


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows; one whose primary key is there is replaced, and of two with the same key the later stays."""
    if rows:
        keys = [column.name for column in table.primary_key]
        _run(connection, table, list({tuple(row[name] for name in keys): row for row in rows}.values()), replace=True)


def _run(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], *, replace: bool) -> None:
    if connection.dialect.name == "postgresql":
        statement, processes = _of_json(table, connection.dialect, tuple(rows[0]), replace)
        given = [row | {name: process(row[name]) for name, process in processes} for row in map(dict, rows)]
        connection.execute(statement, {"rows": orjson.dumps(given).decode()})
    else:
        connection.execute(_of_values(table, replace), rows)


@lru_cache(maxsize=256)
def _of_values(table: sa.Table, replace: bool) -> sqlite.Insert:
    statement = sqlite.insert(table)
    return _replacing(statement, table) if replace else statement


@lru_cache(maxsize=256)
def _of_json(
    table: sa.Table, dialect: sa.Dialect, names: tuple[str, ...], replace: bool
) -> tuple[postgresql.Insert, tuple[tuple[str, Process], ...]]:
    """The statement, and for some columns what makes a value one that JSON can say and PostgreSQL reads."""
    rows = sa.func.json_to_recordset(sa.cast(sa.bindparam("rows", type_=sa.Text), sa.JSON))
    columns = [sa.column(name, table.c[name].type) for name in names]
    given = rows.table_valued(*columns, name="given").render_derived(with_types=True)
    statement = postgresql.insert(table).from_select(names, sa.select(*given.c))
    processes = tuple((n, process) for n in names if (process := _process(table.c[n], dialect)) is not None)
    return _replacing(statement, table) if replace else statement, processes


def _replacing(statement: S, table: sa.Table) -> S:
    keys = [column.name for column in table.primary_key]
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _hex(value: bytes | None) -> str | None:
    """Bytes as PostgreSQL reads them from a text."""
    return None if value is None else f"\\x{value.hex()}"


def _process(column: sa.Column[Any], dialect: sa.Dialect) -> Process | None:
    if isinstance(column.type, sa.LargeBinary):
        return _hex
    return column.type.dialect_impl(dialect).bind_processor(dialect)
