"""The parts of ingest stop one after the other, begun or not, whatever becomes of one of them."""

import gc
import warnings
from pathlib import Path

import pytest
import structlog

from services.ingest import app
from services.ingest.app import Deps, DoorService, Ingest, build_app
from services.ingest.settings import IngestSettings
from services.runtime.errors import Fatal
from services.runtime.probes import Health
from services.runtime.settings import KafkaSettings


class Part:
    """A part that notes that it stopped, and fails to if it has a fault."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.stopped = False

    async def stop(self) -> None:
        self.stopped = True
        if self.fault is not None:
            raise self.fault


async def test_a_part_that_cannot_stop_keeps_no_other_from_it_and_its_fault_is_told() -> None:
    worker, door = Part(), Part(TimeoutError("the producer did not flush"))
    ingest = Ingest([worker, door], Deps(KafkaSettings(), Health(300.0), structlog.get_logger()))  # type: ignore[list-item]
    with pytest.raises(TimeoutError, match="did not flush"):
        await ingest.stop()
    assert worker.stopped


async def test_what_never_began_leaves_no_kafka_client_open() -> None:
    """As when the process is asked to end while it waits for a broker."""
    settings = IngestSettings(author_secret="0123456789abcdef0123456789abcdef")
    ingest = build_app(settings, Deps(KafkaSettings(), Health(300.0), structlog.get_logger()))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        await ingest.stop()
        del ingest
        gc.collect()
    assert [str(one.message) for one in told if "Kafka" in str(one.message)] == []


class Server:
    """One that takes no port."""

    def __init__(self, *_: object) -> None: ...

    def start(self) -> None: ...


class Sender:
    """One that needs no broker."""

    def __init__(self, *_: object) -> None: ...

    async def start(self) -> None: ...


def door(keys_file: Path, health: Health, monkeypatch: pytest.MonkeyPatch) -> DoorService:
    monkeypatch.setattr(app, "RenewingSender", Sender)
    monkeypatch.setattr(app, "HttpServer", Server)
    settings = IngestSettings(author_secret="0123456789abcdef0123456789abcdef", keys_file=keys_file)
    return DoorService(settings, Deps(KafkaSettings(), health, structlog.get_logger()))


async def test_a_door_opens_before_the_first_key_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with docker compose, where keys are made in the door's own container: it has to run for that."""
    health = Health(300.0)
    await door(tmp_path / "keys.json", health, monkeypatch).start()
    assert health.ready["door"]


async def test_a_door_stays_shut_where_its_keys_are_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(Fatal, match="keys file"):
        await door(tmp_path / "keys.json", Health(300.0), monkeypatch).start()
