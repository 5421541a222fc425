"""What was remembered before a step of the tables is found after it as if it had been taken in anew."""

from collections.abc import Sequence
from random import Random
from typing import Any

import sqlalchemy as sa
from alembic import command

from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.memory_tables import copy_links, memory_links
from services.referrer.adapters.migrate import config
from services.referrer.memory_ports import Span
from services.referrer.policy import load_policy
from services.referrer.relations import By
from tests.memory import World, post, some_facts


def rows(connection: sa.Connection) -> list[Sequence[Any]]:
    return [
        tuple(row)
        for table in (memory_links, copy_links)
        for row in connection.execute(sa.select(table).order_by(*table.primary_key))
    ]


def test_links_of_before_authors_were_told_apart_are_those_of_now(database: SqlDatabase) -> None:
    with database.engine.begin() as connection:
        nobody = post("nobody", "", 0, 0.5, author_key=None, thread_key="ab" * 16)
        world = World(connection, load_policy())
        world.take([*some_facts(Random(3), 40), nobody])
        world.memory.defer([Span(7, 1, "a", 9, (0.3, 1, "a"), By.AUTHOR, 5, 7, ((5, 1),))])
        now = rows(connection)
        command.downgrade(config(connection), "0012")
        assert "author" not in {column["name"] for column in sa.inspect(connection).get_columns("memory_links")}
        command.upgrade(config(connection), "head")
        assert rows(connection) == now
        assert [span.choice for span in world.memory.deferred(1)] == [(2.0, 1, "a")]
