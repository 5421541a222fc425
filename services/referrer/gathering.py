"""Content that appeared, changed or went comes in; which content stands in one case with which goes out.

A case gathers around its anchor: the content that was seen first. Each member is a copy of the anchor itself, never only of
another member, so that a chain of small changes does not end in one case. In order of first sight, content is an anchor unless
it is a copy of an earlier anchor; otherwise it belongs to the earliest such one. That makes the cases a function of the set of
contents. Order of first sight is ours; the time of publishing is the poster's, and would let a flood move its anchor at will.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.vocabulary import Band
from services.referrer.policy import ContextPolicy
from services.referrer.remembered import Remembered, copy_links, copy_of

Order = tuple[int, str]
UNSETTLED = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One case as its members make it: of the live ones where there are any, of all otherwise.

    `face` is the member that was said first, `top` the one with the highest risk; `worst` is the worst band of all members, and
    `newest` when the latest was first seen or edited, in microseconds.
    """

    face: str
    top: str
    risk: float
    band: Band
    worst: Band
    members: int
    live: int
    newest: int


class Shelf(Protocol):
    """What is stored of contents that may be copies of one another."""

    def anchors_before(self, entries: Sequence[Remembered]) -> Mapping[str, Sequence[Remembered]]:
        """Per entry, the anchors that share a copy link with it and were seen before it."""
        ...

    def followed(self, entries: Sequence[Remembered]) -> Collection[str]:
        """Keys of those entries after which something was seen that shares a copy link with them."""
        ...

    def followers(self, entry: Remembered) -> Sequence[Remembered]:
        """What shares a copy link with the entry and was seen after it."""
        ...

    def members(self, anchor: str) -> Sequence[Remembered]:
        """What stands in the case of an anchor."""
        ...


def order(entry: Remembered) -> Order:
    """Place in the order of first sight."""
    return (entry.seen, entry.key)


class Gathering:
    """Settles one set of changes over what is stored."""

    def __init__(self, shelf: Shelf, policy: ContextPolicy) -> None:
        self._shelf = shelf
        self._policy = policy
        self._known: dict[str, Remembered] = {}
        self._stored: dict[str, str] = {}
        self._by_link: dict[str, set[str]] = defaultdict(set)
        # Apart from all others: a flood of copies that looks for a new anchor has few anchors to look at.
        self._anchors_by_link: dict[str, set[str]] = defaultdict(set)
        self._heap: list[Order] = []
        self._queued: set[str] = set()
        self._gone: set[str] = set()
        self._anchors: dict[str, Sequence[Remembered]] = {}
        self._alone: set[str] = set()

    def settle(self, before: Iterable[Remembered], after: Sequence[Remembered]) -> dict[str, Remembered]:
        """Anchors when the stored entries `before` become the entries `after` (by key; what is only in one goes or is new).

        Gives all of `after`, and every other entry whose anchor is another one now.
        """
        keys = {entry.key for entry in after}
        before = list(before)
        self._gone = {entry.key for entry in before} - keys
        for entry in after:
            self._note(entry._replace(anchor=UNSETTLED))
            self._push(entry.key)
        for entry in before:
            if entry.anchor == entry.key:
                self._release(entry.key)
        self._ask(after)
        self._alone = keys.difference(self._shelf.followed(after))
        while self._heap:
            _, key = heapq.heappop(self._heap)
            self._queued.discard(key)
            self._place(self._known[key])
        return {k: e for k, e in self._known.items() if k in keys or e.anchor != self._stored[k]}

    def _place(self, entry: Remembered) -> None:
        place = order(entry)
        if entry.key not in self._anchors:
            self._ask([entry])
        self._learn(self._anchors[entry.key])
        anchors = sorted((e for e in self._sharing(entry, self._anchors_by_link) if order(e) < place), key=order)
        found = next((e.key for e in anchors if copy_of(entry, e, self._policy)), entry.key)
        if found == entry.anchor:
            return
        self._note(entry._replace(anchor=found))
        if entry.anchor == entry.key:
            self._release(entry.key)
        if found == entry.key:
            self._learn(() if entry.key in self._alone else self._shelf.followers(entry))
            for later in self._sharing(entry, self._by_link):
                if later.key not in self._queued and order(later) > place and copy_of(entry, later, self._policy):
                    self._push(later.key)

    def _ask(self, entries: Sequence[Remembered]) -> None:
        """Which stored anchors the entries may be copies of: of many at once, which costs little more than of one."""
        found = self._shelf.anchors_before(entries)
        self._anchors |= {entry.key: found.get(entry.key, ()) for entry in entries}

    def _sharing(self, entry: Remembered, by_link: Mapping[str, set[str]]) -> list[Remembered]:
        """What shares a copy link with the entry among what is stored and what this change has touched."""
        keys = set().union(*(by_link[name] for name in copy_links(entry))) - {entry.key}
        return [self._known[key] for key in keys]

    def _release(self, anchor: str) -> None:
        """The members of what is no anchor, or another content now, look for one again."""
        self._learn(self._shelf.members(anchor))
        members = [member for member in self._known.values() if member.anchor == anchor and member.key != anchor]
        self._ask([member for member in members if member.key not in self._anchors])
        for member in members:
            self._push(member.key)

    def _learn(self, stored: Iterable[Remembered]) -> None:
        for one in stored:
            if one.key not in self._known and one.key not in self._gone:
                self._stored[one.key] = one.anchor
                self._note(one)

    def _note(self, entry: Remembered) -> None:
        self._known[entry.key] = entry
        for name in copy_links(entry):
            self._by_link[name].add(entry.key)
            if entry.anchor == entry.key:
                self._anchors_by_link[name].add(entry.key)
            else:
                self._anchors_by_link[name].discard(entry.key)

    def _push(self, key: str) -> None:
        if key not in self._queued:
            self._queued.add(key)
            heapq.heappush(self._heap, order(self._known[key]))
