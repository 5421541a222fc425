"""How much a collector sent comes in; whether it may send more now, or after how many seconds, goes out."""

import math
import time

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from services.ingest.credentials import WINDOW_SECONDS, Grant

LONGEST_WAIT = 2 * WINDOW_SECONDS


class Rates:
    """Counts events and bytes per collector over a sliding window; every door process counts for itself."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def wait(self, grant: Grant, *, events: int, volume: int) -> int:
        """0 and counted, or the whole seconds after which to come again and not counted."""
        event_limit = RateLimitItemPerSecond(int(grant.events_per_second * WINDOW_SECONDS), WINDOW_SECONDS, "events")
        byte_limit = RateLimitItemPerSecond(int(grant.bytes_per_second * WINDOW_SECONDS), WINDOW_SECONDS, "bytes")
        for limit, cost in ((event_limit, events), (byte_limit, volume)):
            if not self._limiter.test(limit, grant.collector, cost=max(1, cost)):
                return self._seconds(limit, grant)
        self._limiter.hit(event_limit, grant.collector, cost=max(1, events))
        self._limiter.hit(byte_limit, grant.collector, cost=max(1, volume))
        return 0

    def _seconds(self, limit: RateLimitItemPerSecond, grant: Grant) -> int:
        reset = self._limiter.get_window_stats(limit, grant.collector).reset_time
        return min(LONGEST_WAIT, max(1, math.ceil(reset - time.time())))
