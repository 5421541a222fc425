"""One broker with all topics for the tests that only add to them; a test of the broker itself has one of its own."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.kafka.broker import LocalBroker
from schemas.topics import SHAPES
from schemas.vocabulary import Environment
from services.runtime.settings import KafkaSettings
from services.runtime.topics_cli import create_missing


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
