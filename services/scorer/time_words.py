"""Time words of a text, and the moment it was said, come in; the spans of time they speak of go out. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
SATURDAY = 5
EVENING, NIGHT_END = time(17), time(4)
SCHOOL_OUT, SCHOOL_END = time(15), time(17)
MIDNIGHT, DAY_END = time(0), time(23, 59)


class TimeWord(StrEnum):
    """What a listed phrase says of time; the phrases themselves are data of the policy."""

    NOW = "now"
    TONIGHT = "tonight"
    TODAY = "today"
    PART_OF_DAY = "part_of_day"
    TOMORROW = "tomorrow"
    DAY_AFTER_TOMORROW = "day_after_tomorrow"
    AFTER_SCHOOL = "after_school"
    WEEKEND = "weekend"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    NEXT_WEEK = "next_week"
    HALLOWEEN = "halloween"
    BONFIRE_NIGHT = "bonfire_night"
    CHRISTMAS_EVE = "christmas_eve"
    CHRISTMAS_DAY = "christmas_day"
    BOXING_DAY = "boxing_day"
    NEW_YEARS_EVE = "new_years_eve"
    NEW_YEARS_DAY = "new_years_day"
    SOON = "soon"


class TimeSpan(NamedTuple):
    """A span of time that a text speaks of, and its words."""

    words: str
    begins: datetime
    ends: datetime


Span = tuple[datetime, datetime]


def on(said: datetime, days: int, begin: time, end: time) -> Span:
    """From `begin` to `end` of the day that comes so many days later; into the next one where the end is no later."""
    day = (said + days * DAY).date()
    last = day if end > begin else day + DAY
    return datetime.combine(day, begin, said.tzinfo), datetime.combine(last, end, said.tzinfo)


def _today(said: datetime) -> Span:
    begins, ends = on(said, 0, MIDNIGHT, DAY_END)
    # "later", said at ten to midnight, is not over at midnight.
    return begins, max(ends, said + 4 * AN_HOUR)


def _tonight(said: datetime) -> Span:
    # Between midnight and four, tonight is the night that is still going on.
    return on(said, -1 if said.time() < NIGHT_END else 0, EVENING, NIGHT_END)


def _after_school(said: datetime) -> Span:
    days = 0 if said.time() < SCHOOL_END else 1
    while (said + days * DAY).weekday() >= SATURDAY:
        days += 1
    return on(said, days, SCHOOL_OUT, SCHOOL_END)


def _weekend(said: datetime) -> Span:
    begins, _ = on(said, SATURDAY - said.weekday(), MIDNIGHT, DAY_END)
    return begins, begins + 2 * DAY


def _next(weekday: int) -> Callable[[datetime], Span]:
    return lambda said: on(said, (weekday - said.weekday()) % 7, MIDNIGHT, DAY_END)


def _next_week(said: datetime) -> Span:
    begins, _ = on(said, len(WEEK) - said.weekday(), MIDNIGHT, DAY_END)
    return begins, begins + 7 * DAY


def _every_year(month: int, day: int) -> Callable[[datetime], Span]:
    def resolved(said: datetime) -> Span:
        today = said.date()
        year = today.year + (today > date(today.year, month, day))
        return on(said, (date(year, month, day) - today).days, MIDNIGHT, DAY_END)

    return resolved


def _ahead(least: timedelta) -> Callable[[datetime], Span]:
    return lambda said: (said, said + least)


WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
RESOLVERS: Mapping[TimeWord, Callable[[datetime], Span]] = {
    TimeWord.NOW: _ahead(AN_HOUR),
    TimeWord.TONIGHT: _tonight,
    TimeWord.TODAY: _today,
    TimeWord.PART_OF_DAY: _today,
    TimeWord.TOMORROW: lambda said: on(said, 1, MIDNIGHT, DAY_END),
    TimeWord.DAY_AFTER_TOMORROW: lambda said: on(said, 2, MIDNIGHT, DAY_END),
    TimeWord.AFTER_SCHOOL: _after_school,
    TimeWord.WEEKEND: _weekend,
    **{TimeWord[name]: _next(number) for number, name in enumerate(WEEK)},
    TimeWord.NEXT_WEEK: _next_week,
    TimeWord.HALLOWEEN: _every_year(10, 31),
    TimeWord.BONFIRE_NIGHT: _every_year(11, 5),
    TimeWord.CHRISTMAS_EVE: _every_year(12, 24),
    TimeWord.CHRISTMAS_DAY: _every_year(12, 25),
    TimeWord.BOXING_DAY: _every_year(12, 26),
    TimeWord.NEW_YEARS_EVE: _every_year(12, 31),
    TimeWord.NEW_YEARS_DAY: _every_year(1, 1),
    TimeWord.SOON: _ahead(3 * DAY),
}


def resolve(word: TimeWord, words: str, said: datetime) -> TimeSpan:
    """The span that a listed phrase speaks of; `said` is local time where it was said, so that `tonight` is that night."""
    return TimeSpan(words, *RESOLVERS[word](said))


def later(span: TimeSpan, days: int, words: str) -> TimeSpan:
    """The same so many days later: `next monday`, said on a monday, is not today."""
    return TimeSpan(words, span.begins + days * DAY, span.ends + days * DAY)


def of_day(word: TimeWord, words: str, moment: datetime) -> TimeSpan:
    """A word of LOOSE on the day of a moment: `friday after school` is not today's end of school."""
    begin, end = (SCHOOL_OUT, SCHOOL_END) if word is TimeWord.AFTER_SCHOOL else (MIDNIGHT, DAY_END)
    return TimeSpan(words, *on(moment, 0, begin, end))


# Words that mean today, or the next day of school, unless another day stands beside them.
LOOSE = frozenset({TimeWord.AFTER_SCHOOL, TimeWord.PART_OF_DAY})
# Days of the year; in spring nobody means the next one by them.
FESTIVE = frozenset({
    TimeWord.HALLOWEEN, TimeWord.BONFIRE_NIGHT, TimeWord.CHRISTMAS_EVE, TimeWord.CHRISTMAS_DAY, TimeWord.BOXING_DAY,
    TimeWord.NEW_YEARS_EVE, TimeWord.NEW_YEARS_DAY,
})  # fmt: skip
# The words that name a day, and for each what its `Day` says: whether it is tonight, and whether a weekday.
NAMED_DAYS: Mapping[TimeWord, tuple[bool, bool]] = {
    TimeWord.TONIGHT: (True, False),
    TimeWord.TODAY: (False, False),
    TimeWord.TOMORROW: (False, False),
    TimeWord.DAY_AFTER_TOMORROW: (False, False),
    TimeWord.WEEKEND: (False, False),
    TimeWord.NEXT_WEEK: (False, False),
    **dict.fromkeys(FESTIVE, (False, False)),
    **{TimeWord[name]: (False, True) for name in WEEK},
}
