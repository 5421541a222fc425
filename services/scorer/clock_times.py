"""Clock times and counted lengths of a text, and the moment it was said, come in; the spans of time they speak of go out. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from services.scorer.named_days import (
    HALF_A_DAY,
    HALF_AN_HOUR,
    NOON,
    Clock,
    Day,
    beside,
    in_sentence,
    on_day,
    overlaps,
    short_day,
)
from services.scorer.phrases import Phrases
from services.scorer.time_words import AN_HOUR, DAY, TimeSpan

# A digit first, so that a text without one is passed over at once; where there is one, the words around it decide what it is.
_NUMBER = re.compile(
    r"(\d\d{0,3})(?:[:.](\d\d))?(ish)? ?(?:([ap]\.m\.(?!\w)|(?:[ap]\.?m|o'?clock|mins?|minutes?|m|hrs?|hours?|h)\b)|\b)"
    r"( (?:away|out|from|left|to go|til|till|until)\b)?(?! ?%)"
)
_WORDED = re.compile(
    r"\b(half an?|an?|one|two|three|five|ten|twenty|a few|a couple of) (mins?|minutes?|hrs?|hours?)\b"
    r"( (?:away|out|left|to go|til|till|until)\b)?"
)
_BEFORE_CLOCK = ("at ", "by ", "around ", "@", "@ ", "before ", "till ", "til ", "until ")
# "at 1730" is a time, "by 2030" a year.
_BEFORE_FOUR_DIGITS = ("at ", "@", "@ ")
_BEFORE_LENGTH = (
    "in ",
    "in the next ",
    "within ",
    "you have ",
    "you've got ",
    "youve got ",
    "you got ",
    "u have ",
    "u got ",
)
# "at 45 degrees", "around 5 people": after a bare number, a noun makes it a count, a street the number of a house; "10 past 3" is no ten.
_COUNTED = re.compile(
    r" (?:degrees|kcal|calories|percent|"
    r"per cent|pounds|quid|miles|mph|km|metres|meters|feet|foot|inch|inches|points|goals|nil|games|people|lads|men|"
    r"boys|girls|kids|years|weeks|days|months|times|of|different|more|or more|a side|pages|stops|places|stars|past|to \d\d?|"
    r"[a-z]{3,20} (?:road|rd|street|lane|avenue|close|court|gardens|drive|crescent|terrace|grove))\b|[\d/%£$€-]|[.:]\d"
)
# A length that is a sentence of its own, "6 hours. the bridge", counts down; "6 hours of this" does not.
_SENTENCE_ENDS = re.compile(r" ?(?:[.!\n]|$)")
_SENTENCE_BEGINS = (". ", "! ", "? ", "\n")
# After a number and a single letter these say how much is left of it: "5m left" is money.
_ON_THE_WAY = (" away", " out", " from")
COUNTS = {
    "an": 1,
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "ten": 10,
    "twenty": 20,
    "a few": 3,
    "a couple of": 2,
}
_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_CLOCK = (" o'clock", " oclock")
_BEFORE_SPOKEN = ("at ", "before ", "around ", "till ", "til ", "until ")
# "3.30" without a word before it is a time where it is a quarter or a half, as prices and scores seldom are.
_QUARTERS = ("15", "30", "45")
_NO_CLOCK_AFTER = ("£", "$", "€", ":", ".", "-", "/")
Spoken = tuple[int, int, str | None]


def _spoken_hours() -> Iterator[tuple[str, Spoken]]:
    """`at six`, `at six o'clock`, `six o'clock`; "by two" and "at one" are more often a margin and a point, so they need theirs."""
    for hour, word in enumerate(_HOURS, start=1):
        yield from ((word + clock, (hour, 0, None)) for clock in _CLOCK)
        if word != "one":
            yield from ((f"{each}{word}{clock}", (hour, 0, None)) for each in _BEFORE_SPOKEN for clock in ("", *_CLOCK))
        for named in (word, str(hour)):
            yield from _spoken_quarters(named, hour)
    for each in _BEFORE_SPOKEN:
        yield f"{each}midnight", (12, 0, "am")
        yield from ((f"{each}{name}", (12, 0, "pm")) for name in ("noon", "midday"))
    yield "12 midnight", (12, 0, "am")
    yield "12 noon", (12, 0, "pm")


def _spoken_quarters(named: str, hour: int) -> Iterator[tuple[str, Spoken]]:
    """`half five`, as it is said in Britain, `half past 5`, `quarter to 6`, `ten past nine`; "ten to nine" may be a margin."""
    yield f"half past {named}", (hour, 30, None)
    yield f"quarter past {named}", (hour, 15, None)
    yield f"quarter to {named}", (hour - 1 or 12, 45, None)
    if named != "one":
        yield f"half {named}", (hour, 30, None)
    for word, minutes in (("five", 5), ("ten", 10), ("twenty", 20), ("5", 5), ("10", 10), ("20", 20)):
        yield from ((f"{before}{word} past {named}", (hour, minutes, None)) for before in ("", *_BEFORE_SPOKEN))
        yield from ((f"{before}{word} to {named}", (hour - 1 or 12, 60 - minutes, None)) for before in _BEFORE_SPOKEN)


_SPOKEN = Phrases(_spoken_hours())
NEARBY = 24
# Where the first digit of a text stands that has none.
NO_DIGIT = -1
MINUTE, HOUR = 60, 3_600
# People are late: what is five minutes away is still near in seven.
LATE = 1.5


def number_times(
    text: str, said: datetime, days: Sequence[Day] = (), first: int = 0
) -> tuple[list[TimeSpan], Mapping[int, TimeSpan | None]]:
    """Times that are given by numbers: `in 10 mins`, `5 min away`, `at 9`, `at six`, `half 5`, `4pm`, `21:30`; linear in the text.

    `days` are those that the text names: a clock time beside one is a time of that day; the second answer is which of them have one,
    by where they begin, and which. No digit stands before `first`.
    """
    told: dict[int, TimeSpan | None] = {}
    spans = []
    if first != NO_DIGIT:
        numbers = [_number(text, match, said, days, told) for match in _NUMBER.finditer(text, first)]
        spans = [span for span in numbers if span is not None]
    for start, end, words, (hour, minute, half) in _SPOKEN.find(text):
        if not _COUNTED.match(text, end):
            clock = Clock(start, end, hour, minute, half)
            if (span := _clock(text, words, clock, said, days, told)) is not None:
                spans.append(span)
    if " min" in text or " hour" in text or " hr" in text:
        for match in _WORDED.finditer(text):
            before = _said_before(text, match.start(), _BEFORE_LENGTH)
            if before is not None or match[3] or _counts_down(text, match.start(), match.end()):
                count = 0.5 if match[1].startswith("half") else COUNTS[match[1]]
                spans.append(_within(f"{before or ''}{match.group()}", count, match[2], said))
    return spans, told


def _number(
    text: str, match: re.Match[str], said: datetime, days: Sequence[Day], told: dict[int, TimeSpan | None]
) -> TimeSpan | None:
    digits, minute, _, unit, after = match.groups()
    start, end = match.span()
    if start and text[start - 1].isalnum():
        return None
    if unit and unit[0] in "mh":
        length = _said_before(text, start, _BEFORE_LENGTH)
        # "10 minutes" alone is a length; it is a time only where something around it says so.
        if len(unit) == 1:
            after = after if after in _ON_THE_WAY else None
        if minute or (length is None and not after and (len(unit) == 1 or not _counts_down(text, start, end))):
            return None
        return _within((length or "") + match.group(), int(digits), unit, said)
    before = _said_before(text, start, _BEFORE_CLOCK)
    half = unit.replace(".", "") if unit and unit[0] in "ap" else None
    plain = digits[0] == "0"
    if len(digits) > 2:
        # "at 1730", "530pm"
        if minute is not None or not (half or (before in _BEFORE_FOUR_DIGITS and _is_four_digits(text, match))):
            return None
        digits, minute, plain = digits[:-2], digits[-2:], half is None
    elif unit and half is None:
        if minute is not None:
            return None
        before = None
    elif half is None and not _is_clock(text, match, before):
        return None
    begin, end = start - len(before or ""), match.start(5) if after else end
    return _clock(
        text, text[begin:end], Clock(begin, end, int(digits), int(minute or 0), half, plain), said, days, told
    )


def _is_four_digits(text: str, match: re.Match[str]) -> bool:
    digits, _, ish, unit, _ = match.groups()
    # "look at 1914", "see you at 2028"
    year = "1900" <= digits < "1960" or "2000" <= digits < "2060"
    return len(digits) == 4 and ish is unit is None and not year and not _COUNTED.match(text, match.end(1))


def _is_clock(text: str, match: re.Match[str], before: str | None) -> bool:
    """Whether a number without am, pm or o'clock is a time of day."""
    digits, minute, ish, _, _ = match.groups()
    if minute is None:
        # "at 16 i was stabbed" is an age; the hours of the afternoon are said in twelves, or with minutes.
        said = before is not None or ish is not None
        return said and 1 <= int(digits) <= NOON and not _COUNTED.match(text, match.end(3 if ish else 1))
    if _COUNTED.match(text, match.end(2)):
        return False
    if before is not None:
        return True
    colon = text[match.end(1)] == ":"
    return (colon or (minute in _QUARTERS and 1 <= int(digits) <= NOON)) and not text.endswith(
        _NO_CLOCK_AFTER, 0, match.start()
    )


