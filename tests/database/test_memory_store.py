"""The memory on both databases: the same risks, and bounded work on hostile input."""

import time
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from schemas.scoring import ContentRanked
from schemas.vocabulary import Change
from services.referrer.adapters import memory_store
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.memory_tables import memory_work
from services.referrer.context_parts import Sighting
from services.referrer.memory_ports import Count
from services.referrer.policy import load_policy
from tests.builders import NOON, a_text, key_of, normalised, ranked
from tests.memory import WORDS, World, by_definition, lines, post, some_facts, tight, twin

POLICY = load_policy()
TIGHT = tight(POLICY)

# Made inside the database, which takes a tenth of the time.
MANY = sa.text(
    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
    "INSERT INTO memory_links (link, at, content_key, risk, author) "
    "SELECT :link, :at - i, printf('%064x', i), 0.3, :author FROM n"
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
    facts = some_facts(random, 60)
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
@pytest.mark.parametrize("place", [0, -1], ids=["author", "name"])
def test_a_million_posts_by_one_author_are_asked_for_by_index_alone(sqlite_url: str, place: int) -> None:
    database = SqlDatabase(sqlite_url)
    with database.engine.connect() as connection, connection.begin():
        world = World(connection, POLICY)
        world.take([by_an_author(number) for number in range(3)])
        kept = next(iter(world.kept().values()))
        link = world.links_of(kept)[place]
        connection.execute(MANY, {"link": link, "at": kept.this.at - 10, "last": 1_000_000 - 1, "author": 7})
        thousands: list[None] = []
        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(lambda: thousands.append(None), 1_000)
        world.memory.related([kept.this])
        raw.set_progress_handler(None, 0)
        # Steps of the database's machine, as time says little on a busy one; looking at every row would take a million and more.
        assert len(thousands) < 100
    database.close()


def by_an_author(number: int) -> ContentRanked:
    moment = NOON + timedelta(minutes=number)
    content = normalised(
        content_id=f"p-{number}", texts=(a_text("we know"),), event_time=moment, observed_at=moment, thread_key=None,
        observation_id=key_of("post", str(number)), author_key="k1:" + key_of("author"), place="Harrow Lane",
    )  # fmt: skip
    return ranked(content, risk=0.5)


def at_rest(database: SqlDatabase, batches: Sequence[Sequence[ContentRanked]]) -> tuple[str, float]:
    """The memory after these, and the risk of what was asked for last by its name."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        world = World(connection, POLICY)
        for batch in batches:
            world.take(batch)
        world.rest()
        kept = world.kept()
        transaction.rollback()
    return lines(kept), kept[key_of("bluesky", "p-asked")].weighed.risk


# What six others said that counts for a seventh, and by whom it could be buried.
SAID = [
    (6, {"place": "Harrow Lane"}),
    (6, {"text": WORDS[0]}),
    (1, {"pair_keys": ("ab",)}),
    (6, {"thread_key": "ab" * 16}),
]


@pytest.mark.parametrize("flooder", ["bot", "asked"])
@pytest.mark.parametrize(("others", "about"), SAID, ids=["name", "copies", "pair", "conversation"])
def test_who_says_much_does_not_bury_what_others_said(
    database: SqlDatabase, others: int, about: dict[str, Any], flooder: str
) -> None:
    first = [
        post("opening", "asked", 0, 0.5, **about),
        *[post(f"other-{number}", f"k1:{number}", 1 + number, 0.5, **about) for number in range(others)],
    ]
    flood = [post(f"flood-{number}", flooder, 30 + number, 0.6, **about) for number in range(70)]
    asked = post("asked", "asked", 120, 0.5, **about)
    _, before = at_rest(database, [[*first, asked]])
    found, after = at_rest(database, [[*first, *flood, asked]])
    assert after >= before > 0.6
    assert at_rest(database, [[asked], flood, first]) == (found, after)


def test_a_late_post_on_a_name_reaches_content_of_the_next_stretch(database: SqlDatabase) -> None:
    begin = (NOON.hour // 3 + 1) * 180 - NOON.hour * 60
    late = post("late", "k1:late", begin - 20, 0.3, place="Harrow Lane")
    much = [post(f"m-{n}", f"k1:{n % 3}", begin + n, 0.8, place="Harrow Lane") for n in range(1, 40)]
    asked = post("asked", "k1:asked", begin + 120, 0.5, place="Harrow Lane")
    found, risk = at_rest(database, [[late, *much, asked]])
    assert risk > 0.6
    assert at_rest(database, [[*much, asked], [late]]) == (found, risk)


def test_a_test_that_becomes_real_at_the_same_moment_is_told_to_later_content(database: SqlDatabase) -> None:
    real, asked = post("first", "k1:a", 0, 0.6), post("asked", "k1:a", 60, 0.5)
    test = twin(real)
    found, risk = at_rest(database, [[test], [real], [asked]])
    assert risk > 0.6
    assert at_rest(database, [[test], [asked], [real]]) == (found, risk)


def test_a_test_edit_does_not_move_what_was_seen_for_real(database: SqlDatabase) -> None:
    real, asked = post("first", "k1:a", 0, 0.6), post("asked", "k1:a", 60, 0.5)
    edit = post("first", "k1:a", 90, 0.6, test=True, change=Change.EDITED, observation_id=key_of("edit"))
    assert at_rest(database, [[real, asked, edit]]) == at_rest(database, [[real, asked]])


def test_exact_copies_meet_behind_more_anchors_than_are_looked_at(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_store, "ANCHORS", 3)
    text = "we are outside yours and we are not alone and we are not leaving"
    # The same bands, and hashes too far from one another to be copies.
    decoys = [
        post(f"decoy-{n}", f"k1:d{n}", n, 0.5, similarity=f"{0xFFFF << 16 * n:016x}", texts=(a_text(text),))
        for n in range(4)
    ]
    copies = [
        post(f"copy-{n}", f"k1:{n}", 10 + n, 0.5, similarity=f"{0x0F0F0F0F0F0F0F0F:016x}", texts=(a_text(text),))
        for n in range(3)
    ]
    with database.engine.connect() as connection, connection.begin() as transaction:
        world = World(connection, POLICY)
        for fact in (*decoys, *copies):
            world.take([fact])
        kept = world.kept()
        transaction.rollback()
    anchors = [kept[fact.content.content_key].this.anchor for fact in copies]
    assert set(anchors) == {copies[0].content.content_key}


def test_a_span_of_before_authors_were_told_apart_is_still_read(database: SqlDatabase) -> None:
    with database.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(sa.insert(memory_work), {"span": '[7,1,"a",9,[0.3,1,"a"],31]'})
        (span,) = World(connection, POLICY).memory.deferred(1)
        assert (span.link, span.at, span.key, span.until, span.home) == (7, 1, "a", 9, 7)
        assert span.choice > (1.0, 9, "b")
        transaction.rollback()


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
        world.take([by_an_author(number) for number in range(3)])
        mine = sorted(world.kept())
        assert world.memory.of_author("k1:" + key_of("author")) == mine
        assert world.memory.of_author("k1:" + key_of("somebody")) == []
        transaction.rollback()
