"""The composition root of ingest: settings come in, a service with a door, a worker or both goes out."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import monotonic

import structlog

from schemas.topics import NORMALISED, RECEIVED
from services.ingest.adapters.keys_file import KeysFile
from services.ingest.adapters.sender import RenewingSender
from services.ingest.door import Door
from services.ingest.handlers import STAGE, Ending, Normalising, Outcome
from services.ingest.memory import RecentIds
from services.ingest.settings import IngestSettings, Role
from services.runtime import lifecycle, logs, metrics
from services.runtime.clock import Clock, SystemClock
from services.runtime.dead_letters import Brake
from services.runtime.envelope import Incoming
from services.runtime.http_server import HttpServer
from services.runtime.kafka import Producer, require_topics
from services.runtime.kafka_worker import KafkaWorker
from services.runtime.probes import Health
from services.runtime.settings import HubSettings, KafkaSettings


@dataclass
class Deps:
    """What the service is given rather than makes."""

    kafka: KafkaSettings
    health: Health
    log: structlog.stdlib.BoundLogger
    clock: Clock = field(default_factory=SystemClock)


class Worker:
    """received -> normalised: normalise in a thread, send, wait for every acknowledgement, then let the offset move."""

    def __init__(self, settings: IngestSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._recent = RecentIds(settings.memory)
        self._normalising = Normalising(settings.pseudonyms(), self._recent, deps.clock, deps.log)
        self._brake = Brake()
        self._producer = Producer(deps.kafka, "hub-ingest-worker")
        self._worker = KafkaWorker(
            deps.kafka, [RECEIVED.name], settings.group, self.process, deps.health, deps.log,
            batch=settings.batch, commit_seconds=settings.commit_seconds,
        )  # fmt: skip
        deps.health.expect("partitions")

    async def start(self) -> None:
        """Connect and join the group."""
        await self._producer.start()
        await self._worker.start()

    async def run(self) -> None:
        """Work until cancelled. Raises Fatal on an infrastructure failure or a stall."""
        await lifecycle.first_failure(self._worker.run(), lifecycle.watch(self._deps.health, STAGE))

    async def stop(self) -> None:
        """Commit what is acknowledged, leave the group, flush."""
        await self._worker.stop()
        await self._producer.stop()

    async def process(self, records: Sequence[Incoming]) -> None:
        """One batch to its endings; returns when the broker has every output. Raises Fatal."""
        begun = monotonic()
        endings = await asyncio.to_thread(self._normalising, records)
        for ending in endings:
            self._brake.note(ending.outcome is Outcome.DEAD_LETTERED)
        await self._send(endings)
        self._recent.mark(ending.observation for ending in endings if ending.observation is not None)
        self._count(endings, monotonic() - begun)

    async def _send(self, endings: Sequence[Ending]) -> None:
        outputs = [record for ending in endings for record in ending.outputs]
        await self._producer.send_or_stop(outputs, self._settings.send_attempts)

    def _count(self, endings: Sequence[Ending], seconds: float) -> None:
        outcomes, sources = [ending.outcome for ending in endings], [ending.source for ending in endings]
        metrics.count_batch(STAGE, outcomes, sources, seconds, self._deps.clock.now())


class DoorService:
    """The HTTP door with its own producer."""

    def __init__(self, settings: IngestSettings, deps: Deps) -> None:
        self._keys = KeysFile(settings.keys_file)
        self._sender = RenewingSender(lambda: Producer(deps.kafka, "hub-ingest-door"), deps.log)
        self._door = Door(settings, self._keys.current, self._sender, deps.clock, deps.log)
        self._server = HttpServer(self._door.app(), settings.door_host, settings.door_port)
        self._health = deps.health
        self._log = deps.log
        deps.health.expect("door")

    async def start(self) -> None:
        """Connect, then listen. Raises Fatal when the keys file is broken or the broker does not come."""
        # Where `hub keys` runs inside this very container, the first key can only be made once it is up.
        if self._keys.missing():
            self._log.warning("no_keys", advice="`hub keys create` makes one; until then the door knows nobody")
        else:
            self._keys.read()
        await self._sender.start()
        self._server.start()
        self._health.set("door", True)

    async def run(self) -> None:
        """Serve until cancelled. Raises Fatal when serving ends by itself."""
        await self._server.failed()

    async def stop(self) -> None:
        """Take no more, finish what is at work, flush."""
        self._door.accepting = False
        await self._server.stop()
        await self._sender.stop()


class Ingest:
    """The parts that this process's role asks for, as one service."""

    def __init__(self, parts: Sequence[Worker | DoorService], deps: Deps) -> None:
        self._parts = parts
        self._deps = deps
        deps.health.expect("topics")

    async def start(self) -> None:
        """Check the topics, start every part."""
        await require_topics(self._deps.kafka, [RECEIVED.name, RECEIVED.dlq, NORMALISED.name])
        self._deps.health.set("topics", True)
        for part in self._parts:
            await part.start()

    async def run(self) -> None:
        """Work until cancelled. Raises what ends a part."""
        await lifecycle.first_failure(*(part.run() for part in self._parts))

    async def stop(self) -> None:
        """Stop the door before the worker, begun or not. Every part gets its chance; an error is raised at the end."""
        async with AsyncExitStack() as leaving:
            for part in self._parts:
                leaving.push_async_callback(part.stop)


PARTS: dict[Role, tuple[Callable[[IngestSettings, Deps], Worker | DoorService], ...]] = {
    Role.WORKER: (Worker,),
    Role.DOOR: (DoorService,),
    Role.ALL: (Worker, DoorService),
}


def build_app(settings: IngestSettings, deps: Deps) -> Ingest:
    """The service of this role. The event loop must be running, because Kafka's clients ask for it."""
    return Ingest([part(settings, deps) for part in PARTS[settings.role]], deps)


class _Later:
    """Builds the service when the loop runs."""

    def __init__(self, build: Callable[[], Ingest]) -> None:
        self._build = build
        self._service: Ingest | None = None

    async def start(self) -> None:
        self._service = self._build()
        await self._service.start()

    async def run(self) -> None:
        if self._service is not None:
            await self._service.run()

    async def stop(self) -> None:
        if self._service is not None:
            await self._service.stop()


def _built(hub: HubSettings, health: Health, log: structlog.stdlib.BoundLogger) -> tuple[_Later, int]:
    kafka, settings = KafkaSettings(), IngestSettings()
    settings.pseudonyms()
    logs.settings_in_force(log, hub.masked(), kafka.masked(), settings.masked())
    return _Later(lambda: build_app(settings, Deps(kafka, health, log))), settings.probes_port


def main() -> int:
    """Run ingest in this process; returns the exit code."""
    return lifecycle.run(STAGE, _built)
