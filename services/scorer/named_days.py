"""The days that a text names, and a clock time beside one, come in; when that is goes out: `saturday 2pm` is no 2pm of today. Pure."""

import re
from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from services.scorer.time_words import AN_HOUR, DAY, DAY_END, MIDNIGHT, WEEK, TimeSpan, on

HALF_A_DAY, HALF_AN_HOUR = timedelta(hours=12), timedelta(minutes=30)
NOON, LENGTH_OF_DAY, LAST_OF_NIGHT, LAST_OF_AFTERNOON = 12, 24, 4, 6
# What may stand between the two: `tomorrow night at`, `2pm on`, `saturday 7th of june, `; a sentence that ends parts them.
_JOINED = re.compile(
    r"[ ,@:&()–—-]*(?:(?:at|on|by|from|around|about|before|till|til|until|the|this|next|night|nite|morning|afternoon|evening|of"
    r"|\d\d?(?:st|nd|rd|th)?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\b[ ,@:&()–—-]*){0,5}"
)
_LONGEST_GAP, _LONGEST_SENTENCE = 28, 60
SENTENCE_ENDS = re.compile(r"[.!?\n](?!\d)")
# Right behind a clock time and its day: "at 8 on friday night".
_PART_OF_DAY = re.compile(r" (?:night|nite|morning|afternoon|evening)\b")
# Too short to name a day by themselves ("he sat", "the sun"); beside a clock time they do: "fri 9pm", "9pm on sat".
_SHORT = r"(mon|tues?|weds?|thurs?|thur|fri|sat|sun)"
_SHORT_BEFORE = re.compile(rf"\b{_SHORT}(?: (?:night|nite|morning|afternoon|evening))?[ ,@-]{{1,2}}$")
_SHORT_AFTER = re.compile(rf" (?:on |this |next )?{_SHORT}\b")
_WORDS = ("mon", "wed", "sat", "sun")
_WEEK = [name[:3].lower() for name in WEEK]
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


def in_sentence(text: str, start: int, end: int, days: Sequence[Day]) -> Day | None:
    """The nearest day to come that is named in the same sentence: `friday in the park at 9pm`, `9pm mare street friday`."""
    at = bisect(days, (start,))
    if at and _is_in_reach(text, days[at - 1], days[at - 1][1], start, _LONGEST_SENTENCE):
        return days[at - 1]
    if at < len(days) and _is_in_reach(text, days[at], end, days[at][0], _LONGEST_GAP):
        return days[at] if "," not in text[end : days[at][0]] else None
    return None


def _is_in_reach(text: str, day: Day, begin: int, stop: int, most: int) -> bool:
    """Whether a day is one to come, and no sentence ends in the [begin, stop) between it and the clock time, which is not long."""
    return day[2] is not None and stop - begin <= most and SENTENCE_ENDS.search(text, begin, stop) is None


def short_day(text: str, start: int, end: int, said: datetime) -> Day | None:
    """The weekday that is named by its first letters right beside a clock time."""
    found = _SHORT_BEFORE.search(text, max(0, start - _LONGEST_GAP), start) or _SHORT_AFTER.match(text, end)
    # "he sat at nine"
    if found is None or (found[1] in _WORDS and text.startswith("at ", start)):
        return None
    ahead = (_WEEK.index(found[1][:3]) - said.weekday()) % len(_WEEK)
    return found.start(1), found.end(1), on(said, ahead, MIDNIGHT, DAY_END)[0], False, True


def overlaps(start: int, end: int, days: Sequence[Day]) -> bool:
    """Whether [start, end) shares a character with a day, which are in their order and do not share any with each other."""
    at = bisect(days, (start,))
    # The day before begins no later, and the one after ends later, so either is asked for one end.
    return (at > 0 and start < days[at - 1][1]) or (at < len(days) and days[at][0] < end)


def on_day(text: str, clock: Clock, day: Day, said: datetime) -> TimeSpan | None:
    """The time of that day; None of a day that is past. `tomorrow at 9` is either nine, so it is over after the later one."""
    _, _, moment, tonight, weekday = day
    if moment is None:
        return None
    words = _words(text, clock, day)
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
    return TimeSpan(words, at, at + (AN_HOUR + HALF_A_DAY if either else AN_HOUR))


def _words(text: str, clock: Clock, day: Day) -> str:
    """Both as they are said, with a part of the day behind the day; what lies between them where that is little."""
    start, end = day[:2]
    if (part := _PART_OF_DAY.match(text, end)) is not None:
        end = part.end()
    if max(start - clock.end, clock.start - end) <= _LONGEST_GAP:
        return text[min(clock.start, start) : max(clock.end, end)].strip()
    # Only a day that comes first is looked for so far away.
    return f"{text[start:end]} … {text[clock.start : clock.end]}"


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
