"""Real service processes of the hub against a real broker: started, watched by their own probes, killed, frozen, restarted."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import httpx

from deploy.kafka.broker import LocalBroker, free_port
from services.commands.auditing import Audit, Groups
from services.runtime.conservation import StageAudit
from services.runtime.envelope import Incoming, Outgoing
from services.runtime.kafka import Producer
from services.runtime.reading import Reader, committed
from services.runtime.settings import KafkaSettings
from tests.doors import SECRET

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
# The shortest that a broker allows: a fault test waits for it.
SESSION_SECONDS = 6


class Service:
    """One service process. `supervised` starts it again whenever it ends by itself, as an orchestrator does."""

    def __init__(
        self, module: str, broker: LocalBroker, folder: Path, env: Mapping[str, str], *, supervised: bool = False
    ) -> None:  # fmt: skip
        self._module = module
        self._probes = free_port()
        prefix = module.rpartition(".")[2].upper()
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "HUB_", prefix))},
            "PYTHONPATH": str(ROOT),
            "KAFKA_BOOTSTRAP": broker.bootstrap,
            "KAFKA_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
            f"{prefix}_PROBES_PORT": str(self._probes),
            **env,
        }
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{prefix.lower()}-{self._probes}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._supervised = supervised
        self._wanted = threading.Event()
        self._watching: threading.Thread | None = None
        self.starts = 0

    @property
    def url(self) -> str:
        """Where its probes and metrics are."""
        return f"http://127.0.0.1:{self._probes}"

    def start(self, *, wait: bool = True) -> Self:
        """Start, and wait until it says that it is ready. Raises AssertionError with its log when it does not."""
        self._wanted.set()
        self._launch()
        if self._supervised and self._watching is None:
            self._watching = threading.Thread(target=self._watch, daemon=True)
            self._watching.start()
        if wait:
            self.await_ready()
        return self

    def kill(self) -> None:
        """End it at once, and keep it down."""
        self._wanted.clear()
        self._end(signal.SIGKILL)

    def crash(self) -> None:
        """End it at once; a supervisor starts it again."""
        self._signal(signal.SIGKILL)

    def stop(self) -> int:
        """Let it finish; gives its exit code."""
        self._wanted.clear()
        return self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Stop its clock: it holds its connections and does nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had been."""
        self._signal(signal.SIGCONT)

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """What it wrote so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def await_ready(self) -> None:
        """Wait until /readyz agrees."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2.0).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if not self._supervised and not self.is_running():
                break
            time.sleep(0.1)
        raise AssertionError(f"{self._module} did not become ready:\n{self.log()[-4_000:]}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        self._wanted.clear()
        if self.is_running():
            self._signal(signal.SIGCONT)
            self._end(signal.SIGTERM)

    def _launch(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                cwd=self._log.parent, env=self._env, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self.starts += 1

    def _watch(self) -> None:
        while True:
            self._wanted.wait()
            if self._wanted.is_set() and not self.is_running():
                self._launch()
            time.sleep(0.2)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"{self._module} did not stop:\n{self.log()[-4_000:]}") from None


Env = Mapping[str, str]
NOTHING: Env = MappingProxyType({})


def ingest(broker: LocalBroker, folder: Path, env: Env = NOTHING, *, supervised: bool = False) -> Service:
    """An ingest process, worker only unless `INGEST_ROLE` says otherwise."""
    given = {"INGEST_ROLE": "worker", "INGEST_AUTHOR_SECRET": SECRET, **env}
    return Service("services.ingest", broker, folder, given, supervised=supervised)


def scorer(broker: LocalBroker, folder: Path, env: Env = NOTHING, *, supervised: bool = False) -> Service:
    """A scorer process with the classifier that needs no model."""
    return Service("services.scorer", broker, folder, {"SCORER_CLASSIFIER": "lexicon", **env}, supervised=supervised)


def kafka_of(broker: LocalBroker) -> KafkaSettings:
    """Settings of a client of this broker, whatever the environment says."""
    return KafkaSettings(bootstrap=broker.bootstrap, session_timeout_seconds=SESSION_SECONDS)


async def produce(broker: LocalBroker, records: Sequence[Outgoing]) -> None:
    """Put records on their topics; they are with the broker when this returns."""
    producer = Producer(kafka_of(broker), "test")
    await producer.start()
    try:
        for at in range(0, len(records), 500):
            await producer.send_all(records[at : at + 500])
    finally:
        await producer.stop()


async def lying(broker: LocalBroker, *topics: str) -> list[Incoming]:
    """Every record that lies in these topics now."""
    async with Reader(kafka_of(broker)) as reader:
        return [record async for record in reader.records(topics)]


async def counted(broker: LocalBroker, *topics: str) -> int:
    """How many records these topics hold, from their offsets alone."""
    async with Reader(kafka_of(broker)) as reader:
        bounds = [place for topic in topics for place in (await reader.bounds(topic)).values()]
    return sum(end - begin for begin, end in bounds)


async def waiting(broker: LocalBroker, group: str, topic: str) -> int:
    """How many records of the topic lie at or above the group's committed offsets."""
    offsets = await committed(kafka_of(broker), group)
    async with Reader(kafka_of(broker)) as reader:
        bounds = await reader.bounds(topic)
    return sum(end - max(begin, offsets.get((p.topic, p.partition), begin)) for p, (begin, end) in bounds.items())


async def until_done(broker: LocalBroker, group: str, topic: str, seconds: float = 90.0) -> None:
    """Wait until the group has committed everything in the topic."""
    deadline = time.monotonic() + seconds
    while (left := await waiting(broker, group, topic)) > 0:
        assert time.monotonic() < deadline, f"{left} records of {topic} still wait for {group}"
        await asyncio.sleep(0.3)


async def until_made(broker: LocalBroker, topic: str, number: int, seconds: float = 60.0) -> None:
    """Wait until the topic holds at least so many records."""
    deadline = time.monotonic() + seconds
    while (there := await counted(broker, topic)) < number:
        assert time.monotonic() < deadline, f"{topic} holds {there} of {number} records"
        await asyncio.sleep(0.05)


async def audited(broker: LocalBroker, stage: str) -> StageAudit:
    """What `hub audit` says of one stage now: every record below the committed offsets, joined with its ending."""
    found = await Audit(kafka_of(broker), Groups(), lambda _since: ()).run()
    return next(audit for audit in found if audit.stage == stage)
