"""Faust, as far as it can be trusted: it assigns partitions, fetches, commits; raw batches go to one function, in order.

Reasons for every setting that is not Faust's default: an exception that leaves an agent acknowledges its record, so none does;
Faust's own producer is neither fast nor awaited, so the service brings its own; tables cannot be kept from a batch, so there
are none; its web server and topic creation are off because they open doors nobody asked for.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import faust
from aiokafka.errors import KafkaError

from services.runtime.envelope import Incoming, Source
from services.runtime.errors import Fatal
from services.runtime.settings import KafkaSettings
from services.scorer.adapters.faust_batches import Batches, WholeFetchTransport
from services.scorer.guard import GapGuard
from services.scorer.settings import ScorerSettings

Process = Callable[[Sequence[Incoming]], Awaitable[None]]


class FaustWorker:
    """One agent over one topic. `process` returns when every output of the batch is acknowledged; then the batch is, in order.

    `moved` hears of every rebalance, before the first record that comes after it.
    """

    def __init__(
        self,
        settings: ScorerSettings,
        kafka: KafkaSettings,
        topic: str,
        process: Process,
        datadir: Path,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._process = process
        self._moved = moved
        self._guard = GapGuard()
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._app = _faust_app(settings, kafka, datadir)
        self._app.on_partitions_assigned.connect(self._on_assigned)
        source = self._app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        self._app.agent(source, concurrency=1)(self._consume)

    async def start(self) -> None:
        """Join the consumer group."""
        await self._app.start()

    async def failed(self) -> None:
        """Wait for the failure that ends this process. Raises it."""
        crashed = asyncio.ensure_future(self._app.wait_until_stopped())
        await asyncio.wait({crashed, self._failure}, return_when=asyncio.FIRST_COMPLETED)
        crashed.cancel()
        if self._failure.done():
            self._failure.result()
        raise Fatal(f"the worker stopped: {self._app.crash_reason!r}")

    async def stop(self) -> None:
        """Commit what is acknowledged and leave the group."""
        await self._app.stop()

    async def lag(self) -> dict[tuple[str, int], int]:
        """Records behind the log end per assigned partition, as far as the broker has told of it."""
        consumer = self._app.consumer
        # What came with the last fetch stands still with a partition that is fetched no longer: it is for a broker that is away.
        ends = {p: end for p in consumer.assignment() if (end := consumer.highwater(p)) is not None}
        with suppress(KafkaError):
            ends = dict(await consumer.highwaters(*consumer.assignment()))
        # Faust keeps what it has acknowledged in this one place; there is no public reader for it.
        done = {p: offset for p in ends if (offset := consumer._committed_offset.get(p)) is not None}
        # What retention removed before anybody read it waits for nobody.
        if fresh := ends.keys() - done.keys():
            with suppress(KafkaError):
                done |= await consumer.earliest_offsets(*fresh)
        return {(p.topic, p.partition): max(0, ends[p] - offset) for p, offset in done.items()}

    async def _on_assigned(self, _app: Any, assigned: Any, **_: Any) -> None:
        for partition in assigned:
            self._guard.assigned(partition.topic, partition.partition)
        self._moved()

    async def _consume(self, _stream: Any) -> None:
        batches = Batches(self._app, self._settings.batch, self._settings.batch_within_seconds)
        while True:
            messages = await batches.next()
            if not messages:
                continue
            try:
                records = [_incoming(message) for message in messages]
                for record in records:
                    self._guard.seen(record.source)
                await self._process(records)
            except asyncio.CancelledError:
                raise
            except Exception as why:  # noqa: BLE001  leaving the agent would acknowledge the batch: hand the reason over, wait for the end
                if not self._failure.done():
                    self._failure.set_exception(
                        why if isinstance(why, Fatal) else Fatal(f"{type(why).__name__}: {why}")
                    )
                await asyncio.Event().wait()
            for message in messages:
                self._app.consumer.ack(message)


def _incoming(message: Any) -> Incoming:
    headers = message.headers.items() if isinstance(message.headers, dict) else message.headers or ()
    return Incoming(
        Source(message.topic, message.partition, message.offset),
        message.key,
        message.value,
        tuple(headers),
        int((message.timestamp or 0) * 1000),
    )


def _faust_app(settings: ScorerSettings, kafka: KafkaSettings, datadir: Path) -> Any:
    app = faust.App(
        settings.group,
        broker=[f"kafka://{address.strip()}" for address in kafka.bootstrap.split(",")],
        broker_credentials=_credentials(kafka),
        broker_client_id="hub-scorer",
        broker_session_timeout=kafka.session_timeout_seconds,
        broker_heartbeat_interval=kafka.session_timeout_seconds / 4,
        broker_request_timeout=max(kafka.request_timeout_seconds, kafka.session_timeout_seconds + 5),
        broker_max_poll_records=settings.buffer,
        broker_commit_interval=0.5,
        broker_commit_every=10_000,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        store="memory://",
        datadir=str(datadir),
        worker_redirect_stdouts=False,
    )
    app.transport = WholeFetchTransport(app.conf.broker_consumer, app)
    return app


def _credentials(kafka: KafkaSettings) -> Any:
    if kafka.security_protocol == "PLAINTEXT":
        return None
    context = ssl.create_default_context(cafile=kafka.ssl_cafile) if kafka.security_protocol.endswith("SSL") else None
    if not kafka.security_protocol.startswith("SASL"):
        return faust.SSLCredentials(context)
    return faust.SASLCredentials(
        username=kafka.sasl_username,
        password=kafka.sasl_password.get_secret_value() if kafka.sasl_password else None,
        mechanism=kafka.sasl_mechanism,
        ssl_context=context,
    )
