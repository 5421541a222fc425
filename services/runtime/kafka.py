"""Kafka clients with the settings this hub relies on: an idempotent producer that awaits acknowledgement, a manual-commit consumer."""

import asyncio
import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import stamina
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NodeNotReadyError,
    RequestTimedOutError,
)

from schemas.reasons import Reason
from schemas.topics import MAX_DEAD_LETTER_BYTES
from services.runtime.envelope import Incoming, Outgoing, Source
from services.runtime.errors import Fatal, Rejected, Retryable
from services.runtime.settings import KafkaSettings

# What a broker that starts, moves a leader or loses a connection answers with; asking again helps.
TRANSIENT = (KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError, RequestTimedOutError)


# A position that was set anew costs a round trip; where nothing lies this is waited out.
ONE_RECORD_MS = 1_000
UNREADABLE = ("hub_unreadable", b"the name of one of its headers is not UTF-8")


def connection(settings: KafkaSettings) -> dict[str, Any]:
    """Arguments that every client shares."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap,
        "security_protocol": settings.security_protocol,
        "request_timeout_ms": int(settings.request_timeout_seconds * 1000),
    }
    if settings.security_protocol.endswith("SSL"):
        arguments["ssl_context"] = ssl.create_default_context(cafile=settings.ssl_cafile)
    if settings.security_protocol.startswith("SASL"):
        password = settings.sasl_password.get_secret_value() if settings.sasl_password else None
        arguments |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": password,
        }
    return arguments


class Producer:
    """Sends records and says when all in-sync replicas have them.

    A batch of an idempotent producer never expires by itself: `send_all` gives up after the settings' time, and then the
    outcome is unknown. The caller must treat every record of that batch as unsent; deterministic ids make repeats harmless.
    """

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._timeout = settings.send_timeout_seconds
        self._client = AIOKafkaProducer(
            **connection(settings),
            client_id=client_id,
            acks="all",
            enable_idempotence=True,
            linger_ms=settings.linger_ms,
            max_batch_size=settings.max_batch_bytes,
            max_request_size=MAX_DEAD_LETTER_BYTES,
        )

    async def start(self) -> None:
        """Connect; retried while the broker starts. Raises Fatal when it does not come."""
        await connect(self._client, self._settings)

    async def stop(self) -> None:
        """Flush and leave, within the send timeout."""
        await asyncio.wait_for(self._client.stop(), self._timeout)

    async def enqueue(self, record: Outgoing) -> "asyncio.Future[Any]":
        """Hand one record over; the future is done when it is acknowledged. Raises Rejected when it is too large."""
        try:
            future: asyncio.Future[Any] = await self._client.send(
                record.topic, key=record.key, value=record.value, headers=record.headers
            )
        except MessageSizeTooLargeError as why:
            raise Rejected(Reason.OUTPUT_TOO_LARGE) from why
        except TRANSIENT as why:
            raise Retryable(f"send to {record.topic}: {why}") from why
        except KafkaError as why:
            raise Fatal(f"send to {record.topic}: {why}") from why
        return future

    async def acknowledged(self, futures: Sequence["asyncio.Future[Any]"]) -> None:
        """Wait until all are acknowledged. Raises Retryable (outcome unknown) or Fatal."""
        if not futures:
            return
        try:
            await asyncio.wait_for(asyncio.gather(*futures), self._timeout)
        except (TimeoutError, *TRANSIENT) as why:
            raise Retryable(f"the broker did not confirm within {self._timeout:g} s") from why
        except KafkaError as why:
            raise Fatal(f"the broker refused a record: {why}") from why

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Send and wait for every acknowledgement. Raises Rejected, Retryable or Fatal."""
        await self.acknowledged([await self.enqueue(record) for record in records])

    async def send_or_stop(self, records: Sequence[Outgoing], attempts: int) -> None:
        """The same for outputs that an offset waits for: tried so often, then the process has to stop. Raises Fatal."""
        try:
            async for attempt in stamina.retry_context(on=Retryable, attempts=attempts):
                with attempt:
                    await self.send_all(records)
        except Retryable as why:
            raise Fatal(f"not acknowledged after {attempts} attempts: {why}") from why
        except Rejected as why:
            raise Fatal(f"an output is refused: {why.detail}") from why


