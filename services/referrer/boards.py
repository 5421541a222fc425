"""Cases come in, the boards go out: the K riskiest of the last hour and day, per platform and overall. Pure and exact."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from schemas.ranking import BoardEntry, RankingBoard
from schemas.vocabulary import Window

ALL = "all"
DEFAULT_SIZE = 50
LENGTH: Mapping[Window, timedelta] = MappingProxyType(
    {Window.HOUR: timedelta(hours=1), Window.DAY: timedelta(hours=24)}
)
Where = tuple[Window, str]
Boards = dict[Where, tuple[BoardEntry, ...]]


def boards(
    entries: Iterable[BoardEntry],
    platforms: Mapping[UUID, Collection[str]],
    now: datetime,
    size: int = DEFAULT_SIZE,
) -> Boards:
    """The top `size` of each window and scope, by risk, then the newer, then by key; `platforms` are those where a case is live.

    A window goes by when the newest of a case was first seen or edited, by us: a poster who dates a copy back hides nothing by it,
    and a collector whose clock is fast neither. `rank` of the entries that come in does not matter. A scope without entries has no
    board; the caller empties what it published.
    """
    scopes: dict[Where, list[BoardEntry]] = defaultdict(list)
    for entry in entries:
        for window, length in LENGTH.items():
            if now - length < newest(entry):
                for scope in {ALL, entry.platform, *platforms.get(entry.case_id, ())}:
                    scopes[window, scope].append(entry)
    return {where: _ranked(found, size) for where, found in scopes.items()}


def newest(entry: BoardEntry) -> datetime:
    """The moment by which an entry stands in a window."""
    return entry.newest_at or entry.event_time


def _ranked(entries: Iterable[BoardEntry], size: int) -> tuple[BoardEntry, ...]:
    best = heapq.nlargest(size, entries, key=lambda entry: (entry.risk, newest(entry), entry.content_key))
    return tuple(entry.model_copy(update={"rank": rank}) for rank, entry in enumerate(best, 1))


def fact(window: Window, scope: str, entries: tuple[BoardEntry, ...], now: datetime) -> RankingBoard:
    """The board as it is published."""
    return RankingBoard(window=window, scope=scope, computed_at=now, entries=entries)


def key(window: Window, scope: str) -> bytes:
    """The key under which the topic keeps the last board."""
    return f"{window.value}:{scope}".encode()
