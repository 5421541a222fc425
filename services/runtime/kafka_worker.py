"""Batches of consumed records go to one function; the offsets of those it has finished are committed, and no others."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from services.runtime import kafka, metrics
from services.runtime.envelope import Incoming
from services.runtime.errors import Fatal
from services.runtime.kafka import incoming, lags
from services.runtime.probes import Health
from services.runtime.settings import KafkaSettings

Process = Callable[[Sequence[Incoming]], Awaitable[None]]
POLL_MS = 200
LAG_SECONDS = 1.0


class KafkaWorker:
    """Consumes topics as one member of a group.

    `process` returns when every output of its records is acknowledged or stored, and raises to stop the service.

    A batch and a rebalance exclude one another: partitions leave only between batches, with what was finished committed.
    Whoever cancels `run` calls `stop`, which lets the batch at work end, so that nothing of it is repeated.
    """

    def __init__(
        self, settings: KafkaSettings, topics: Sequence[str], group: str, process: Process, health: Health,
        log: structlog.stdlib.BoundLogger, *, batch: int, commit_seconds: float, consumer: AIOKafkaConsumer | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._topics = list(topics)
        self._process = process
        self._health = health
        self._log = log
        self._batch = batch
        self._commit_seconds = commit_seconds
        self._consumer = consumer or kafka.consumer(settings, [], group, f"{group}-worker")
        self._working = asyncio.Lock()
        self._at_work: asyncio.Task[None] | None = None
        self._generation = 0
        self._finished: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._commit_due = 0.0
        self._lag_due = 0.0

    async def start(self) -> None:
        """Join the group. Raises Fatal when the broker does not come."""
        self._consumer.subscribe(self._topics, listener=_Listener(self))
        await kafka.connect(self._consumer, self._settings)

    async def run(self) -> None:
        """Work until cancelled. Raises what `process` raises, and Fatal when the consumer fails."""
        while True:
            await self._turn()

    async def stop(self) -> None:
        """Let the batch at work end, commit, leave the group. Raises what `process` raises; to cancel it abandons the batch."""
        fault: BaseException | None = None
        if self._at_work is not None and not self._at_work.done():
            (fault,) = await asyncio.gather(self._at_work, return_exceptions=True)
        await self.commit()
        await self._consumer.stop()
        if fault is not None:
            raise fault

    async def _turn(self) -> None:
        try:
            found, generation = await self._found()
        except KafkaError as why:
            raise Fatal(f"reading {', '.join(self._topics)}: {why}") from why
        self._at_work = asyncio.create_task(self._work(found, generation))
        await asyncio.shield(self._at_work)
        if time.monotonic() >= self._lag_due:
            await self._measure()

    async def _found(self) -> tuple[Mapping[TopicPartition, Sequence[Incoming]], int]:
        """The next records, and the generation in which they are this member's."""
        try:
            found = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=self._batch)
        except UnicodeDecodeError:
            generation = self._generation
            begins = {partition: await self._next(partition) for partition in self._consumer.assignment()}
            return await kafka.one_by_one(self._consumer, begins, self._batch), generation
        return {p: [incoming(record) for record in records] for p, records in found.items()}, self._generation

    async def _next(self, partition: TopicPartition) -> int:
        """The offset behind all that was finished, by this member or before it."""
        behind = self._finished.get(partition)
        behind = await self._consumer.committed(partition) if behind is None else behind
        begins: Mapping[TopicPartition, int] = await self._consumer.beginning_offsets([partition])
        return max(behind or 0, begins[partition])

    async def _work(self, found: Mapping[TopicPartition, Sequence[Incoming]], generation: int) -> None:
        async with self._working:
            # Fetched before a rebalance: whoever has the partition now reads it from the committed offset.
            if found and generation == self._generation:
                await self._process([record for records in found.values() for record in records])
                self._finished |= {partition: records[-1].source.offset + 1 for partition, records in found.items()}
                self._health.progressed()
            if time.monotonic() >= self._commit_due:
                await self.commit()

    async def commit(self) -> None:
        """Commit what is finished; a failure costs repeats, not records, so it is logged and tried again later."""
        self._commit_due = time.monotonic() + self._commit_seconds
        mine = self._consumer.assignment()
        due = {
            partition: offset
            for partition, offset in self._finished.items()
            if partition in mine and offset > self._committed.get(partition, -1)
        }
        if not due:
            return
        try:
            await self._consumer.commit(due)
        except KafkaError as why:
            self._log.warning("commit_failed", error=type(why).__name__, partitions=len(due))
            return
        self._committed |= due

    async def leave(self, partitions: Iterable[TopicPartition]) -> None:
        """Between batches: commit, then forget what was finished of partitions that go."""
        async with self._working:
            await self.commit()
            self._generation += 1
            for partition in partitions:
                self._finished.pop(partition, None)
                self._committed.pop(partition, None)

    def arrived(self, partitions: Iterable[TopicPartition]) -> None:
        """Partitions were assigned: ready."""
        self._health.set("partitions", True)
        self._log.info("assigned", partitions=sorted(f"{each.topic}/{each.partition}" for each in partitions))

    async def _measure(self) -> None:
        self._lag_due = time.monotonic() + LAG_SECONDS
        try:
            behind = await lags(self._consumer)
        except KafkaError:
            # A partition left while it was measured; the next second has the new assignment.
            return
        self._health.lag = sum(behind.values())
        metrics.tell_lags(behind)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, worker: KafkaWorker) -> None:
        self._worker = worker

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._worker.leave(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._worker.arrived(assigned)
