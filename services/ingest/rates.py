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
        owed = self._owed(grant)
        spent = owed._replace(events=owed.events + max(1, events), volume=owed.volume + max(1, volume))
        # A request larger than the window must not wait for ever: it is taken when nothing is owed, and owed for.
        over = min(_seconds(owed, grant), _seconds(spent, grant) - WINDOW_SECONDS)
        if over > 0:
            return math.ceil(over)
        self._spent[grant.collector] = spent
        return 0

    def owe(self, grant: Grant, events: int) -> None:
        """Count events that were found inside the items of a request that was let in."""
        owed = self._owed(grant)
        self._spent[grant.collector] = owed._replace(events=owed.events + max(0, events))

    def _owed(self, grant: Grant) -> _Spent:
        """What is left now of all that was counted."""
        now = self._now()
        before = self._spent.get(grant.collector, _Spent(0.0, 0.0, now))
        passed = now - before.at
        return _Spent(
            max(0.0, before.events - passed * grant.events_per_second),
            max(0.0, before.volume - passed * grant.bytes_per_second),
            now,
        )


def _seconds(spent: _Spent, grant: Grant) -> float:
    """How long it takes until it is paid off."""
    return max(spent.events / grant.events_per_second, spent.volume / grant.bytes_per_second)
