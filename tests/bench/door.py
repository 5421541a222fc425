"""Events are posted to a door process on a real broker; accepted events a second go out, for batches of 1 and of 100."""

import asyncio
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson

from deploy.kafka.broker import LocalBroker, free_port
from deploy.processes import ServiceProcess
from schemas.topics import SHAPES
from schemas.vocabulary import Environment
from services.ingest.adapters.keys_file import KeysFile
from services.ingest.credentials import Keyring, new_key
from services.runtime.settings import KafkaSettings
from services.runtime.topics_cli import create_missing
from tests.bench.rows import Row, show
from tests.builders import received_value

EVENTS = {1: int(os.environ.get("BENCH_SINGLES", "2000")), 100: int(os.environ.get("BENCH_BATCHED", "30000"))}
CONNECTIONS = 8


def bodies(size: int, count: int) -> list[bytes]:
    """Requests of that many events, written before the clock runs."""
    now = datetime.now(UTC).isoformat()
    events = (
        received_value(
            event_id=f"e{size}-{n}", content_id=f"d{size}-{n}", published_at=now, observed_at=now,
            texts=[{"role": "body", "text": f"the 43 was late again so we walked home along the river, number {n}"}],
        )
        for n in range(count)
    )  # fmt: skip
    written = [orjson.dumps(event) for event in events]
    if size == 1:
        return written
    return [b"[" + b",".join(written[at : at + size]) + b"]" for at in range(0, count, size)]


async def post_all(address: str, key: str, requests: list[bytes]) -> float:
    """Seconds until the last of them is answered, over a few connections at once."""
    waiting = iter(requests)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30.0) as client:

        async def one_connection() -> None:
            for body in waiting:
                answer = await client.post("/v1/events", content=body)
                if answer.status_code != 202:
                    raise RuntimeError(f"the door answered {answer.status_code}: {answer.text[:200]}")

        begun = time.perf_counter()
        await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
        return time.perf_counter() - begun


def run() -> list[Row]:
    """Door, broker and sender share the machine's cores."""
    with tempfile.TemporaryDirectory() as name, LocalBroker(Path(name) / "kafka") as broker:
        folder = Path(name)
        asyncio.run(create_missing(KafkaSettings(bootstrap=broker.bootstrap), SHAPES[Environment.LOCAL]))
        key, grant = new_key("bench", ("*",), 1e6, 1e9, datetime.now(UTC))
        KeysFile(folder / "keys.json").write(Keyring(keys=(grant,)))
        port = free_port()
        environment = {
            "KAFKA_BOOTSTRAP": broker.bootstrap,
            "INGEST_ROLE": "door",
            "INGEST_AUTHOR_SECRET": "a-secret-of-the-bench-with-32-characters",
            "INGEST_KEYS_FILE": str(folder / "keys.json"),
            "INGEST_DOOR_PORT": str(port),
        }
        with ServiceProcess("services.ingest", environment, folder / "logs"):
            rates = {
                size: count / asyncio.run(post_all(f"http://127.0.0.1:{port}", key, bodies(size, count)))
                for size, count in EVENTS.items()
            }
    aims = {100: 10_000.0}
    return [
        Row(
            f"door, batches of {size}", rate, "events/s", aims.get(size),
            f"{EVENTS[size]:,} events, {CONNECTIONS} connections, broker and sender on the same cores",
        )
        for size, rate in rates.items()
    ]  # fmt: skip


if __name__ == "__main__":
    show("HTTP door", run())
