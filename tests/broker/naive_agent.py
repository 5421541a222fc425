"""A Faust agent as its documentation shows it: own producer, nothing awaited, an error in the middle. Run by one test only.

It copies records and fails once, on the record that says `fail`; a marker file lets that pass the next time.
"""

import os
import sys
from pathlib import Path
from typing import Any

import faust

from schemas.topics import NORMALISED, SCORED


def fail_once(value: bytes | None, marker: Path) -> None:
    """Raise on `fail`, the first time only."""
    if value == b"fail" and not marker.exists():
        marker.touch()
        raise ConnectionError("the database is away for a moment")


def naive_app(broker: str, marker: Path) -> Any:
    """The app with its one agent."""
    app = faust.App(
        "naive",
        broker=f"kafka://{broker}",
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        broker_commit_interval=0.2,
        consumer_auto_offset_reset="earliest",
        datadir=str(marker.parent / "naive"),
    )
    raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
    source, target = app.topic(NORMALISED.name, **raw), app.topic(SCORED.name, **raw)

    @app.agent(source)
    async def copy(stream: Any) -> None:
        async for value in stream:
            fail_once(value, marker)
            await target.send(value=value)

    return app


if __name__ == "__main__":
    sys.argv = [sys.argv[0], "worker", "--loglevel", "error", "--without-web"]
    naive_app(os.environ["KAFKA_BOOTSTRAP"], Path(os.environ["AGENT_MARKER"])).main()