def consumer(settings: KafkaSettings, topics: Sequence[str], group: str, client_id: str) -> AIOKafkaConsumer:
    """A consumer that commits only what it is told to, from the earliest record where nothing was committed."""
    return AIOKafkaConsumer(
        *topics,
        **connection(settings),
        group_id=group,
        client_id=client_id,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=int(settings.session_timeout_seconds * 1000),
        heartbeat_interval_ms=int(settings.session_timeout_seconds * 1000 / 4),
        max_poll_interval_ms=300_000,
    )


def incoming(record: Any) -> Incoming:
    """A consumed aiokafka record in the hub's words."""
    return Incoming(
        Source(record.topic, record.partition, record.offset),
        record.key,
        record.value,
        tuple(record.headers),
        record.timestamp,
    )


async def one_by_one(
    client: AIOKafkaConsumer, begins: Mapping[TopicPartition, int], most: int, wait_ms: int = ONE_RECORD_MS
) -> dict[TopicPartition, list[Incoming]]:
    """At most so many records of each partition, from the offset given, where the client stumbled over one that it cannot read.

    It raises UnicodeDecodeError at a header whose name is not UTF-8, hands over nothing then, and may have passed what it would have
    handed over. In place of such a record stands one without key and value, with the header `hub_unreadable`. Raises KafkaError.
    """
    found: dict[TopicPartition, list[Incoming]] = {}
    for partition, begin in begins.items():
        client.seek(partition, begin)
        records: list[Incoming] = []
        while len(records) < most:
            try:
                batch = await client.getmany(partition, timeout_ms=wait_ms, max_records=1)
            except UnicodeDecodeError:
                offset = records[-1].source.offset + 1 if records else begin
                records.append(
                    Incoming(Source(partition.topic, partition.partition, offset), None, None, (UNREADABLE,))
                )
                client.seek(partition, offset + 1)
                continue
            if not batch:
                break
            records += [incoming(record) for record in batch[partition]]
        if records:
            found[partition] = records
    return found


async def lags(client: AIOKafkaConsumer) -> dict[tuple[str, int], int]:
    """Records behind the log end per assigned partition, from the consumer's own positions."""
    behind: dict[tuple[str, int], int] = {}
    for partition in client.assignment():
        end = client.highwater(partition)
        if end is not None:
            behind[partition.topic, partition.partition] = max(0, end - await client.position(partition))
    return behind


async def require_topics(settings: KafkaSettings, names: Iterable[str]) -> None:
    """Wait, bounded, until the broker answers and every topic exists. Raises Retryable naming what is missing."""
    wanted = set(names)
    async for attempt in stamina.retry_context(on=Retryable, attempts=None, timeout=60.0, wait_max=3.0):
        with attempt:
            missing = wanted - await existing_topics(settings)
            if missing:
                raise Retryable(f"topics missing: {', '.join(sorted(missing))}; run `hub topics create`")


async def existing_topics(settings: KafkaSettings) -> set[str]:
    """Names of the topics that the broker has now. Raises Retryable when it does not answer."""
    client = AIOKafkaAdminClient(**connection(settings), client_id="hub-topics")
    try:
        await client.start()
        return set(await client.list_topics())
    except KafkaError as why:
        raise Retryable(f"no answer from {settings.bootstrap}: {why}") from why
    finally:
        await client.close()


async def connect(client: AIOKafkaProducer | AIOKafkaConsumer, settings: KafkaSettings, seconds: float = 60.0) -> None:
    """Start a client, retried while the broker starts. Raises Fatal naming the broker when it does not come."""
    try:
        async for attempt in stamina.retry_context(on=KafkaError, attempts=None, timeout=seconds, wait_max=3.0):
            with attempt:
                await client.start()
    except KafkaError as why:
        await client.stop()
        raise Fatal(f"no Kafka broker answers at {settings.bootstrap}; start it or set KAFKA_BOOTSTRAP") from why


def partition_of(source: Source) -> TopicPartition:
    """The partition a record lies in."""
    return TopicPartition(source.topic, source.partition)
