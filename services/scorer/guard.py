"""Offsets handed over come in; a gap that would let a commit pass an unread record goes out as Fatal."""

from services.runtime.envelope import Source
from services.runtime.errors import Fatal


class GapGuard:
    """Per partition, the next record is at most the one after the last: a step back is a repeat, a gap ahead is a lost record.

    After a rebalance, records that were buffered before it are still handed over, and committing past one that nobody gave an
    ending would lose it; stopping makes the next owner read again from the committed offset.
    """

    def __init__(self) -> None:
        self._next: dict[tuple[str, int], int] = {}

    def assigned(self, topic: str, partition: int) -> None:
        """A partition came (back): its first record may lie anywhere, another owner may have moved on."""
        self._next.pop((topic, partition), None)

    def seen(self, source: Source) -> None:
        """Note one record. Raises Fatal on a gap ahead."""
        place = (source.topic, source.partition)
        expected = self._next.get(place)
        if expected is not None and source.offset > expected:
            raise Fatal(f"{source} was handed over where offset {expected} was expected")
        self._next[place] = source.offset + 1
