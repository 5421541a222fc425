"""Events come in as values of one format; they go to the door in batches at a bounded rate, and its verdicts are counted."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import httpx
import orjson

from schemas.door import DoorAnswer, Verdict
from services.runtime.errors import Fatal

BATCH = 25
PATIENCE_SECONDS = 60.0
BUSY = (429, 503)

Counts = Counter[Verdict]


class Door:
    """The HTTP door as one collector sees it."""

    def __init__(self, address: str, key: str, format_name: str = "hub") -> None:
        self._client = httpx.Client(base_url=address, timeout=30.0, headers={"authorization": f"Bearer {key}"})
        self._format = format_name

    def publish(self, events: Sequence[Any]) -> Counts:
        """Send one batch; asked to come later, it comes later. Raises Fatal when the door refuses the whole batch."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._client.post(
                "/v1/events",
                params={"format": self._format},
                content=orjson.dumps(list(events)),
                headers={"content-type": "application/json"},
            )
            if answer.status_code not in BUSY or time.monotonic() > deadline:
                break
            time.sleep(float(answer.headers.get("retry-after", "1")))
        if answer.status_code not in (202, 207):
            raise Fatal(f"the door answered {answer.status_code}: {answer.text[:300]}")
        body = DoorAnswer.model_validate_json(answer.content)
        return Counter({v: n for v in Verdict if (n := getattr(body, v.value))})

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


def publish_all(
    door: Door, events: Iterable[Any], pause: float, tell: Callable[[Counts], None], batch: int = BATCH
) -> Counts:
    """Publish everything in batches, `pause` seconds apart; `tell` hears the running counts."""
    counts: Counts = Counter()
    for group in _batches(events, batch):
        counts += door.publish(group)
        tell(counts)
        time.sleep(pause)
    return counts


def _batches(events: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(events)
    while group := list(islice(left, size)):
        yield group
