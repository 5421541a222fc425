"""Reading a stretch of a topic from beginning to end, outside any consumer group: for audits, replays and demos."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.runtime.envelope import Incoming, Source
from services.runtime.errors import Retryable
from services.runtime.kafka import connect, connection, incoming, one_by_one
from services.runtime.settings import KafkaSettings

STOP_SECONDS = 3.0
# Of each partition, where one record cannot be read.
ONE_BY_ONE = 500
# Longer than a broker's restart; its client asks again by itself, for ever.
SILENCE_SECONDS = 60.0


class Reader:
    """Reads what topics hold at the moment of asking; an async context manager. All of it raises Retryable where no broker answers."""

    def __init__(self, settings: KafkaSettings, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._settings = settings
        self._silence_seconds = silence_seconds
        # "earliest" also where positions are given: a position before the log start must not jump to the end.
        self._client = AIOKafkaConsumer(
            **connection(settings), enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=100
        )

    async def __aenter__(self) -> "Reader":
        await connect(self._client, self._settings, seconds=5.0)
        return self

    async def __aexit__(self, *_: object) -> None:
        # A cancellation that meets the client's fetcher between two assignments is swallowed there, and the client waits for
        # it for ever; the second cancellation, which giving up brings, ends it.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._client.stop(), STOP_SECONDS)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except KafkaError as why:
            raise Retryable(f"no answer from {self._settings.bootstrap}: {why}") from why

    async def partitions(self, topic: str) -> list[TopicPartition]:
        """The partitions of a topic; none if it does not exist."""
        # The consumer's own metadata tell of the topics it is assigned only: it would find any other one empty.
        with self._asking():
            cluster = await self._client._client.fetch_all_metadata()
        numbers = cluster.partitions_for_topic(topic) or set()
        return [TopicPartition(topic, number) for number in sorted(numbers)]

    async def bounds(self, topic: str, since_ms: int | None = None) -> dict[TopicPartition, tuple[int, int]]:
        """First and end offset per partition; with `since_ms`, from the first record at or after that time."""
        partitions = await self.partitions(topic)
        if not partitions:
            return {}
        with self._asking():
            ends = await self._client.end_offsets(partitions)
            begins = dict(await self._client.beginning_offsets(partitions))
            if since_ms is not None:
                found = await self._client.offsets_for_times(dict.fromkeys(partitions, since_ms))
                begins |= {p: at.offset if at else ends[p] for p, at in found.items()}
        return {p: (begins[p], ends[p]) for p in partitions}

    async def at(self, source: Source) -> Incoming | None:
        """The record at one place; None if nothing lies there."""
        partition = TopicPartition(source.topic, source.partition)
        begin, end = (await self.bounds(source.topic)).get(partition, (0, 0))
        if not begin <= source.offset < end:
            return None
        self._client.assign([partition])
        patience = int(self._silence_seconds * 1000)
        with self._asking():
            found = await one_by_one(self._client, {partition: source.offset}, 1, patience)
        return next((record for record in found.get(partition, ()) if record.source == source), None)

    async def records(self, topics: Iterable[str], since_ms: int | None = None) -> AsyncIterator[Incoming]:
        """Every record that lies in the topics now, per partition in order. Raises Retryable when the broker falls silent."""
        bounds: dict[TopicPartition, tuple[int, int]] = {}
        for topic in topics:
            bounds |= await self.bounds(topic, since_ms)
        left = {p: end for p, (begin, end) in bounds.items() if begin < end}
        if not left:
            return
        self._client.assign(list(left))
        for partition in left:
            self._client.seek(partition, bounds[partition][0])
        heard = time.monotonic()
        at = {partition: bounds[partition][0] for partition in left}
        while left:
            with self._asking():
                batches = await self._batches(list(left), at)
            for partition, batch in batches.items():
                for record in batch:
                    yield record
                at[partition] = batch[-1].source.offset + 1
            for partition in list(left):
                # A position, unlike the last record seen, also passes what compaction or a transaction marker left out.
                with self._asking():
                    position = await self._client.position(partition)
                if position >= left[partition]:
                    del left[partition]
            if batches:
                heard = time.monotonic()
            elif left and time.monotonic() - heard > self._silence_seconds:
                raise Retryable(f"{self._settings.bootstrap} has sent nothing for {self._silence_seconds:g} s")

    async def _batches(
        self, partitions: Sequence[TopicPartition], at: Mapping[TopicPartition, int]
    ) -> Mapping[TopicPartition, Sequence[Incoming]]:
        """The next records of these partitions, which were read as far as `at` says."""
        try:
            found = await self._client.getmany(*partitions, timeout_ms=200, max_records=5_000)
        except UnicodeDecodeError:
            return await one_by_one(self._client, {partition: at[partition] for partition in partitions}, ONE_BY_ONE)
        return {partition: [incoming(record) for record in batch] for partition, batch in found.items()}


async def committed(settings: KafkaSettings, group: str) -> dict[tuple[str, int], int]:
    """Committed offsets of a group per (topic, partition). Raises Retryable when the broker does not answer."""
    client = AIOKafkaAdminClient(**connection(settings), client_id="hub-audit")
    try:
        await client.start()
        offsets = await client.list_consumer_group_offsets(group)
    except KafkaError as why:
        raise Retryable(f"no answer from {settings.bootstrap}: {why}") from why
    finally:
        await client.close()
    return {(p.topic, p.partition): meta.offset for p, meta in offsets.items() if meta.offset >= 0}
