"""The memory in a database: at rest a function of the set of observations, whatever the order, the cuts and the repeats."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from schemas.scoring import ContentRanked
from services.referrer.adapters import memory_tables
from services.referrer.policy import ContextPolicy, load_policy
from services.referrer.remembered import context_links, copy_links
from tests.builders import NOON, key_of, normalised, ranked
from tests.memory import World, by_definition, lines, post, some_facts, tight

POLICY = load_policy()
TIGHT = tight(POLICY)


def database() -> sa.Engine:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    memory_tables.metadata.create_all(engine)
    return engine


ENGINES = (database(), database())


@contextmanager
def world(policy: ContextPolicy = POLICY, number: int = 0) -> Iterator[World]:
    """An empty world: every example leaves its transaction undone."""
    with ENGINES[number].connect() as connection, connection.begin() as transaction:
        yield World(connection, policy)
        transaction.rollback()


SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = st.builds(lambda seed, count: some_facts(Random(seed), count), st.integers(0, 2**32), st.integers(1, 30))


@SLOW
@given(MANY, st.randoms(use_true_random=False), st.integers(1, 7), st.sampled_from([POLICY, TIGHT]))
def test_any_order_any_cut_and_any_replay_leave_the_same_memory(
    observed: list[ContentRanked], random: Random, cut: int, policy: ContextPolicy
) -> None:
    with world(policy) as once, world(policy, 1) as again:
        once.take(observed)
        once.rest()
        shuffled = observed + observed[: len(observed) // 2]
        random.shuffle(shuffled)
        for start in range(0, len(shuffled), cut):
            again.take(shuffled[start : start + cut])
        again.rest()
        assert lines(again.kept()) == lines(once.kept())


@SLOW
@given(MANY, st.sampled_from([POLICY, TIGHT]))
def test_the_memory_weighs_as_by_looking_at_everything(observed: list[ContentRanked], policy: ContextPolicy) -> None:
    with world(policy) as real:
        for fact in observed:
            real.take([fact])
        real.rest()
        assert lines(real.kept()) == lines(by_definition(real.kept(), policy))


def risks(observed: list[ContentRanked], policy: ContextPolicy, number: int = 0) -> dict[str, float]:
    with world(policy, number) as real:
        real.take(observed)
        real.rest()
        return {key: kept.weighed.risk for key, kept in real.kept().items()}


A_FLOOD = st.lists(st.tuples(st.integers(0, 540), st.sampled_from([0.3, 0.8])), min_size=1, max_size=12)


@SLOW
@given(MANY, A_FLOOD, st.sampled_from([None, "Harrow Lane"]), st.sampled_from([POLICY, TIGHT]))
def test_what_one_more_author_adds_lowers_nobodys_risk(
    observed: list[ContentRanked], flood: list[tuple[int, float]], place: str | None, policy: ContextPolicy
) -> None:
    thread = "ab" * 16
    added = [
        post(f"flood-{number}", "bot", minutes, risk, place=place, thread_key=thread, pair_keys=("ab",))
        for number, (minutes, risk) in enumerate(flood)
    ]
    before, after = risks(observed, policy), risks([*observed, *added], policy, 1)
    assert [key for key, risk in before.items() if after[key] < risk] == []


@SLOW
@given(MANY, st.integers(0, 9))
def test_erased_content_leaves_the_memory_as_if_it_had_never_been(observed: list[ContentRanked], number: int) -> None:
    key = key_of("bluesky", f"p-{number}")
    with world() as erased, world(number=1) as never:
        erased.take(observed)
        erased.recall.erase(erased.memory, [key])
        erased.rest()
        never.take([fact for fact in observed if fact.content.content_key != key])
        never.rest()
        assert lines(erased.kept()) == lines(never.kept())
        tables = (memory_tables.memory_links, memory_tables.copy_links, memory_tables.memory)
        connection = erased.memory._connection
        for table in tables:
            assert connection.execute(sa.select(table.c.content_key).where(table.c.content_key == key)).all() == []


def test_content_to_which_many_changes_lead_is_weighed_again_for_many_of_them_at_once() -> None:
    policy = POLICY.model_copy(update={"bounds": POLICY.bounds.model_copy(update={"recompute": 20})})
    said = [
        normalised(
            f"about them all {number}", content_id=f"p-{number}", author_key=f"k1:{number}", tags=tuple(f"name {n}" for n in range(8)),
            event_time=NOON + timedelta(seconds=number), observation_id=key_of("about", str(number)),
        )
        for number in range(100)
    ]  # fmt: skip
    with world(policy) as real:
        real.take([ranked(content, risk=0.3) for content in said])
        again = 0
        while (done := real.recall.catch_up(real.memory)) is not None:
            again += len(done.kept)
    # Each of some thousand stretches of names leads to most of the hundred; one after the other it would be 18,000 times.
    assert again < 8_000


@SLOW
@given(MANY)
def test_the_links_in_the_database_are_those_of_what_is_kept(observed: list[ContentRanked]) -> None:
    with world() as real:
        for fact in observed:
            real.take([fact])
        kept = real.kept().values()
        links = real.memory._connection.execute(sa.select(memory_tables.memory_links.c.link)).scalars()
        assert sorted(links) == sorted(link for one in kept for link in context_links(one.this))
        copies = real.memory._connection.execute(sa.select(sa.func.count()).select_from(memory_tables.copy_links))
        assert copies.scalar_one() == sum(len(set(copy_links(one.this))) for one in kept)
