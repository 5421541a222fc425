"""Rows stored many at a time are the rows that one at a time would leave, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.referrer.adapters.bulk import insert, upsert
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.tables import inbox, outbox
from tests.builders import NOON


def mark(offset: int, **changes: Any) -> dict[str, Any]:
    values = {"topic": "t", "partition_number": 0, "record_offset": offset, "ended": "recorded", "item": None}
    return values | {"at": NOON + timedelta(microseconds=offset)} | changes


def stored(database: SqlDatabase, table: sa.Table) -> list[dict[str, Any]]:
    with database.engine.begin() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]


def test_moments_absences_and_signs_of_every_script_come_back_as_they_were(database: SqlDatabase) -> None:
    rows = [mark(2**53 - 1, item="a 'quote', a \\ and a line\nend"), mark(2, item="\U0001f52a é"), mark(3)]
    with database.engine.begin() as connection:
        insert(connection, inbox, rows)
    assert stored(database, inbox) == sorted(rows, key=lambda row: row["record_offset"])


def test_bytes_come_back_as_they_were(database: SqlDatabase) -> None:
    rows = [{"topic": "t", "key": key, "value": bytes(range(256)), "headers": b"[]"} for key in (b"\x00\\x", None)]
    with database.engine.begin() as connection:
        insert(connection, outbox, rows)
    assert [(row["key"], row["value"]) for row in stored(database, outbox)] == [
        (row["key"], row["value"]) for row in rows
    ]


def test_of_two_rows_with_one_key_the_later_stays(database: SqlDatabase) -> None:
    with database.engine.begin() as connection:
        upsert(connection, inbox, [mark(1, ended="stored")])
        upsert(connection, inbox, [mark(1, ended="first"), mark(2), mark(1, ended="second")])
    assert [row["ended"] for row in stored(database, inbox)] == ["second", "recorded"]


def test_a_row_that_is_there_cannot_be_inserted_again(database: SqlDatabase) -> None:
    with database.engine.begin() as connection:
        insert(connection, inbox, [mark(1)])
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        insert(connection, inbox, [mark(2), mark(1)])
    assert len(stored(database, inbox)) == 1


def test_nothing_is_stored_of_no_rows(database: SqlDatabase) -> None:
    with database.engine.begin() as connection:
        insert(connection, inbox, [])
        upsert(connection, inbox, [])
    assert stored(database, inbox) == []
