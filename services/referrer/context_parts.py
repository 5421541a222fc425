"""One content and what is remembered around it come in; what each kind of context says, from nothing to all, goes out. Pure."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from services.referrer.policy import ContextPolicy, Escalation, Window
from services.referrer.relations import By, pick
from services.referrer.remembered import HOUR, Evidence, Remembered, copy_of, same_media

DAYS = "author.{}d"
Words = Callable[[str, float], str]


class Sighting(NamedTuple):
    """One observation of a content: when, and how many had seen it; None is unknown.

    `estimated` says that no views are known, and these are what its shares, likes or replies stand for.
    """

    seen: int
    views: int | None
    estimated: bool = False


class Found(NamedTuple):
    """One part before the gate: its name, weight, value in [0, 1], and what a person reads."""

    name: str
    weight: float
    value: float
    reason: str


class Context:
    """What is remembered before one content, and the parts that it gives."""

    def __init__(self, this: Remembered, related: Iterable[Remembered], policy: ContextPolicy) -> None:
        self._this = this
        self._policy = policy
        self._authors = frozenset(this.authors)
        rows = {row.key: row for row in related if self._counts(row)}
        pairs, talk = frozenset(this.pairs), frozenset(this.talk)
        self._own: list[Remembered] = []
        self._others: list[Remembered] = []
        self._pair: list[Remembered] = []
        self._thread: list[Remembered] = []
        self._exchange: list[Remembered] = []
        # The best first, whatever order the rows came in.
        for row in sorted(rows.values(), key=lambda row: row.choice, reverse=True):
            paired, joined = not pairs.isdisjoint(row.pairs), not talk.isdisjoint(row.talk)
            if paired or joined:
                self._exchange.append(row)
            if self._mine(row):
                self._own.append(row)
                continue
            self._others.append(row)
            if paired:
                self._pair.append(row)
            elif joined:
                self._thread.append(row)

    def _mine(self, row: Remembered) -> bool:
        return not self._authors.isdisjoint(row.authors)

    def _counts(self, row: Remembered) -> bool:
        """Context lies before the content, at or above the floor, is not withdrawn; an unknown author adds nothing."""
        return (
            row.moment < self._this.moment
            and row.risk >= self._policy.floors.context
            and not row.withdrawn
            and bool(row.authors)
            and row.test is self._this.test
        )

    def parts(self) -> Iterable[Found]:
        """Every part that remembered content gives, zero ones too."""
        policy = self._policy
        for window in policy.author:
            yield self._sum(DAYS.format(window.days), window, self._own, _own_words(window.days))
        yield self._sum("pair", policy.pair, self._pair, _pair_words(policy.pair.days))
        yield self._sum("thread", policy.thread, self._thread, _thread_words(policy.thread.days))
        yield self._escalation(policy.escalation)
        yield self._copies()
        yield self._burst()

    def _chosen(self, rows: Iterable[Remembered], length: int) -> list[Remembered]:
        """At most `chosen` rows of the window: highest content risk, then latest, then key."""
        since = self._this.at - length
        return [row for row in rows if row.at >= since][: self._policy.bounds.chosen]

    def _heat(self, risk: float) -> float:
        return float(risk**self._policy.emphasis.power)

    def _sum(self, name: str, window: Window, rows: Sequence[Remembered], words: Words) -> Found:
        chosen = self._chosen(rows, window.length)
        value = saturated(math.fsum(self._heat(row.risk) for row in chosen), window.scale)
        items = self._so_many(len(chosen), "earlier item")
        return Found(name, window.weight, value, words(items, max((row.risk for row in chosen), default=0.0)))

    def _so_many(self, count: int, noun: str) -> str:
        """A number for a reason: where as many as are chosen were found, there may be more."""
        return f"{'at least ' * (count >= self._policy.bounds.chosen)}{_counted(count, noun)}"

    def _people(self, count: int) -> str:
        if count == 1:
            return "Another author"
        said = self._so_many(count, "other author")
        return said[0].upper() + said[1:]

    def _escalation(self, policy: Escalation) -> Found:
        """Somebody, an answer by another, now this by another than answered: the most that the weaker of the two shows."""
        since = self._this.at - policy.length
        rows = [row for row in self._exchange if row.at >= since]
        within = [(row, None if self._mine(row) else row.authors[0], row.at) for row in rows]
        turns = sorted(pick(within, By.TURN, None, self._policy.bounds.chosen)[0], key=lambda row: row.moment)
        best, first = 0.0, None
        for number, answer in enumerate(turns):
            if answer.risk <= best or self._mine(answer):
                continue
            by = frozenset(answer.authors)
            for opening in turns[:number]:
                if opening.risk > best and by.isdisjoint(opening.authors):
                    best, first = min(opening.risk, answer.risk), opening
        ago = _ago(self._this.at - first.at) if first else ""
        return Found("escalation", policy.weight, best, f"It goes on from an exchange that began {ago} before")

    def _by_author(self, rows: Iterable[Remembered], length: int) -> list[Remembered]:
        """The strongest row of each author in the window, as many as are chosen: so that no author crowds out another."""
        within = [row for row in rows if row.at >= self._this.at - length]
        # Whose secret is being rotated counts under the current key, what came before the rotation too.
        current = {previous: row.authors[0] for row in within for previous in row.authors[1:]}
        best: dict[str, Remembered] = {}
        for row in within:
            best.setdefault(current.get(row.authors[0], row.authors[0]), row)
        return list(best.values())[: self._policy.bounds.chosen]

    def _crowd(self, rows: Iterable[Remembered], scale: float) -> float:
        return saturated(math.fsum(self._heat(row.risk) for row in rows), scale)

    def _copies(self) -> Found:
        policy = self._policy.copies
        copies = [
            row
            for row in self._others
            if row.anchor == self._this.anchor
            or copy_of(self._this, row, self._policy)
            or same_media(self._this, row, policy.pdq_bits)
        ]
        by_author = self._by_author(copies, policy.length)
        platforms = len({row.platform for row in by_author})
        reason = f"{self._people(len(by_author))} posted a copy before, on {_counted(platforms, 'platform')}"
        return Found("copies", policy.weight, self._crowd(by_author, policy.scale), reason)

    def _burst(self) -> Found:
        """Several authors on one name: of the names of this content the one of which the most was said."""
        policy = self._policy.burst
        best = Found("burst", policy.weight, 0.0, "")
        for name in sorted(self._this.subjects):
            by_author = self._by_author([row for row in self._others if name in row.subjects], policy.length)
            value = self._crowd(by_author, policy.scale) if len(by_author) >= policy.authors else 0.0
            if value > best.value:
                said = f"{self._people(len(by_author))} wrote about {name!r} in the {_counted(policy.hours, 'hour')} before"
                best = Found("burst", policy.weight, value, said)
        return best


def reach_speed(sightings: Sequence[Sighting], policy: ContextPolicy) -> Found | None:
    """How fast it spread at its fastest between two observations; None where successive counts are not known, or below 1 an hour."""
    known = sorted({(s.seen, s.views) for s in sightings if s.views is not None})
    # A counter that drops and comes back has gained nothing.
    most = list(accumulate((views for _, views in known), max))
    least = policy.reach_speed.minutes * HOUR // 60
    best = max(
        (
            (later - most[number]) * HOUR / (at - seen)
            for number, (seen, _) in enumerate(known)
            for at, later in known[number + 1 :]
            if at - seen >= least
        ),
        default=0.0,
    )
    # It would be told as 0 an hour; what is not worth a sentence is not worth a part either.
    if best < 1:
        return None
    value = min(1.0, math.log10(1 + best) / math.log10(1 + policy.reach_speed.full))
    of_what = "shares, likes or replies that stand for " if any(s.estimated for s in sightings) else ""
    said = f"At its fastest it gained {of_what}{_counted(round(best), 'view')} an hour"
    return Found("reach_speed", policy.reach_speed.weight, value, said)


def group(evidence: Evidence, policy: ContextPolicy) -> Found | None:
    """A name from the desk's list, together with a violence type; two that are at odds count in full."""
    if not evidence.groups or evidence.types < policy.group.types:
        return None
    names = " and ".join(repr(name) for name in evidence.groups[:2])
    return Found(
        "group", policy.group.weight, 1.0 if evidence.rivals else 0.5, f"It names {names}, from the desk's list"
    )


def saturated(total: float, scale: float) -> float:
    """A sum as a share of what there could be: rises with each item, each by less."""
    return 1.0 - math.exp(-total / scale)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _own_words(days: int) -> Words:
    window = _counted(days, "day")
    return lambda items, most: f"The author has {items} of concern in {window}, the strongest at {most:.0%}"


def _pair_words(days: int) -> Words:
    window = _counted(days, "day")
    return lambda items, most: (
        f"The person addressed wrote {items} of concern to the author in {window}, the strongest at {most:.0%}"
    )


def _thread_words(days: int) -> Words:
    window = _counted(days, "day")
    return lambda items, most: (
        f"Others in the conversation wrote {items} of concern in {window}, the strongest at {most:.0%}"
    )


def _ago(length: int) -> str:
    hours = length // HOUR
    if hours >= 48:
        return _counted(hours // 24, "day")
    return _counted(hours, "hour") if hours >= 2 else _counted(max(1, length * 60 // HOUR), "minute")
