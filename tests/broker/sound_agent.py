"""The naive agent's work in the scorer's shape: same records, same error in the middle. Run by one test only."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from schemas.topics import NORMALISED, SCORED
from services.runtime.envelope import Incoming, Outgoing
from services.runtime.kafka import Producer
from services.runtime.settings import KafkaSettings
from services.scorer.adapters.faust_worker import FaustWorker
from services.scorer.settings import ScorerSettings
from tests.broker.naive_agent import fail_once


async def main(marker: Path) -> None:
    """Copy until the error, which ends the process; its supervisor starts it again."""
    kafka = KafkaSettings()
    producer = Producer(kafka, "sound")
    await producer.start()

    async def copy(records: Sequence[Incoming]) -> None:
        for record in records:
            fail_once(record.value, marker)
        await producer.send_all([Outgoing(SCORED.name, record.key, record.value, []) for record in records])

    worker = FaustWorker(ScorerSettings(group="sound"), kafka, NORMALISED.name, copy, marker.parent / "sound")
    await worker.start()
    try:
        await worker.failed()
    finally:
        await worker.stop()
        await producer.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(os.environ["AGENT_MARKER"])))
