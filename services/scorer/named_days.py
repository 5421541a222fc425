"""The days that a text names, and a clock time beside one, come in; when that is goes out: `saturday 2pm` is no 2pm of today. Pure."""

import re
from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from services.scorer.time_words import AN_HOUR, DAY, TimeSpan

HALF_A_DAY, HALF_AN_HOUR = timedelta(hours=12), timedelta(minutes=30)
NOON, LENGTH_OF_DAY, LAST_OF_NIGHT, LAST_OF_AFTERNOON = 12, 24, 4, 6
# What may stand between the two: `tomorrow night at`, `2pm on`, `saturday 7th of june, `; a sentence that ends parts them.
_JOINED = re.compile(
    r"[ ,@]*(?:(?:at|on|by|from|around|about|before|till|til|until|the|this|next|night|nite|morning|afternoon|evening|of"
    r"|\d\d?(?:st|nd|rd|th)?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\b[ ,@]*){0,5}"
)
_LONGEST_GAP = 28
_NIGHT = re.compile(r"night|nite")
_LATE = re.compile(r"evening|afternoon")


# A day that the text names in [start, end): a moment of it, None for one that is past; whether it is `tonight`, which alone goes on
# after midnight; whether it is a weekday, which alone comes again. A plain tuple, as most are never asked for a clock time.
Day = tuple[int, int, datetime | None, bool, bool]


class Clock(NamedTuple):
    """A clock time in [start, end) of the text; `half` is am, pm or None where it is not said, `plain` a time of 24 hours."""

    start: int
    end: int
    hour: int
    minute: int
    half: str | None = None
    plain: bool = False


def beside(text: str, start: int, end: int, days: Sequence[Day]) -> Day | None:
    """The day that is named right before or after [start, end), one to come before one that is past; `days` are in their order."""
    found: Day | None = None
    # Only the nearest two: whatever lies farther has one of them in between.
    at = bisect(days, (start,))
    for day in days[max(0, at - 1) : at + 1]:
        begin, stop = (day[1], start) if day[1] <= start else (end, day[0])
        if (found is None or found[2] is None) and 0 <= stop - begin <= _LONGEST_GAP:
            found = day if _JOINED.fullmatch(text, begin, stop) else found
    return found


def overlaps(start: int, end: int, days: Sequence[Day]) -> bool:
    """Whether [start, end) shares a character with a day, which are in their order and do not share any with each other."""
    at = bisect(days, (start,))
    # The day before begins no later, and the one after ends later, so either is asked for one end.
    return (at > 0 and start < days[at - 1][1]) or (at < len(days) and days[at][0] < end)


def on_day(text: str, clock: Clock, day: Day, said: datetime) -> TimeSpan | None:
    """The time of that day; None of a day that is past. `tomorrow at 9` is either nine, so it is over after the later one."""
    start, end, moment, tonight, weekday = day
    if moment is None:
        return None
    words = text[min(clock.start, start) : max(clock.end, end)]
    hour, either = _hour(clock, words, tonight)
    if hour >= LENGTH_OF_DAY:
        moment, hour = moment + DAY, hour - LENGTH_OF_DAY
    at = datetime.combine(moment.date(), time(hour, clock.minute), moment.tzinfo)
    over = said - HALF_AN_HOUR
    if either and at < over:
        at, either = at + HALF_A_DAY, False
    if at < over and weekday:
        at += 7 * DAY
    elif at < over and tonight and said.hour < LAST_OF_NIGHT:
        # "tonight at 9", said after midnight, is the evening that comes.
        at += DAY
    return TimeSpan(words.strip(), at, at + (AN_HOUR + HALF_A_DAY if either else AN_HOUR))


def _hour(clock: Clock, words: str, tonight: bool) -> tuple[int, bool]:
    """The hour from midnight of the named day on, past 24 in the night after it; and whether it may be twelve hours later as well."""
    hour, night = clock.hour, tonight or _NIGHT.search(words) is not None
    if clock.half:
        hour = hour % NOON + (NOON if clock.half == "pm" else 0)
    elif hour == NOON:
        hour = 0 if night else NOON
    elif hour < NOON and not clock.plain and not (night and hour <= LAST_OF_NIGHT):
        if not night and hour > LAST_OF_AFTERNOON and not _LATE.search(words):
            return hour, True
        hour += NOON
    return (hour + LENGTH_OF_DAY if night and hour <= LAST_OF_NIGHT else hour), False
