"""Time words and clock times of a text, and the moment it was said, come in; the spans of time they speak of go out. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from services.scorer.phrases import Phrases

DAY, HALF_AN_HOUR, AN_HOUR = timedelta(days=1), timedelta(minutes=30), timedelta(hours=1)
SATURDAY = 5
EVENING, NIGHT_END = time(17), time(4)
SCHOOL_OUT, SCHOOL_END = time(15), time(17)
MIDNIGHT, DAY_END = time(0), time(23, 59)


class TimeWord(StrEnum):
    """What a listed phrase says of time; the phrases themselves are data of the policy."""

    NOW = "now"
    TONIGHT = "tonight"
    TODAY = "today"
    TOMORROW = "tomorrow"
    AFTER_SCHOOL = "after_school"
    WEEKEND = "weekend"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    SOON = "soon"


class TimeSpan(NamedTuple):
    """A span of time that a text speaks of, and its words."""

    words: str
    begins: datetime
    ends: datetime


Span = tuple[datetime, datetime]


def _on(said: datetime, days: int, begin: time, end: time) -> Span:
    day = (said + days * DAY).date()
    last = day if end > begin else day + DAY
    return datetime.combine(day, begin, said.tzinfo), datetime.combine(last, end, said.tzinfo)


def _tonight(said: datetime) -> Span:
    # Between midnight and four, tonight is the night that is still going on.
    return _on(said, -1 if said.time() < NIGHT_END else 0, EVENING, NIGHT_END)


def _after_school(said: datetime) -> Span:
    days = 0 if said.time() < SCHOOL_END else 1
    while (said + days * DAY).weekday() >= SATURDAY:
        days += 1
    return _on(said, days, SCHOOL_OUT, SCHOOL_END)


def _weekend(said: datetime) -> Span:
    begins, _ = _on(said, SATURDAY - said.weekday(), MIDNIGHT, DAY_END)
    return begins, begins + 2 * DAY


def _next(weekday: int) -> Callable[[datetime], Span]:
    return lambda said: _on(said, (weekday - said.weekday()) % 7, MIDNIGHT, DAY_END)


def _ahead(least: timedelta) -> Callable[[datetime], Span]:
    return lambda said: (said, said + least)


WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
RESOLVERS: Mapping[TimeWord, Callable[[datetime], Span]] = {
    TimeWord.NOW: _ahead(AN_HOUR),
    TimeWord.TONIGHT: _tonight,
    TimeWord.TODAY: lambda said: _on(said, 0, MIDNIGHT, DAY_END),
    TimeWord.TOMORROW: lambda said: _on(said, 1, MIDNIGHT, DAY_END),
    TimeWord.AFTER_SCHOOL: _after_school,
    TimeWord.WEEKEND: _weekend,
    **{TimeWord[name]: _next(number) for number, name in enumerate(WEEK)},
    TimeWord.SOON: _ahead(3 * DAY),
}


def resolve(word: TimeWord, words: str, said: datetime) -> TimeSpan:
    """The span that a listed phrase speaks of; `said` is local time where it was said, so that `tonight` is that night."""
    return TimeSpan(words, *RESOLVERS[word](said))


# A digit first, so that a text without one is passed over at once; where there is one, the words around it decide what it is.
_NUMBER = re.compile(
    r"(\d\d{0,2})(?:[:.](\d\d))? ?(am|pm|o'?clock|mins?|minutes?|m|hrs?|hours?|h)?\b"
    r"( away\b| out\b| from\b)?(?! ?%)"
)
_WORDED = re.compile(
    r"\b(half an?|an?|one|two|three|five|ten|twenty|a few|a couple of) (mins?|minutes?|hrs?|hours?)\b( away\b| out\b)?"
)
_BEFORE_CLOCK = ("at ", "by ", "around ", "@", "@ ", "before ", "till ", "til ", "until ")
_BEFORE_LENGTH = ("in ", "in the next ", "within ")
# "at 45 degrees", "around 5 people": after a bare number, a noun makes it a count.
_COUNTED = re.compile(
    r" (?:degrees|percent|per cent|pounds|quid|miles|mph|km|metres|meters|feet|foot|inch|inches|points|goals|nil|games|people|lads|men|"
    r"boys|girls|kids|years|weeks|days|months|times|of|different|more|or more|a side|pages|stops|places|stars)\b|[\d/%£$€-]|\.\d"
)
COUNTS = {
    "an": 1,
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "five": 5,
    "ten": 10,
    "twenty": 20,
    "a few": 3,
    "a couple of": 2,
}
_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_CLOCK = (" o'clock", " oclock")


def _spoken_hours() -> Iterator[tuple[str, int]]:
    """`at six`, `at six o'clock`, `six o'clock`; "by two" and "at one" are more often a margin and a point, so they need theirs."""
    for hour, word in enumerate(_HOURS, start=1):
        yield from ((word + clock, hour) for clock in _CLOCK)
        if word != "one":
            before = ("at", "before", "around", "till", "til", "until")
            yield from ((f"{each} {word}{clock}", hour) for each in before for clock in ("", *_CLOCK))


_SPOKEN = Phrases(_spoken_hours())
NEARBY = 24
MINUTE, HOUR, NOON = 60, 3_600, 12
# People are late: what is five minutes away is still near in seven.
LATE = 1.5


def number_times(text: str, said: datetime) -> Iterator[TimeSpan]:
    """Times that are given by numbers: `in 10 mins`, `5 min away`, `at 9`, `at six`, `4pm`, `21:30`; linear in the text."""
    for match in _NUMBER.finditer(text):
        if (span := _number(text, match, said)) is not None:
            yield span
    for start, end, words, hour in _SPOKEN.find(text):
        if not _COUNTED.match(text, end) and (span := _hour(text, (start, end), words, hour, said)) is not None:
            yield span
    if " min" in text or " hour" in text or " hr" in text:
        for match in _WORDED.finditer(text):
            before = _said_before(text, match.start(), _BEFORE_LENGTH)
            if before is not None or match[3]:
                count = 0.5 if match[1].startswith("half") else COUNTS[match[1]]
                yield _within(f"{before or ''}{match.group()}", count, match[2], said)


def _number(text: str, match: re.Match[str], said: datetime) -> TimeSpan | None:
    digits, minute, unit, after = match.groups()
    if match.start() and text[match.start() - 1].isalnum():
        return None
    if unit in ("am", "pm"):
        hour = _said_before(text, match.start(), _BEFORE_CLOCK) or ""
        return _clock(hour + match.group(), int(digits), minute, unit, said)
    if unit and unit.startswith("o"):
        return _hour(text, match.span(), match.group(), int(digits), said) if minute is None else None
    if unit:
        length = _said_before(text, match.start(), _BEFORE_LENGTH)
        # "10 minutes" alone is a length; it is a time only with a word before or after it that says so.
        if minute or (length is None and not after):
            return None
        return _within((length or "") + match.group(), int(digits), unit, said)
    before = _said_before(text, match.start(), _BEFORE_CLOCK)
    if before is None or _COUNTED.match(text, match.end(2) if minute else match.end(1)):
        return None
    if minute is None and not 1 <= int(digits) <= NOON:
        # "at 16 i was stabbed" is an age; the hours of the afternoon are said in twelves, or with minutes.
        return None
    return _hour(text, match.span(), before + match.group(), int(digits), said, minute)


def _hour(
    text: str, at: tuple[int, int], words: str, hour: int, said: datetime, minute: str | None = None
) -> TimeSpan | None:
    """An hour, said `at` [start, end) of the text, that does not say which half of the day it means."""
    # "every morning at 7", "at 7 in the morning".
    morning = "morning" in text[max(0, at[0] - NEARBY) : at[1] + NEARBY]
    return _clock(words, hour, minute, None, said, morning)


def _said_before(text: str, start: int, words: tuple[str, ...]) -> str | None:
    """Which of the words stands right before `start`."""
    if not text.endswith(words, 0, start):
        return None
    for word in words:
        if text.endswith(word, 0, start):
            at = start - len(word)
            if not (at and text[at - 1].isalnum()):
                return word
    return None


def _within(words: str, count: float, unit: str, said: datetime) -> TimeSpan:
    seconds = count * (MINUTE if unit.startswith("m") else HOUR)
    return TimeSpan(words, said, said + timedelta(seconds=LATE * seconds))


def _clock(
    words: str, hour: int, minute: str | None, half: str | None, said: datetime, morning: bool = False
) -> TimeSpan | None:
    minutes = int(minute or 0)
    if hour > 23 or minutes > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif minute is None and hour < NOON and said.hour >= hour and not morning:
        # "at 9", said at noon, means the evening.
        hour += 12
    at = datetime.combine(said.date(), time(hour, minutes, fold=said.fold), said.tzinfo)
    at = at if at >= said - HALF_AN_HOUR else at + DAY
    return TimeSpan(words.strip(), at, at + AN_HOUR)
