"""Events go in at the door of a whole hub; events a second to the ranking, ages at half of that load, and memory per process go out."""

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil

from deploy.demo.run import await_rest
from deploy.demo.stack import Stack
from schemas.topics import RANKED, SCORED
from services.ingest.adapters.door_client import DoorClient
from services.ingest.collecting import replay
from services.ingest.recordings import Item
from services.runtime.envelope import accepted_at
from services.runtime.reading import Reader
from services.runtime.settings import KafkaSettings
from services.scorer.settings import ClassifierChoice
from tests.bench.rows import Row, show

EVENTS = int(os.environ.get("BENCH_EVENTS", "10000"))
BATCH = 100
HALF_LOAD_SECONDS = 10.0
PATIENCE_SECONDS = 180.0
SENDERS = 2
UNBOUNDED = 1e6
ORDINARY = "the 43 was late again so we walked home along the river, number {n}"
WORTH_RANKING = "opp block got spun twice, we caught him lacking by the shops and he got shanked, number {n}"


def events(first: int, count: int) -> Iterator[dict[str, Any]]:
    """Posts of which one in ten is for the desk."""
    now = datetime.now(UTC).isoformat()
    for number in range(first, first + count):
        text = (WORTH_RANKING if number % 10 == 0 else ORDINARY).format(n=number)
        yield {
            "schema_version": "1", "event_id": f"bench-{number}", "platform": "x", "content_id": f"bench-{number}",
            "url": f"https://x.example/{number}", "kind": "post", "author": {"id": f"a{number % 5000}"},
            "texts": [{"role": "body", "text": text}], "published_at": now, "observed_at": now,
        }  # fmt: skip


def publish(stack: Stack, first: int, count: int, rate: float) -> None:
    """Send over one connection, at no more than `rate` events a second."""
    wanted = [Item(str(number), orjson.dumps(event)) for number, event in enumerate(events(first, count))]

    async def send() -> None:
        async with httpx.AsyncClient(base_url=stack.door) as client:
            door = DoorClient(client, stack.collector_key, {}, compress=False)
            await replay(wanted, door.publish, rate=rate, batch=BATCH, done=lambda _: None)

    asyncio.run(send())


async def held(settings: KafkaSettings, topic: str) -> int:
    """Records on a topic now."""
    async with Reader(settings) as reader:
        return sum(end for _, end in (await reader.bounds(topic)).values())


def await_scored(stack: Stack, count: int) -> None:
    """Return when the scorer has scored so many."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while asyncio.run(held(stack.kafka, SCORED.name)) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"fewer than {count} records were scored within {PATIENCE_SECONDS:g} s")
        time.sleep(0.1)


def full_load(stack: Stack) -> float:
    """Everything as fast as the door takes it; events a second until the last is scored."""
    begun = time.perf_counter()
    share = EVENTS // SENDERS
    senders = [threading.Thread(target=publish, args=(stack, n * share, share, UNBOUNDED)) for n in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    await_scored(stack, share * SENDERS)
    return share * SENDERS / (time.perf_counter() - begun)


async def ages(settings: KafkaSettings, since: datetime) -> list[float]:
    """Seconds from the door to the first ranking, for what was accepted since then."""
    found: dict[str | None, float] = {}
    async with Reader(settings) as reader:
        async for record in reader.records([RANKED.name], int(since.timestamp() * 1000)):
            if (accepted := accepted_at(record)) is not None and accepted >= since:
                found.setdefault(record.header("hub_source"), record.timestamp_ms / 1000 - accepted.timestamp())
    return sorted(found.values())


def half_load(stack: Stack, rate: float) -> list[float]:
    """Ages while the hub gets half of what it can do."""
    since = datetime.now(UTC)
    count = int(rate / 2 * HALF_LOAD_SECONDS)
    publish(stack, 10 * EVENTS, count, rate / 2)
    # Results that were degraded at full load are scored again meanwhile: their number on the topic says nothing here.
    await_rest(stack)
    return asyncio.run(ages(stack.kafka, since))


def memory(stack: Stack) -> dict[str, float]:
    """Resident megabytes per process."""
    return {service.name: psutil.Process(service.pid).memory_info().rss / 1e6 for service in stack.services}


def run() -> list[Row]:
    """The whole road, with everything it needs on the same cores: by coded terms alone, then by the trained cascade."""
    return [row for classifier in reversed(ClassifierChoice) for row in measured(classifier)]


def measured(classifier: ClassifierChoice) -> list[Row]:
    """The road with one classifier behind it."""
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), lambda _: None, classifier=classifier) as stack:
        rate = full_load(stack)
        found = half_load(stack, rate)
        resident = memory(stack)
    how = f"{EVENTS:,} events in batches of {BATCH}, broker and senders on the same cores"
    aim = 2_500 if classifier is ClassifierChoice.LEXICON else None
    rows = [Row(f"{classifier}: whole road, door to scored", rate, "events/s", aim=aim, how=how)]
    if found:
        at_half = f"{len(found):,} ranked at {rate / 2:,.0f} events/s"
        rows += [
            Row(f"{classifier}: age door to ranked, p50", found[len(found) // 2], "s", how=at_half),
            Row(f"{classifier}: age door to ranked, p99", found[int(len(found) * 0.99)], "s", aim=1.0, how=at_half),
        ]
    aims = {"scorer": 400.0}
    return rows + [
        Row(f"{classifier}: resident, {name}", size, "MB", aims.get(name, 250.0)) for name, size in resident.items()
    ]


if __name__ == "__main__":
    show("Whole road", run())
