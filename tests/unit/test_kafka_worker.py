"""A worker's offsets move when its batches end, also when it is told to stop in the middle of one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from aiokafka import ConsumerRecord, TopicPartition

from services.runtime import metrics
from services.runtime.envelope import Incoming
from services.runtime.errors import Fatal
from services.runtime.kafka_worker import KafkaWorker, Process
from services.runtime.probes import Health
from services.runtime.settings import KafkaSettings

PARTITION = TopicPartition("content.received.v1", 0)


@dataclass
class OneBatch:
    """A consumer that finds two records once, and keeps what is committed."""

    found: bool = False
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    left: bool = False
    mine: set[TopicPartition] = field(default_factory=lambda: {PARTITION})

    async def getmany(self, **_limits: Any) -> dict[TopicPartition, list[Any]]:
        if self.found:
            await asyncio.sleep(3_600)
        self.found = True
        return {PARTITION: [consumed(0), consumed(1)]}

    def assignment(self) -> set[TopicPartition]:
        return self.mine

    def highwater(self, _partition: TopicPartition) -> int:
        return 9

    async def position(self, _partition: TopicPartition) -> int:
        return 2

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.committed |= offsets

    async def stop(self) -> None:
        self.left = True


def consumed(offset: int) -> Any:
    return ConsumerRecord(*PARTITION, offset, 0, 0, b"k", b"v", None, 1, 1, ())


class Stumbling:
    """A consumer of three partitions; it stumbles over offset 2 of the second as the real one does, and stands still at their ends."""

    parts = tuple(TopicPartition(PARTITION.topic, number) for number in range(3))
    end = 5

    def __init__(self) -> None:
        self.at = dict.fromkeys(self.parts, 0)
        self.stored = {self.parts[2]: 1}

    def assignment(self) -> set[TopicPartition]:
        return set(self.parts)

    async def getmany(
        self, *asked: TopicPartition, max_records: int, **_limits: Any
    ) -> dict[TopicPartition, list[Any]]:
        found: dict[TopicPartition, list[Any]] = {}
        for partition in asked or self.parts:
            offsets = range(self.at[partition], self.end)[:max_records]
            if partition == self.parts[1] and 2 in offsets:
                # What it took of the first partition is passed, and handed over to nobody.
                raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
            if offsets:
                self.at[partition] = offsets[-1] + 1
                found[partition] = [ConsumerRecord(*partition, at, 0, 0, b"k", b"v", None, 1, 1, ()) for at in offsets]
        if not found:
            await asyncio.sleep(0.001)
        return found

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.at[partition] = offset

    async def committed(self, partition: TopicPartition) -> int | None:
        return self.stored.get(partition)

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.stored |= offsets

    async def stop(self) -> None:
        """Nothing is open."""

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    def highwater(self, _partition: TopicPartition) -> int:
        return self.end

    async def position(self, partition: TopicPartition) -> int:
        return self.at[partition]


class Slow:
    """Work that ends when it is let, well or with a fault."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.begun, self.may_end, self._fault = asyncio.Event(), asyncio.Event(), fault

    async def __call__(self, _records: Sequence[Incoming]) -> None:
        self.begun.set()
        await self.may_end.wait()
        if self._fault is not None:
            raise self._fault


def a_worker(consumer: Any, work: Process) -> KafkaWorker:
    return KafkaWorker(
        KafkaSettings(), [PARTITION.topic], "group", work, Health(300.0), structlog.get_logger(),
        batch=10, commit_seconds=1_000.0, consumer=consumer,
    )  # fmt: skip


async def cancelled_at_work(worker: KafkaWorker, work: Slow) -> None:
    running = asyncio.create_task(worker.run())
    await work.begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_told_to_stop_it_lets_the_batch_at_work_end_and_commits_it() -> None:
    consumer, work = OneBatch(), Slow()
    worker = a_worker(consumer, work)
    await cancelled_at_work(worker, work)
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    assert not consumer.left
    work.may_end.set()
    await stopping
    assert (consumer.committed, consumer.left) == ({PARTITION: 2}, True)


async def test_a_batch_that_fails_while_it_stops_is_not_committed_and_its_fault_is_told() -> None:
    consumer, work = OneBatch(), Slow(Fatal("no acknowledgement"))
    worker = a_worker(consumer, work)
    await cancelled_at_work(worker, work)
    work.may_end.set()
    with pytest.raises(Fatal, match="no acknowledgement"):
        await worker.stop()
    assert (consumer.committed, consumer.left) == ({}, True)


async def test_the_lag_of_a_partition_that_left_is_no_longer_told() -> None:
    consumer = OneBatch()
    worker = a_worker(consumer, Slow())
    await worker._measure()
    told = {"topic": PARTITION.topic, "partition": "0"}
    assert metrics.REGISTRY.get_sample_value("hub_consumer_lag_records", told) == 7
    consumer.mine = set()
    await worker._measure()
    assert metrics.REGISTRY.get_sample_value("hub_consumer_lag_records", told) is None


async def test_over_the_budget_the_batch_is_abandoned_and_not_committed() -> None:
    consumer, work = OneBatch(), Slow()
    worker = a_worker(consumer, work)
    await cancelled_at_work(worker, work)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(worker.stop(), 0.01)
    assert consumer.committed == {}


async def test_a_record_that_the_client_cannot_read_is_handed_over_bare_and_no_other_is_passed() -> None:
    consumer, taken, done = Stumbling(), list[Incoming](), asyncio.Event()

    async def keep(records: Sequence[Incoming]) -> None:
        taken.extend(records)
        if sum(record.source.offset == consumer.end - 1 for record in taken) == len(consumer.parts):
            done.set()

    worker = a_worker(consumer, keep)
    running = asyncio.create_task(worker.run())
    await done.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await worker.stop()
    # The third partition was finished up to 1 by whoever had it before.
    assert sorted((r.source.partition, r.source.offset) for r in taken) == [
        *((0, offset) for offset in range(5)), *((1, offset) for offset in range(5)), *((2, offset) for offset in range(1, 5)),
    ]  # fmt: skip
    (bare,) = [record for record in taken if record.key is None]
    assert ((bare.source.partition, bare.source.offset), bare.value, bare.header("hub_unreadable") is None) == (
        (1, 2),
        None,
        False,
    )
    assert consumer.stored == dict.fromkeys(consumer.parts, 5)
