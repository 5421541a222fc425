"""The words of time of a text, and the moment it was said, come in; the spans that it speaks of, and which is nearest, go out. Pure."""

import re
from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from services.scorer.clock_times import NO_DIGIT, number_times
from services.scorer.dates import FARTHEST, dates, days_ahead, is_told_of, meant
from services.scorer.named_days import SENTENCE_ENDS, Day, beside
from services.scorer.policy import Imminence
from services.scorer.time_words import (
    AN_HOUR,
    DAY,
    FESTIVE,
    LOOSE,
    NAMED_DAYS,
    TimeSpan,
    TimeWord,
    of_day,
    resolve,
)

# One phrase of time in [start, end) of a text, and what it says.
Timed = tuple[int, int, str, TimeWord]
# Python 3.11 looks a member of an enum up by a function of Python; this is needed for every text.
_SOON, _WEEKEND = TimeWord.SOON, TimeWord.WEEKEND
_NOBODY_MEANS = FARTHEST * DAY
_start = itemgetter(0)
_THREE_DAYS, _A_WEEK = 3 * DAY, 7 * DAY
# "saturday night at 1" is a time of saturday.
_A_NIGHT = 6 * AN_HOUR
_DIGIT = re.compile(r"\d")


def times(text: str, said: datetime, timed: Sequence[Timed], days: list[Day]) -> list[tuple[TimeSpan, bool]]:
    """The spans of its words of time, dates and clock times; `days` are those that are past, those ahead are added."""
    # Most texts have no digit, and what is told by digits is then not asked for.
    digit = _DIGIT.search(text)
    first = NO_DIGIT if digit is None else digit.start()
    spans: list[tuple[TimeSpan, bool]] = []
    naming: list[Timed] = []
    loose: list[Timed] = []
    for each in timed:
        word = each[3]
        if word in NAMED_DAYS:
            naming.append(each)
        elif word in LOOSE:
            loose.append(each)
        else:
            spans.append((resolve(word, each[2], said), word is _SOON))
    named = _named(text, said, naming, days) if naming else []
    told_of = _dated(text, said, days, first)
    if named:
        # "saturday 12th" is not the next saturday; its date says when it is.
        weekdays = {start for start, _, _, _, weekday in days if weekday}
        told_of += [(start, span) for start, span, weekday in named if not weekday or start in weekdays]
    if loose:
        told_of += _loose(text, said, loose, days)
    clocks, told = number_times(text, said, days, first)
    if told:
        # "wednesday at 9", said on a wednesday at noon, is not all of this wednesday.
        told_of = [(start, span) for start, span in told_of if start not in told or _holds(span, told[start], said)]
    return [*[(span, False) for span in clocks], *spans, *[(span, False) for _, span in told_of]]


def _holds(day: TimeSpan, clock: TimeSpan | None, said: datetime) -> bool:
    """Whether a day is still meant where a clock time of it is said: one to come, on that day or in the night after it."""
    return clock is not None and clock.ends >= said and day.begins <= clock.begins <= day.ends + _A_NIGHT


def _named(text: str, said: datetime, timed: Sequence[Timed], days: list[Day]) -> list[tuple[int, TimeSpan, bool]]:
    """Where the names of days to come begin, those days, which are added to `days`, and whether each is a weekday."""
    past = list(days)
    named: list[tuple[int, TimeSpan, bool]] = []
    counted = " week" in text or " from " in text
    free = 0
    for start, end, phrase, word in timed:
        if start >= free:
            tonight, weekday = NAMED_DAYS[word]
            span, begin, free = resolve(word, phrase, said), start, end
            if counted or weekday:
                begin, free, span = meant(text, start, end, span, said, weekday)
            if past and weekday and is_told_of(text, begin, past):
                days.append((begin, free, None, False, False))
                continue
            moment = span.begins
            if word is _WEEKEND and moment.date() < said.date():
                moment += DAY
            if named and begin <= named[-1][0]:
                # "next week friday" is one day.
                named.pop()
                days.pop()
            far = word in FESTIVE and moment - said > _NOBODY_MEANS
            # No clock time beside a day so far away is one of today, either.
            days.append((begin, free, None if far else moment, tonight, weekday))
            if not far:
                named.append((begin, span, weekday))
    days.sort(key=_start)
    return named


def _dated(text: str, said: datetime, days: list[Day], first: int) -> list[tuple[int, TimeSpan]]:
    """The dates and counted days of a text by where they begin; each is one of its `days`, and the weekday beside it is that day."""
    found = [] if first == NO_DIGIT else list(dates(text, said, first))
    if found and (past := [day[0] for day in days if day[2] is None]):
        # "was shot on the 20th" tells of one that is over.
        ends = [end.start() for end in SENTENCE_ENDS.finditer(text)]
        over = {bisect(ends, start) for start in past}
        found = [(start, end, None if bisect(ends, start) in over else span) for start, end, span in found]
    found += days_ahead(text, said)
    if found:
        dated = [(start, end, None if span is None else span.begins, False, False) for start, end, span in found]
        dated.sort(key=_start)
        days[:] = sorted([*(_of_date(text, day, dated) for day in days), *dated], key=_start)
    return [(start, span) for start, _, span in found if span is not None]


def _loose(text: str, said: datetime, timed: Sequence[Timed], days: list[Day]) -> list[tuple[int, TimeSpan]]:
    """Times of the day that stands beside them, none where that is past; each then names its day for what stands beside it."""
    spans: list[tuple[int, TimeSpan]] = []
    placed: list[Day] = []
    for start, end, phrase, word in timed:
        if (day := beside(text, start, end, days)) is None:
            spans.append((start, resolve(word, phrase, said)))
            continue
        placed.append((start, end, *day[2:]))
        if day[2] is not None:
            spans.append((start, of_day(word, phrase, day[2])))
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
    last = best.ends + _A_NIGHT
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
