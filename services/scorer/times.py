"""The words of time of a text, and the moment it was said, come in; the spans that it speaks of, and which is nearest, go out. Pure."""

import re
from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from services.scorer.clock_times import NO_DIGIT, number_times
from services.scorer.dates import dates, days_ahead
from services.scorer.named_days import Day, beside
from services.scorer.policy import Imminence
from services.scorer.time_words import (
    AN_HOUR,
    DAY,
    LOOSE,
    NAMED_DAYS,
    TimeSpan,
    TimeWord,
    a_week_later,
    of_day,
    resolve,
)

# One phrase of time in [start, end) of a text, and what it says.
Timed = tuple[int, int, str, TimeWord]
# Python 3.11 looks a member of an enum up by a function of Python; this is needed for every text.
_SOON = TimeWord.SOON
_start = itemgetter(0)
_THREE_DAYS, _A_WEEK = 3 * DAY, 7 * DAY
_SENTENCE_ENDS = re.compile(r"[.!?\n](?!\d)")
_DIGIT = re.compile(r"\d")


def times(text: str, said: datetime, timed: Sequence[Timed], days: list[Day]) -> list[tuple[TimeSpan, bool]]:
    """The spans of its words of time, dates and clock times; `days` are those that are past, those ahead are added."""
    spans: list[tuple[TimeSpan, bool]] = []
    weekdays: list[tuple[int, TimeSpan]] = []
    # Most texts have no digit, and what is told by digits is then not asked for.
    digit = _DIGIT.search(text)
    first = NO_DIGIT if digit is None else digit.start()
    for start, end, phrase, word in timed:
        span = resolve(word, phrase, said)
        tonight, weekday = NAMED_DAYS.get(word, (False, False))
        if weekday:
            span = a_week_later(span) if span.begins <= said and text.endswith("next ", 0, start) else span
            weekdays.append((start, span))
        elif word not in LOOSE:
            spans.append((span, word is _SOON))
        if word in NAMED_DAYS:
            days.append((start, end, span.begins, tonight, weekday))
    if timed:
        days.sort(key=_start)
    spans += _dated(text, said, days, first)
    if timed:
        spans += _loose(text, said, timed, days)
    if weekdays:
        # "saturday 12th" is not the next saturday; its date says when it is.
        still = {start for start, _, _, _, weekday in days if weekday}
        spans += [(span, False) for start, span in weekdays if start in still]
    return [*[(span, False) for span in number_times(text, said, days, first)], *spans]


def _dated(text: str, said: datetime, days: list[Day], first: int) -> list[tuple[TimeSpan, bool]]:
    """The dates and counted days of a text; each is one of its `days` as well, and the weekday beside it is that day."""
    found = [] if first == NO_DIGIT else list(dates(text, said, first))
    if found and (past := [day[0] for day in days if day[2] is None]):
        # "was shot on the 20th" tells of one that is over.
        ends = [end.start() for end in _SENTENCE_ENDS.finditer(text)]
        over = {bisect(ends, start) for start in past}
        found = [(start, end, None if bisect(ends, start) in over else span) for start, end, span in found]
    found += days_ahead(text, said)
    if found:
        dated = [(start, end, None if span is None else span.begins, False, False) for start, end, span in found]
        dated.sort(key=_start)
        days[:] = sorted([*(_of_date(text, day, dated) for day in days), *dated], key=_start)
    return [(span, False) for _, _, span in found if span is not None]


def _loose(text: str, said: datetime, timed: Sequence[Timed], days: list[Day]) -> list[tuple[TimeSpan, bool]]:
    """Times of the day that stands beside them, none where that is past; each then names its day for what stands beside it."""
    spans: list[tuple[TimeSpan, bool]] = []
    placed: list[Day] = []
    for start, end, phrase, word in timed:
        if word in LOOSE:
            if (day := beside(text, start, end, days)) is None:
                spans.append((resolve(word, phrase, said), False))
                continue
            placed.append((start, end, *day[2:]))
            if day[2] is not None:
                spans.append((of_day(word, phrase, day[2]), False))
    if placed:
        days[:] = sorted([*days, *placed], key=_start)
    return spans


def _of_date(text: str, day: Day, dated: Sequence[Day]) -> Day:
    """A weekday beside a date is its day, unless that day has another name; any other is what it was."""
    moment, weekday = day[2], day[4]
    if moment is None or not weekday or (date := beside(text, day[0], day[1], dated)) is None:
        return day
    agree = date[2] is None or date[2].weekday() == moment.weekday()
    return (day[0], day[1], *date[2:]) if agree else day


def closest(
    spans: Sequence[tuple[TimeSpan, bool]], seen: datetime, weights: Imminence
) -> tuple[TimeSpan | None, float]:
    """The span that is nearest ahead and how near it is, 0 to 1; what is over when the content is seen counts for nothing.

    Told by the clock where it was said, as people count: a day ahead is a day ahead, whether or not clocks change in it.
    """
    if not spans:
        return None, 0.0
    seen = seen.astimezone(spans[0][0].begins.tzinfo)
    best, nearest = None, 0.0
    for span, soon in spans:
        near = weights.soon if soon else _nearness(span.begins - seen, weights)
        if near < nearest or not near or span.ends < seen:
            continue
        # Of two that are equally near, the shorter says more: a clock time, `after school`, `tonight`, a day.
        if best is None or near > nearest or _length(span) < _length(best):
            best, nearest = span, near
    return None if best is None else _exactly(best, spans, seen), nearest


def _exactly(best: TimeSpan, spans: Sequence[tuple[TimeSpan, bool]], seen: datetime) -> TimeSpan:
    """What says most exactly when, of all within the nearest: of "tomorrow at 9pm" the reviewer is told the hour."""
    if len(spans) == 1:
        return best
    last = best.ends + AN_HOUR
    return min([span for span, _ in spans if best.begins <= span.begins and seen <= span.ends <= last], key=_length)


def _length(span: TimeSpan) -> timedelta:
    """All up to an hour are one: `9pm` says no less than `in a minute`."""
    return max(span.ends - span.begins, AN_HOUR)


def _nearness(ahead: timedelta, weights: Imminence) -> float:
    if ahead <= DAY:
        return weights.within_a_day
    if ahead <= _THREE_DAYS:
        return weights.within_three_days
    return weights.within_a_week if ahead <= _A_WEEK else weights.later
