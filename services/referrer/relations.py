"""One content comes in; where it finds its context and where later content finds it go out, and who is chosen there. Pure.

However much one author says, the others keep their places: of copies and names the best of each author counts, and in a
conversation those of the author do not stand in the way of those of others. Without that, a flood would bury what it lies on.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple, TypeVar

from services.referrer.policy import ContextPolicy, Escalation, Window
from services.referrer.remembered import STRETCH, Remembered, context_links, link, media_names

T = TypeVar("T")
# Rows of a link that are read at most for each one that is chosen. Who wants to bury others needs more than that.
MANY = 32
# In counts by author: everybody beyond those who are counted one by one; and what came before the first answer.
REST, ANSWERED = 0, 1


class By(IntEnum):
    """How the few that count are chosen from what stands on a link."""

    ROW = 0  # the best
    AUTHOR = 1  # the best of each other author
    TURN = 2  # the best of others, from two at least where two spoke, and the best that the author said before them


class Relation(NamedTuple):
    """One link, how long before its own time content looks for context there, and how it chooses."""

    link: int
    length: int
    by: By


class Ahead(NamedTuple):
    """How long after its own time later content may find this one on a link, and the link on which this one itself stands."""

    length: int
    by: By
    home: int


def author_of(this: Remembered) -> int:
    """The number under which an author's content is told apart from that of others; 0 is unknown."""
    return link("a", this.authors[0], this.test) if this.authors else 0


def reach_back(this: Remembered, policy: ContextPolicy) -> tuple[Relation, ...]:
    """Where this content finds its context, one entry per window."""
    row, author, turn = By.ROW, By.AUTHOR, By.TURN
    wanted = [("a", key, window.length, row) for key in this.authors for window in policy.author]
    wanted += [("p", key, length, turn) for key in this.pairs for length in _lengths(policy.pair, policy.escalation)]
    wanted += [("t", key, length, turn) for key in this.talk for length in _lengths(policy.thread, policy.escalation)]
    wanted += [("m", key, policy.copies.length, author) for key in media_names(this)]
    wanted.append(("c", this.anchor, policy.copies.length, author))
    stretches = range((this.at - policy.burst.length) // STRETCH, this.at // STRETCH + 1)
    wanted += [("s", f"{at}:{name}", policy.burst.length, author) for name in this.subjects for at in stretches]
    return tuple(Relation(link(kind, key, this.test), length, by) for kind, key, length, by in wanted)


def _lengths(*windows: Window | Escalation) -> set[int]:
    return {window.length for window in windows}


def reach_ahead(this: Remembered, policy: ContextPolicy) -> dict[int, Ahead]:
    """Where later content that finds this one as its context stands."""
    here = set(context_links(this))
    ahead: dict[int, Ahead] = {}
    for number, length, by in reach_back(this, policy):
        if number in here:
            ahead[number] = Ahead(max(length, ahead[number].length if number in ahead else 0), by, number)
    first, last = this.at // STRETCH, (this.at + policy.burst.length) // STRETCH
    for name in this.subjects:
        home = link("s", f"{first}:{name}", this.test)
        for at in range(first, last + 1):
            ahead[link("s", f"{at}:{name}", this.test)] = Ahead(policy.burst.length, By.AUTHOR, home)
    return ahead


def pick(rows: Iterable[tuple[T, object, int]], by: By, own: object, most: int) -> tuple[list[T], bool]:
    """Of rows with their authors and moments, the best first, those that are chosen, and whether no further row could be."""
    mine: list[tuple[T, int]] = []
    others: list[T] = []
    authors: set[object] = set()
    last = 0
    full = False
    for row, author, moment in rows:
        if by is By.ROW:
            others.append(row)
        elif author == own:
            mine.append((row, moment))
        elif author not in authors or (by is By.TURN and len(others) < most):
            authors.add(author)
            others.append(row)
            last = max(last, moment)
        # Two others make an exchange by themselves, and what is still to come is weaker than both.
        full = len(others) >= most and (by is not By.TURN or len(authors) > 1)
        if full:
            break
    if by is By.TURN:
        # What the author said after the last answer opened nothing.
        others += [row for row, moment in mine if moment < last][:most]
    return others, full


class Passing:
    """Counts, forwards in time from one content, what stands on its link: who after that can still have chosen it."""

    def __init__(self, by: By, author: int, most: int, passed: Iterable[tuple[int, int]]) -> None:
        self._by = by
        self._author = author
        self._most = most
        # Better ones by author, and of the same author those before the first one by another.
        self._better = dict(passed)
        self._before: int | None = self._better.pop(ANSWERED, None)

    @property
    def passed(self) -> tuple[tuple[int, int], ...]:
        """What there was, to go on from."""
        answered = () if self._before is None else ((ANSWERED, self._before),)
        return (*self._better.items(), *answered)

    def count(self, author: int, better: bool) -> None:
        """One has gone by."""
        if author != self._author and self._before is None:
            self._before = self._better.get(self._author, 0)
        if not better:
            return
        known = author == self._author or author in self._better or len(self._better) <= self._most
        author = author if known and self._by is not By.ROW else REST
        self._better[author] = self._better.get(author, 0) + 1

    def may_choose(self, reader: int) -> bool:
        """Whether content of this author that stands here may have the one as context."""
        better, most = self._better, self._most
        if self._by is By.ROW:
            return better.get(REST, 0) < most
        others = len(better) - (reader in better)
        if self._by is By.AUTHOR:
            return reader != self._author and self._author not in better and others < most
        rows = sum(better.values()) - better.get(reader, 0)
        if rows >= most and others > 1:
            return False
        if reader == self._author:
            return self._before is not None and self._before < most
        return rows < most or self._author not in better

    def over(self) -> bool:
        """Whether nobody further on can have chosen it."""
        better, most, again = self._better, self._most, self._author in self._better
        total = sum(better.values())
        if self._by is By.ROW or total >= most * MANY:
            return total >= most
        if self._by is By.AUTHOR:
            return again or len(better) > most
        mine = better.get(self._author, 0)
        before = mine if self._before is None else self._before
        own_out = before >= most or (total - mine >= most and len(better) - again > 1)
        return own_out and total - max(better.values(), default=0) >= most and (again or len(better) > 2)