def _counts_down(text: str, start: int, end: int) -> bool:
    """Whether a length [start, end) stands as a sentence by itself."""
    return (not start or text.endswith(_SENTENCE_BEGINS, 0, start)) and _SENTENCE_ENDS.match(text, end) is not None


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
    ahead = timedelta(seconds=count * (MINUTE if unit.startswith("m") else HOUR))
    # In ten minutes it begins; of "you have 500 hours" nothing happens before the last of them.
    return TimeSpan(words, said if ahead <= DAY else said + ahead, said + LATE * ahead)


def _clock(
    text: str, words: str, clock: Clock, said: datetime, days: Sequence[Day], told: dict[int, TimeSpan | None]
) -> TimeSpan | None:
    """The next time that a clock shows it, or its time on the day that is named beside it, which is then `told`."""
    start, end, hour, minute, half, _ = clock
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    # The 3 of "by 3 december" is a part of its date; "since 9am" tells of one that is over.
    if (days and overlaps(start, end, days)) or text.endswith("since ", 0, start):
        return None
    # "every morning at 7", "at 7 in the morning".
    around = text[max(0, start - NEARBY) : end + NEARBY]
    if "morning" in around:
        clock = clock._replace(plain=True)
    day = beside(text, start, end, days) if days else None
    day = day or short_day(text, start, end, said) or (in_sentence(text, start, end, days) if days else None)
    if day is not None:
        found = told[day[0]] = on_day(text, clock, day, said)
        return found
    at, over = _next(clock, said, today="this morning" in around)
    return TimeSpan(words.strip(), at, over)


def _next(clock: Clock, said: datetime, *, today: bool) -> tuple[datetime, datetime]:
    """The next time that a clock shows it, and when it is over: "at 9", said at noon, means the evening.

    "at 3", said at ten in the evening, may mean the night or the afternoon, so it is over after the later one.
    """
    hour, half = clock.hour, clock.half
    if half:
        hours: tuple[int, ...] = (hour % NOON + (NOON if half == "pm" else 0),)
    else:
        hours = (hour,) if clock.plain or hour > NOON else (hour % NOON, hour % NOON + NOON)
    # Which half of the day is open where neither is said: then what has just been is not meant.
    least = said - HALF_AN_HOUR if len(hours) == 1 else said
    shown = [datetime.combine(said.date(), time(each, clock.minute, fold=said.fold), said.tzinfo) for each in hours]
    at = min(each if today or each >= least else each + DAY for each in shown)
    either = len(hours) > 1 and at.hour < NOON
    return at, at + (AN_HOUR + HALF_A_DAY if either else AN_HOUR)
