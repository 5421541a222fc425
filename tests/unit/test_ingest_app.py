"""The parts of ingest stop one after the other, whatever becomes of one of them."""

import pytest
import structlog

from services.ingest.app import Deps, Ingest
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
    ingest = Ingest([], Deps(KafkaSettings(), Health(300.0), structlog.get_logger()))
    ingest._begun = [worker, door]  # type: ignore[list-item]
    with pytest.raises(TimeoutError, match="did not flush"):
        await ingest.stop()
    assert worker.stopped
