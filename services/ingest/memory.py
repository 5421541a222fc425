"""Observation ids that were acknowledged come in; whether one is a repeat of a recent one goes out. Best effort, bounded."""

from collections import OrderedDict
from collections.abc import Iterable


class RecentIds:
    """Remembers the most recent ids. Nothing is lost when it forgets: the exact check is made where the records end."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, observation: object) -> bool:
        return isinstance(observation, str) and bytes.fromhex(observation) in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def mark(self, observations: Iterable[str]) -> None:
        """Remember ids whose outputs all in-sync replicas have. Never call it earlier: a repeat would be dropped for nothing."""
        for observation in observations:
            key = bytes.fromhex(observation)
            self._ids[key] = None
            self._ids.move_to_end(key)
        while len(self._ids) > self._size:
            self._ids.popitem(last=False)
