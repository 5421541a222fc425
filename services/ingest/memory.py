"""Observation ids that were acknowledged come in; whether one is a repeat of a recent one goes out. Best effort, bounded."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import timedelta

# Later than this a repeat is published anew: an audit must still find what it is a repeat of, and topics do not keep that for ever.
REMEMBERED = timedelta(days=1)


class RecentIds:
    """Remembers the most recent ids. Nothing is lost when it forgets: the exact check is made where the records end."""

    def __init__(self, size: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._seconds = seconds
        self._ids: OrderedDict[bytes, float] = OrderedDict()

    def __contains__(self, observation: object) -> bool:
        if not isinstance(observation, str):
            return False
        since = self._ids.get(bytes.fromhex(observation))
        return since is not None and self._seconds() - since < REMEMBERED.total_seconds()

    def __len__(self) -> int:
        return len(self._ids)

    def mark(self, observations: Iterable[str]) -> None:
        """Remember ids whose outputs all in-sync replicas have. Never call it earlier: a repeat would be dropped for nothing.

        Not for repeats either: an id would be remembered for as long as it comes again, and what was published is not kept so long.
        """
        now = self._seconds()
        for observation in observations:
            key = bytes.fromhex(observation)
            self._ids[key] = now
            self._ids.move_to_end(key)
        while len(self._ids) > self._size:
            self._ids.popitem(last=False)
