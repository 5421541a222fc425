"""A real Apache Kafka for tests: one broker a session, topics of the table made fresh where a test asks for them."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.kafka.broker import LocalBroker
from schemas.topics import SHAPES
from schemas.vocabulary import Environment
from services.runtime.settings import KafkaSettings
from services.runtime.topics_cli import create_missing

# A broker of a test lives for a minute: compiling its code as if it ran for weeks costs twice what it saves.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A started broker without topics, stopped at the end of the session."""
    with LocalBroker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[LocalBroker]:
    """A broker of this test's own with all topics of the table: for whole services, and for faults of the broker itself."""
    with LocalBroker(tmp_path / "kafka") as broker:
        asyncio.run(create_missing(KafkaSettings(bootstrap=broker.bootstrap), SHAPES[Environment.LOCAL]))
        yield broker
