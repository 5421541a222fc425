"""The parts of ingest stop one after the other, begun or not, whatever becomes of one of them."""

import gc
import warnings

import pytest
import structlog

from services.ingest.app import Deps, Ingest, build_app
from services.ingest.settings import IngestSettings
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
