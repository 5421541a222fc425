"""How much a collector sent comes in; whether it may send more now, or after how many seconds, goes out."""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from services.ingest.credentials import WINDOW_SECONDS, Grant


class _Spent(NamedTuple):
    events: float
    volume: float
    at: float


class Rates:
    """A token bucket for events and one for bytes per collector, each of ten seconds' worth; every door process counts for itself.

    Own code, because the request limiters of libraries cost as much as all else that the door does with a request of one event.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._spent: dict[str, _Spent] = {}

    def wait(self, grant: Grant, *, events: int, volume: int) -> int:
        """0 and counted, or the whole seconds after which to come again and not counted."""
        now = self._now()
        before = self._spent.get(grant.collector, _Spent(0.0, 0.0, now))
        passed = now - before.at
        spent = _Spent(
            max(0.0, before.events - passed * grant.events_per_second) + max(1, events),
            max(0.0, before.volume - passed * grant.bytes_per_second) + max(1, volume),
            now,
        )
        over = max(spent.events / grant.events_per_second, spent.volume / grant.bytes_per_second) - WINDOW_SECONDS
        if over > 0:
            return math.ceil(over)
        self._spent[grant.collector] = spent
        return 0
