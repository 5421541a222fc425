"""Scorers are killed, frozen and rebalanced while they work: nothing is lost, where a naive agent loses a record."""

import asyncio
import contextlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson
import pytest

from deploy.kafka.broker import LocalBroker
from schemas.topics import NORMALISED, RANKED, SCORED
from services.runtime.codec import encode
from services.runtime.envelope import Outgoing, envelope
from tests.broker.processes import (
    SESSION_SECONDS,
    Service,
    audited,
    lying,
    produce,
    scorer,
    until_done,
    until_made,
)
from tests.builders import NOON, normalised

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]
GROUP = "hub-scorer"
BUSY = {"SCORER_BATCH": "32"}
TEXTS = (
    "dinner at ours on sunday, bring the kids",
    "on my mum he is getting shot tonight \U0001f52b",
    "caught him lacking, man got dipped in the ends",
    "new song out on friday, hope you like it",
)


def posts(of: str, number: int) -> list[Outgoing]:
    """Normalised records of one test; every hundredth is unreadable."""
    records = []
    for n in range(number):
        content = normalised(f"{TEXTS[n % len(TEXTS)]} {n}", content_id=f"{of}-{n}")
        value = b"{" if n % 100 == 50 else encode(content)
        headers = envelope(NORMALISED, id=content.observation_id, stage="test", time=NOON)
        records.append(Outgoing(NORMALISED.name, content.content_key.encode(), value, headers))
    return records


def without_times(value: bytes | None) -> bytes:
    """A result but for the time of scoring, which the contract excepts."""

    def timeless(node: Any) -> Any:
        return {k: timeless(v) for k, v in node.items() if k != "scored_at"} if isinstance(node, dict) else node

    return orjson.dumps(timeless(orjson.loads(value or b"{}")))


async def nothing_is_lost_and_repeats_are_equal(broker: LocalBroker) -> None:
    audit = await audited(broker, "scorer")
    assert (audit.missing, audit.doubled, audit.waiting) == ((), (), 0)
    for topic in (SCORED.name, RANKED.name):
        results: dict[str, set[bytes]] = defaultdict(set)
        for record in await lying(broker, topic):
            results[record.header("hub_source") or ""].add(without_times(record.value))
        assert results
        assert {source for source, values in results.items() if len(values) != 1} == set()


async def test_two_scorers_lose_nothing_over_kills_a_freeze_and_their_rebalances(
    own_kafka: LocalBroker, folder: Path
) -> None:  # fmt: skip
    with contextlib.ExitStack() as stack:
        first, second = (stack.enter_context(scorer(own_kafka, folder, BUSY, supervised=True)) for _ in range(2))
        await produce(own_kafka, posts("a", 3_000))
        await until_made(own_kafka, SCORED.name, 300)
        first.crash()
        await until_made(own_kafka, SCORED.name, 900)
        second.freeze()
        await produce(own_kafka, posts("b", 2_000))
        await asyncio.sleep(SESSION_SECONDS + 3)
        assert (await audited(own_kafka, "scorer")).missing == ()
        second.thaw()
        await until_made(own_kafka, SCORED.name, 2_500)
        second.crash()
        await produce(own_kafka, posts("c", 1_000))
        await until_done(own_kafka, GROUP, NORMALISED.name, seconds=120)
        assert first.starts + second.starts >= 4
    await nothing_is_lost_and_repeats_are_equal(own_kafka)


async def copied(broker: LocalBroker, agent: str, folder: Path, number: int) -> list[bytes | None]:
    """What an agent copies of the records that lie there, while it fails once on one of them."""
    before = {record.source for record in await lying(broker, SCORED.name)}
    env = {"AGENT_MARKER": str(folder / f"{agent}-failed")}
    service = Service(f"tests.broker.{agent}", broker, folder, env, supervised=True).start(wait=False)
    try:
        await until_made(broker, SCORED.name, len(before) + number)
        # Long enough for whatever else might come.
        await asyncio.sleep(2)
    finally:
        service.kill()
    return [record.value for record in await lying(broker, SCORED.name) if record.source not in before]


async def test_where_a_naive_agent_loses_a_record_the_scorers_shape_loses_none(
    own_kafka: LocalBroker, folder: Path
) -> None:  # fmt: skip
    values = [b"%d" % n for n in range(10)] + [b"fail"] + [b"%d" % n for n in range(10, 20)]
    # One key, so that all lie on one partition and the failing record lies between others.
    await produce(own_kafka, [Outgoing(NORMALISED.name, b"one", value, []) for value in values])
    naive = await copied(own_kafka, "naive_agent", folder, 20)
    sound = await copied(own_kafka, "sound_agent", folder, 21)
    assert set(values) - set(naive) == {b"fail"}
    assert set(values) - set(sound) == set()
