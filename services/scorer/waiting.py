"""Degraded results that were published come in; those that are worth it wait, and which of them is scored again next goes out. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.runtime.envelope import Incoming

# A record may be a mebibyte, and so many of them would be gigabytes.
MOST_BYTES = 64 * 1024 * 1024


class Left(StrEnum):
    """Why a degraded result waits no longer."""

    SCORED_AGAIN = "scored_again"
    OVERTAKEN = "overtaken"
    NO_ROOM = "no_room"
    MOVED = "moved"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Hasty:
    """One record that was scored in haste: the content risk that came of it, and whether the desk was told."""

    record: Incoming
    risk: float
    ranked: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A result of one content has been published; `hasty` where it was degraded."""

    content_key: str
    hasty: Hasty | None = None


class Waiting:
    """Degraded results above a content risk, the highest first, bounded in number and bytes; of a content only its last result counts."""

    def __init__(self, most: int, above: float, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._above = above
        self._most_bytes = most_bytes
        self._by_content: dict[str, Hasty] = {}

    def __len__(self) -> int:
        return len(self._by_content)

    def take(self, batch: Iterable[Said]) -> Counter[Left]:
        """Note what was published, in its order; tells what waits no longer, and why."""
        left: Counter[Left] = Counter()
        for said in batch:
            # What comes later is newer, also where it has its full score: the older one must not follow it.
            if self._by_content.pop(said.content_key, None) is not None:
                left[Left.OVERTAKEN] += 1
            if said.hasty is not None and said.hasty.risk > self._above:
                self._by_content[said.content_key] = said.hasty
        before = len(self._by_content)
        if before > self._most or sum(map(_size, self._by_content.values())) > self._most_bytes:
            self._by_content = dict(self._fitting())
            left[Left.NO_ROOM] += before - len(self._by_content)
        return left

    def _fitting(self) -> Iterator[tuple[str, Hasty]]:
        room = self._most_bytes
        for key, hasty in sorted(self._by_content.items(), key=_order)[: self._most]:
            if _size(hasty) <= room:
                room -= _size(hasty)
                yield key, hasty

    def next(self) -> Hasty | None:
        """The one with the highest risk, which waits no longer; None where none waits."""
        if not self._by_content:
            return None
        key, hasty = min(self._by_content.items(), key=_order)
        del self._by_content[key]
        return hasty

    def clear(self) -> int:
        """Let none wait; tells how many did."""
        number = len(self._by_content)
        self._by_content.clear()
        return number


def _order(item: tuple[str, Hasty]) -> tuple[float, str]:
    return -item[1].risk, item[0]


def _size(hasty: Hasty) -> int:
    return len(hasty.record.value or b"")
