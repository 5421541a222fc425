"""Ingest is killed, frozen and cut off from its broker while it works: nothing is lost, and repeats are equal."""

import asyncio
from collections import defaultdict
from pathlib import Path

import orjson
import pytest
import structlog

from deploy.kafka.broker import LocalBroker
from schemas.topics import NORMALISED, RECEIVED
from services.ingest.handlers import Normalising, Outcome
from services.ingest.identity import Pseudonyms, Secret
from services.ingest.memory import RecentIds
from services.runtime.clock import SystemClock
from services.runtime.envelope import Outgoing, Source
from tests.broker.processes import (
    SESSION_SECONDS,
    Service,
    audited,
    counted,
    ingest,
    lying,
    produce,
    until_done,
    until_made,
)
from tests.builders import received_value
from tests.doors import SECRET

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]
GROUP = "hub-ingest"
# Small batches and commits far apart: a kill then always falls between work that was done and its commit.
BUSY = {"INGEST_BATCH": "40", "INGEST_COMMIT_SECONDS": "1.0"}


def posts(of: str, number: int) -> list[Outgoing]:
    """Received records of one test; every tenth repeats the one before, every hundredth is unreadable."""
    records = []
    for n in range(number):
        name = f"{of}-{n - 1 if n % 10 == 9 else n}"
        text = f"m33t me @ the st4tion at {n}, bring every0ne \U0001f52a " * 3
        value = b"{" if n % 100 == 50 else orjson.dumps(received_value(content_id=name, texts=[{"text": text}]))
        records.append(Outgoing(RECEIVED.name, name.encode(), value, []))
    return records


async def nothing_is_lost_and_repeats_are_equal(broker: LocalBroker, of: str) -> None:
    """Every received record has its one kind of ending, and what was published for it is what it must be, byte for byte."""
    audit = await audited(broker, "ingest")
    assert (audit.missing, audit.doubled, audit.waiting) == ((), (), 0)
    published: dict[Source, set[bytes]] = defaultdict(set)
    for record in await lying(broker, NORMALISED.name):
        source = Source.parse(record.header("hub_source") or "")
        assert source is not None
        published[source].add(record.value or b"")
    normalising = Normalising(
        Pseudonyms(Secret("k1", SECRET.encode())), RecentIds(0), SystemClock(), structlog.get_logger()
    )
    for received in await lying(broker, RECEIVED.name):
        if received.source in published and (received.key or b"").startswith(of.encode()):
            (ending,) = normalising([received])
            assert ending.outcome is Outcome.PUBLISHED
            assert published[received.source] == {ending.outputs[0].value}


async def test_killed_in_its_work_it_loses_nothing(hub_kafka: LocalBroker, folder: Path) -> None:
    before = await counted(hub_kafka, NORMALISED.name)
    await produce(hub_kafka, posts("killed", 2_500))
    for target in (400, 1_000):
        service = ingest(hub_kafka, folder, BUSY).start(wait=False)
        await until_made(hub_kafka, NORMALISED.name, before + target)
        service.kill()
        # Whatever was committed by then has its ending: no offset ran ahead of its output.
        assert (await audited(hub_kafka, "ingest")).missing == ()
    with ingest(hub_kafka, folder, BUSY):
        await until_done(hub_kafka, GROUP, RECEIVED.name)
    await nothing_is_lost_and_repeats_are_equal(hub_kafka, "killed")


async def test_told_to_stop_it_ends_the_batch_at_work_and_repeats_nothing(hub_kafka: LocalBroker, folder: Path) -> None:
    """Batches that take long, so that the signal comes in the middle of one."""
    busy = BUSY | {"INGEST_BATCH": "400"}
    before = await counted(hub_kafka, NORMALISED.name)
    await produce(hub_kafka, posts("stopped", 4_000))
    first = ingest(hub_kafka, folder, busy).start(wait=False)
    await until_made(hub_kafka, NORMALISED.name, before + 300)
    assert first.stop() == 0
    assert (await counted(hub_kafka, NORMALISED.name)) - before < 3_500
    repeats = (await audited(hub_kafka, "ingest")).repeats
    with ingest(hub_kafka, folder, BUSY):
        await until_done(hub_kafka, GROUP, RECEIVED.name)
    assert (await audited(hub_kafka, "ingest")).repeats == repeats
    await nothing_is_lost_and_repeats_are_equal(hub_kafka, "stopped")


async def test_frozen_beyond_its_session_it_comes_back_and_loses_nothing(hub_kafka: LocalBroker, folder: Path) -> None:
    with (
        ingest(hub_kafka, folder, BUSY, supervised=True) as frozen,
        ingest(hub_kafka, folder, BUSY, supervised=True),
    ):
        before = await counted(hub_kafka, NORMALISED.name)
        await produce(hub_kafka, posts("frozen", 4_000))
        await until_made(hub_kafka, NORMALISED.name, before + 500)
        frozen.freeze()
        await asyncio.sleep(SESSION_SECONDS + 3)
        frozen.thaw()
        await produce(hub_kafka, posts("thawed", 500))
        await until_done(hub_kafka, GROUP, RECEIVED.name)
    await nothing_is_lost_and_repeats_are_equal(hub_kafka, "frozen")


async def test_a_broker_that_restarts_costs_nothing(hub_kafka: LocalBroker, folder: Path) -> None:
    with ingest(hub_kafka, folder, BUSY, supervised=True) as service:
        before = await counted(hub_kafka, NORMALISED.name)
        await produce(hub_kafka, posts("cut", 2_500))
        await until_made(hub_kafka, NORMALISED.name, before + 300)
        await asyncio.to_thread(hub_kafka.restart)
        await produce(hub_kafka, posts("again", 500))
        await until_done(hub_kafka, GROUP, RECEIVED.name)
        logs_hold_no_content(service)
    await nothing_is_lost_and_repeats_are_equal(hub_kafka, "cut")


def logs_hold_no_content(service: Service) -> None:
    """Everything the process wrote is a JSON line, and none holds what somebody said."""
    for line in service.log().splitlines():
        assert isinstance(orjson.loads(line), dict)
        assert "st4tion" not in line
