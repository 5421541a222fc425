"""Contents and spans come in; what is picked as their context, and what may have them as context, goes out by links alone."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from services.referrer.adapters.memory_seek import Back, Seek
from services.referrer.memory_ports import Span
from services.referrer.policy import ContextPolicy
from services.referrer.relations import MANY, REST, By, Passing, author_of, pick, reach_back
from services.referrer.remembered import Remembered

# Rows of a link that are read at first for each one that is chosen: most links have no more. Only where a few authors said
# much are as many read as ever are.
SOME = 2
# Rows that are read at a time where all have to be looked at.
ROWS = 500


class Ask(NamedTuple):
    """One question for context: where, how it is chosen, and by whom it is asked."""

    back: Back
    by: By
    author: int


def picked(seek: Seek, entries: Sequence[Remembered], policy: ContextPolicy) -> dict[str, set[str]]:
    """Per entry the keys of its context: of each link and window the few that are picked there."""
    found: dict[str, set[str]] = defaultdict(set)
    asks: dict[tuple[str, int], list[Ask]] = defaultdict(list)
    for entry in entries:
        author = author_of(entry)
        for number, length, by in reach_back(entry, policy):
            asks[entry.key, number].append(Ask((number, entry.at - length, entry.at, entry.key), by, author))
    windows = [sorted(set(wanted), key=lambda ask: ask.back[1]) for wanted in asks.values()]
    while windows:
        left = []
        answers = _answers(seek, [wanted[0] for wanted in windows], policy)
        for wanted, (keys, everything) in zip(windows, answers, strict=True):
            found[wanted[0].back[3]].update(keys)
            # Where everything was picked, the shorter windows hold nothing else.
            if len(wanted) > 1 and not everything:
                left.append(wanted[1:])
        windows = left
    return found


def _answers(seek: Seek, asks: Sequence[Ask], policy: ContextPolicy) -> list[tuple[list[str], bool]]:
    """What is picked per question, and whether that is all there is."""
    most = policy.bounds.chosen
    answers: list[tuple[list[str], bool]] = [([], True)] * len(asks)
    unanswered = list(range(len(asks)))
    for limit in (most * SOME, most * MANY):
        read = seek.best([asks[number].back for number in unanswered], policy.floors.context, limit)
        again = []
        for number, rows in zip(unanswered, read, strict=True):
            keys, full = pick(rows, asks[number].by, asks[number].author, most)
            answers[number] = keys, len(keys) == len(rows) < limit
            if not full and len(rows) == limit:
                again.append(number)
        unanswered = again
    return answers


def later(seek: Seek, spans: Sequence[Span], limit: int, policy: ContextPolicy) -> tuple[set[str], list[Span]]:
    """Keys on the spans, about `limit` at most, and the spans that are left."""
    keys: set[str] = set()
    left: list[Span] = []
    # In the order of time: spans that begin together lead to the same keys, which there is room for once.
    spans = sorted(spans, key=lambda span: (span.at, span.key))
    inhabited = seek.inhabited([(span.link, span.at, span.key, span.until) for span in spans])
    for span in (spans[number] for number in inhabited):
        found, rest = _walk(seek, span, limit - len(keys), policy.bounds.chosen)
        keys.update(found)
        if rest is not None:
            left.append(rest)
    return keys, left


def _walk(seek: Seek, span: Span, room: int, most: int) -> tuple[list[str], Span | None]:
    """At most `room` keys on one span, and what is left of it."""
    if room <= 0:
        return [], span
    at_home = span.home == span.link
    if not at_home and _beaten(seek, span, most):
        return [], None
    passing = Passing(span.by, span.author, most, span.passed)
    rows = seek.ahead((span.link, span.at, span.key, span.until), room + 1)
    keys = []
    for at, key, risk, author in rows[:room]:
        if passing.may_choose(author):
            keys.append(key)
        # Elsewhere than where it stands nobody competes with it.
        if at_home:
            passing.count(author, (risk, at, key) > span.choice)
            if passing.over():
                return keys, None
    if len(rows) <= room:
        return keys, None
    at, key, *_ = rows[room - 1]
    return keys, span._replace(at=at, key=key, passed=passing.passed)


def _beaten(seek: Seek, span: Span, most: int) -> bool:
    """Whether the changed one is chosen by nobody who comes after everything that stands on its own link."""
    passing = Passing(span.by, span.author, most, ())
    _, at, key = span.choice
    while rows := seek.ahead((span.home, at, key, span.until), ROWS):
        for at, key, risk, author in rows:
            passing.count(author, (risk, at, key) > span.choice)
            if passing.over():
                return True
    return False


def span_of(text: str) -> Span:
    """A span as it lies on the work list."""
    number, at, key, until, choice, *more = orjson.loads(text)
    if len(more) == 1:
        # Of before authors were told apart: whatever stands there is weighed again, as if nobody could beat what changed.
        return Span(number, at, key, until, (2.0, at, key), By.ROW, REST, number)
    by, author, home, passed = more
    return Span(number, at, key, until, tuple(choice), By(by), author, home, tuple(map(tuple, passed)))
