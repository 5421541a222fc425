"""A database goes back to a copy that was taken while the referrer worked: the audit says what it misses until it reads again."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from deploy.kafka.broker import LocalBroker
from schemas.topics import RANKED, SHAPES, TAKEDOWN_OUTCOME, TAKEDOWN_REQUESTED
from schemas.vocabulary import Environment
from services.commands.audit import inbox_of
from services.commands.auditing import Audit, Groups
from services.runtime.kafka import connection
from services.runtime.reading import Reader
from services.runtime.topics_cli import create_missing
from tests.broker.processes import kafka_of, until_done, until_made
from tests.broker.test_referrer_road import GROUP, Hub, a_hub, publish, requests, threats, until

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]


def copied(database: Path, copy: Path) -> None:
    """As the runbook takes it; a test of the database runs the very command."""
    with sqlite3.connect(database) as source:
        source.execute("VACUUM INTO ?", [str(copy)])
    source.close()


def back_to(copy: Path, database: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)
    shutil.move(copy, database)


async def read_again(broker: LocalBroker) -> None:
    """What --to-earliest does to a group that nobody is in."""
    settings = kafka_of(broker)
    async with Reader(settings) as reader:
        bounds = await reader.bounds(RANKED.name) | await reader.bounds(TAKEDOWN_OUTCOME.name)
    consumer = AIOKafkaConsumer(**connection(settings), group_id=GROUP, enable_auto_commit=False)
    consumer.assign(list(bounds))
    await consumer.start()
    await consumer.commit({partition: begin for partition, (begin, _) in bounds.items()})
    await consumer.stop()


def gap(hub: Hub, url: str) -> tuple[int, int]:
    """Records below the committed offsets of the referrer, and how many of them have no ending."""
    stages = asyncio.run(Audit(kafka_of(hub.broker), Groups(), inbox_of(url)).run())
    (stage,) = (each for each in stages if each.topic == RANKED.name)
    return stage.sources, stage.gap


def test_what_came_after_the_copy_has_no_ending_until_the_group_reads_again(
    tmp_path: Path, folder: Path, sqlite_url: str
) -> None:
    database, copy = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "copy.db"
    with LocalBroker(tmp_path / "kafka") as broker:
        asyncio.run(create_missing(kafka_of(broker), SHAPES[Environment.LOCAL]))
        with a_hub(broker, folder, sqlite_url) as hub, hub.service:
            publish(broker, *threats(3))
            hub.approve(hub.until_cases(3)[0])
            until(hub.all_has_left)
            asyncio.run(until_done(broker, GROUP, RANKED.name))
            copied(database, copy)
            publish(broker, *threats(2, first=3))
            decided = hub.until_cases(4)[0]
            hub.approve(decided)
            asyncio.run(until_made(broker, TAKEDOWN_REQUESTED.name, 2))
            asyncio.run(until_done(broker, GROUP, RANKED.name))
            assert gap(hub, sqlite_url) == (5, 0)
            hub.service.stop()
            hub.database.close()
            back_to(copy, database)
            hub.service.start()
            assert gap(hub, sqlite_url) == (5, 2)
            assert len(hub.cases()) == 2
            hub.service.stop()
            asyncio.run(read_again(broker))
            hub.service.start()
            waiting = hub.until_cases(4)
            asyncio.run(until_done(broker, GROUP, RANKED.name))
            assert gap(hub, sqlite_url) == (5, 0)
            # The desk forgot what left; the topic did not, and nothing tells the second request from the first.
            assert len(requests(hub)) == 2
            hub.approve(next(case for case in waiting if case["content_key"] == decided["content_key"]))
            until(lambda: len(requests(hub)) == 3)
            assert hub.service.stop() == 0
