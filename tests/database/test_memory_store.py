"""The memory on both databases: the same risks, and bounded work on hostile input."""

import time
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from schemas.scoring import ContentRanked
from services.referrer.adapters.database import SqlDatabase
from services.referrer.context_parts import Sighting
from services.referrer.memory_ports import Count
from services.referrer.policy import load_policy
from tests.builders import NOON, a_text, key_of, normalised, ranked
from tests.memory import WORDS, World, a_fact, by_definition, lines

POLICY = load_policy()
TIGHT = POLICY.model_copy(update={"bounds": POLICY.bounds.model_copy(update={"chosen": 2, "recompute": 3})})

# Made inside the database, which takes a tenth of the time.
MANY = sa.text(
    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
    "INSERT INTO memory_links (link, at, content_key, risk) SELECT :link, :at - i, printf('%064x', i), 0.3 FROM n"
)


def taken(database: SqlDatabase, facts: Sequence[ContentRanked], cut: int, policy: object = POLICY) -> str:
    assert isinstance(policy, type(POLICY))
    with database.engine.connect() as connection, connection.begin() as transaction:
        world = World(connection, policy)
        for start in range(0, len(facts), cut):
            world.take(facts[start : start + cut])
        world.rest()
        found = lines(world.kept())
        assert found == lines(by_definition(world.kept(), policy))
        transaction.rollback()
    return found


@pytest.mark.parametrize("policy", [POLICY, TIGHT], ids=["packaged", "tight"])
def test_any_order_and_cut_give_the_same_risks(database: SqlDatabase, policy: object) -> None:
    random = Random(7)
    facts = [a_fact(random) for _ in range(60)]
    facts = list({fact.content.observation_id: fact for fact in facts}.values())
    first = taken(database, facts, 60, policy)
    random.shuffle(facts)
    assert taken(database, facts, 7, policy) == first


@pytest.mark.no_cover
def test_ten_thousand_copies_are_one_case_and_cost_no_more_than_others(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    flood = [copy(number) for number in range(10_000)]
    with database.engine.connect() as connection, connection.begin():
        world = World(connection, POLICY)
        seconds = []
        for start in range(0, len(flood), 500):
            begun = time.perf_counter()
            world.take(flood[start : start + 500])
            seconds.append(time.perf_counter() - begun)
        anchors = {kept.this.anchor for kept in world.memory.kept([f.content.content_key for f in flood]).values()}
        assert len(anchors) == 1
    database.close()
    # Generous, because the machine may be busy; work that grows with the flood would be twenty times the first.
    assert min(seconds[-3:]) < 4 * max(min(seconds[:3]), 0.1)


def copy(number: int) -> ContentRanked:
    moment = NOON + timedelta(seconds=number)
    content = normalised(
        WORDS[0], content_id=f"flood-{number}", author_key=f"bot {number}", similarity="0" * 16, event_time=moment,
        observed_at=moment, observation_id=key_of("flood", str(number)),
    )  # fmt: skip
    return ranked(content, risk=0.3)


@pytest.mark.no_cover
def test_a_million_posts_by_one_author_are_asked_for_by_index_alone(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    with database.engine.connect() as connection, connection.begin():
        world = World(connection, POLICY)
        world.take([post(number) for number in range(3)])
        kept = next(iter(world.kept().values()))
        link = world.links_of(kept)[0]
        connection.execute(MANY, {"link": link, "at": kept.this.at - 10, "last": 1_000_000 - 1})
        thousands: list[None] = []
        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(lambda: thousands.append(None), 1_000)
        world.memory.related([kept.this])
        raw.set_progress_handler(None, 0)
        # Steps of the database's machine, as time says little on a busy one; looking at every row would take a million and more.
        assert len(thousands) < 100
    database.close()


def post(number: int) -> ContentRanked:
    moment = NOON + timedelta(minutes=number)
    content = normalised(
        content_id=f"p-{number}", texts=(a_text("we know"),), event_time=moment, observed_at=moment, thread_key=None,
        observation_id=key_of("post", str(number)), author_key="k1:" + key_of("author"),
    )  # fmt: skip
    return ranked(content, risk=0.5)


def test_counts_are_kept_per_observation_latest_first_to_count(database: SqlDatabase) -> None:
    with database.engine.connect() as connection, connection.begin() as transaction:
        memory = World(connection, POLICY).memory
        memory.add_counts([Count("a", "o1", 1, 10), Count("a", "o2", 2, None), Count("b", "o3", 3, None, 7)])
        memory.add_counts([Count("a", "o1", 1, 11)])
        assert memory.counts(["a"]) == {"a": [Sighting(1, 11)]}
        memory.forget_counts(["a"])
        assert memory.counts(["a", "b"]) == {"b": [Sighting(3, 7, estimated=True)]}
        transaction.rollback()


def test_everything_of_an_author_is_found(database: SqlDatabase) -> None:
    with database.engine.connect() as connection, connection.begin() as transaction:
        world = World(connection, POLICY)
        world.take([post(number) for number in range(3)])
        mine = sorted(world.kept())
        assert world.memory.of_author("k1:" + key_of("author")) == mine
        assert world.memory.of_author("k1:" + key_of("somebody")) == []
        transaction.rollback()
