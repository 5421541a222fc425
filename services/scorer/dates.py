"""Dates and counted days of a text, and the moment it was said, come in; the days that they speak of go out: `on the 20th`. Pure."""

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from services.scorer.clock_times import COUNTS
from services.scorer.named_days import Day
from services.scorer.time_words import DAY, DAY_END, MIDNIGHT, TimeSpan, later, on

# Days. Whether a date without a year is this year's or the next one's is plain only of the nearest ones.
FARTHEST = 99
_NAMES = [name.lower() for name in calendar.month_name[1:]]
_NUMBERS = {short: number for number, name in enumerate(_NAMES, 1) for short in (name, name[:3], name[:4])}
_MONTH = "|".join(sorted(_NUMBERS, key=len, reverse=True))
# "20 may die", "4 march on": months that are words, too, need an ordinal or a year.
_WORDS = frozenset({"may", "march", "mar", "marc"})


def _after_a_month() -> str:
    """A digit behind the name of a month: by its last letter first, so that most numbers are asked for few of them."""
    by_last: dict[str, list[str]] = {}
    for name in _NUMBERS:
        by_last.setdefault(name[-1], []).append(rf"(?<=\b{name} \d)")
    return "|".join(rf"(?<={last} \d)(?:{'|'.join(names)})" for last, names in by_last.items())


# Begins with a digit, so that plain text is passed over quickly.
_HINT = re.compile(rf"\d(?:(?:st|nd|rd|th)\b| (?:of )?(?:{_MONTH})\b|{_after_a_month()})")
# "on the 11th floor", "by the 3rd attempt", "monday 1st thing".
_COUNTED = (
    "floor|storey|century|minute|hour|time|try|attempt|go|street|avenue|hole|lap|over|row|page|day|week|year|place|line|one|birthday"
    "|anniversary|letter|note|step|round|game|night|half|quarter|set|match|test|train|bus|flight|stop|date|drink|pint|song|shot|ring"
    "|bell|thing"
)
_ORDINAL = "(?:st|nd|rd|th)"
_YEAR = r"(?: ?,? ((?:19|20)\d\d)\b)?"
# "saturday the 12th", "on sat 12th", but not "he sat 2nd in line".
_WEEKDAY = (
    r"(?:(?<=[nsir]day )|(?<=[nsir]day, )|(?<=\b(?:mon|tue|wed|thu|fri|sun) )|(?<=\b(?:tues|weds|thur) )|(?<=\bthurs )"
    r"|(?<=\bon sat ))"
)
# The `30` of "at 9.30 december 5th" and the `10` of "£2.10 dec" are no days, nor is the `9` of "at 9 december 5th".
_DAY = re.compile(
    rf"(?:\b(?:on|by|come|till?|until|before) the |{_WEEKDAY}(?:the )?)(\d\d?){_ORDINAL}\b"
    rf"(?!-[a-z]| (?:of )?(?:{_MONTH}|{_COUNTED})\b)( of next month\b)?"
    rf"|\b(?<![.:/£$€])(\d\d?)({_ORDINAL})?(?: of)? ({_MONTH})\b(?! (?:the )?\d\d?(?:{_ORDINAL})?\b(?! ?(?:[ap]m|o'?clock)))"
    rf"{_YEAR}"
    rf"|\b({_MONTH}) (?:the )?(\d\d?)({_ORDINAL})?\b(?![:.]\d| ?(?:[ap]m|o'?clock)\b| (?:of|{_COUNTED})s?\b){_YEAR}"
)
# `in two days`, `3 days left`, `two sleeps`; "two days" alone is a length, and a night's sleep is one.
_DAYS_AHEAD = re.compile(
    r"\b(in |t minus )?(\d\d?|a|one|two|three|four|five|six|seven|ten)(?: more)? (?:(day|week)s?|sleeps?)\b"
    r"( (?:time|left|to go|til|till|until)\b)?"
)
# "a week on friday", "two weeks today", "3 days from tomorrow"
_COUNTED_FROM = re.compile(r"\b(a|one|two|three|[2-9]) (?:weeks?(?: on| from)?|(days?) from) $")
_LONGEST_COUNT = 24
_NEXT_WEEK = re.compile(r" next week\b")
# "friday week" is the one after; "friday week in, week out" is every one.
_WEEK_AFTER = re.compile(r" week\b(?! (?:\d|in|out|off)\b)")
# "was stabbed on friday", "got shot by some boys friday"
_PASSIVE = ("was ", "were ", "been ", "got ")
_TOLD = re.compile(r"(?: (?!(?:and|then|so|but|we|i|im|ill|gonna)\b)[a-z']+){0,4} ")
Dated = tuple[int, int, TimeSpan | None]


