"""One broker with all topics for the tests that only add to them; a test of the broker itself has one of its own."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.kafka.broker import LocalBroker, free_port
from schemas.topics import SHAPES
from schemas.vocabulary import Environment
from services.ingest.adapters.keys_file import KeysFile
from services.ingest.credentials import Keyring, new_key
from services.runtime.settings import KafkaSettings
from services.runtime.topics_cli import create_missing
from tests.broker.processes import Service, ingest


@pytest.fixture(scope="session")
def hub_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A started broker with all topics of the table. Whoever adds records names them so that they are told apart."""
    with LocalBroker(tmp_path_factory.mktemp("hub") / "kafka") as broker:
        asyncio.run(create_missing(KafkaSettings(bootstrap=broker.bootstrap), SHAPES[Environment.LOCAL]))
        yield broker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the processes of one test run and log."""
    return tmp_path / "processes"


@dataclass(frozen=True)
class RunningDoor:
    """A door of a real process, and a key that opens it."""

    url: str
    key: str
    service: Service

    def client(self) -> httpx.Client:
        """A client that holds the key."""
        return httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {self.key}"}, timeout=30.0)


@pytest.fixture(scope="session")
def running_door(hub_kafka: LocalBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A door and nothing else: what it takes stays on its topic until a test starts a worker."""
    folder = tmp_path_factory.mktemp("door")
    key, grant = new_key("tests", ("*",), 100_000.0, 1e9, datetime.now(UTC))
    KeysFile(folder / "keys.json").write(Keyring(keys=(grant,)))
    port = free_port()
    env = {"INGEST_ROLE": "door", "INGEST_DOOR_PORT": str(port), "INGEST_KEYS_FILE": str(folder / "keys.json")}
    with ingest(hub_kafka, folder, env) as service:
        yield RunningDoor(f"http://127.0.0.1:{port}", key, service)