def dates(text: str, said: datetime, first: int = 0) -> Iterator[Dated]:
    """Where a date stands, and its day; None where that is over, or not within a hundred days. Linear in the text.

    No digit stands before `first`.
    """
    if _HINT.search(text, first):
        today = said.date()
        for found in _DAY.finditer(text):
            if (day := _meant(found, today)) is not None:
                ahead = (day - today).days
                near = 0 <= ahead <= FARTHEST
                span = TimeSpan(found.group(), *on(said, ahead, MIDNIGHT, DAY_END)) if near else None
                yield found.start(), found.end(), span


def days_ahead(text: str, said: datetime) -> Iterator[Dated]:
    """Days that are counted: from the morning of the day that is meant; over when the next day is, as people count as they please."""
    if " day" in text or " week" in text or " sleep" in text:
        for found in _DAYS_AHEAD.finditer(text):
            asleep = found[3] is None and found[2] != "a"
            if found[1] or found[4] or asleep:
                count = COUNTS.get(found[2]) or int(found[2])
                days = count * (7 if found[3] == "week" else 1)
                if days <= FARTHEST:
                    begins, ends = on(said, days, MIDNIGHT, DAY_END)
                    yield found.start(), found.end(), TimeSpan(found.group(), begins, ends + DAY)


def meant(text: str, start: int, end: int, span: TimeSpan, said: datetime, weekday: bool) -> tuple[int, int, TimeSpan]:
    """Where the words about a named day in [start, end) begin and end, and the day that they make of it."""
    if weekday and span.begins <= said and text.endswith("next ", 0, start):
        return start, end, later(span, 7, span.words)
    if (found := _COUNTED_FROM.search(text, max(0, start - _LONGEST_COUNT), start)) is not None:
        count = COUNTS.get(found[1]) or int(found[1])
        return found.start(), end, later(span, count if found[2] else 7 * count, text[found.start() : end])
    before = text.endswith("next week ", 0, start)
    after = _NEXT_WEEK.match(text, end)
    if before or after is not None:
        # Said on a sunday, "friday next week" may be the one that comes first.
        this_week = (span.begins.date() - said.date()).days < 7 - said.weekday()
        begin, stop = start - len("next week ") if before else start, end if after is None else after.end()
        return begin, stop, later(span, 7 if this_week else 0, text[begin:stop])
    if (after := _WEEK_AFTER.match(text, end)) is not None:
        return start, after.end(), later(span, 7, text[start : after.end()])
    return start, end, span


def is_told_of(text: str, start: int, past: Sequence[Day]) -> bool:
    """Whether the weekday that begins at `start` is one of which something past is told; `past` are the words that tell it."""
    return any(
        0 < start - day[1] <= _LONGEST_COUNT
        and text.startswith(_PASSIVE, day[0])
        and _TOLD.fullmatch(text, day[1], start)
        for day in past
    )


def _meant(found: re.Match[str], today: date) -> date | None:
    """The day, None where the calendar has none: of this month or the next two, of this year or the next, or of the year that is said."""
    alone, next_month, day, ordinal, month, year, month_first, day_last, ordinal_last, year_last = found.groups()
    if alone:
        # From the first on, so many days lie in the next month, and twice as many in the one after.
        months = [today.replace(day=1) + ahead * DAY for ahead in (0, 31, 62)]
        return _first(int(alone), [(each.year, each.month) for each in months[1 if next_month else 0 :]], today)
    if (month or month_first) in _WORDS and not (ordinal or ordinal_last or year or year_last):
        return None
    number = _NUMBERS[month or month_first]
    if said := year or year_last:
        return _first(int(day or day_last), [(int(said), number)], date.min)
    return _first(int(day or day_last), [(each, number) for each in (today.year, today.year + 1)], today)


def _first(day: int, months: list[tuple[int, int]], least: date) -> date | None:
    for year, month in months:
        if 1 <= day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= least:
            return date(year, month, day)
    return None
