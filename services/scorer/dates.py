"""Dates of a text, and the moment it was said, come in; the days that they speak of go out: `on the 20th`, `3 june`, `june 3rd`. Pure."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from services.scorer.time_words import DAY, DAY_END, MIDNIGHT, TimeSpan, on

# Whether a date without a year is this year's or the next one's is plain only of the nearest ones.
FARTHEST = timedelta(days=99)
_NAMES = [name.lower() for name in calendar.month_name[1:]]
_NUMBERS = {short: number for number, name in enumerate(_NAMES, 1) for short in (name, name[:3], name[:4])}
_MONTH = "|".join(sorted(_NUMBERS, key=len, reverse=True))
# "20 may die", "4 march on": months that are words, too, need an ordinal.
_WORDS = frozenset({"may", "march", "mar", "marc"})
# Begins with a digit, so that plain text is passed over quickly.
_HINT = re.compile(rf"\d(?:(?:st|nd|rd|th)\b| (?:of )?(?:{_MONTH})\b)")
# "on the 11th floor", "by the 3rd attempt".
_COUNTED = (
    "floor|storey|century|minute|hour|time|try|attempt|go|street|avenue|hole|lap|over|row|page|day|week|year|place|line|one|birthday"
    "|anniversary|letter|note|step|round|game|night"
)
_DAY = re.compile(
    rf"\b(?:on|by|come|till?|until|before) the (\d\d?)(?:st|nd|rd|th)\b(?! (?:of )?(?:{_MONTH}|{_COUNTED})\b)"
    rf"|\b(\d\d?)(st|nd|rd|th)?(?: of)? ({_MONTH})\b(?: (20\d\d)\b)?"
    rf"|\b({_MONTH}) (\d\d?)(?:st|nd|rd|th)\b(?: (20\d\d)\b)?"
)
Dated = tuple[int, int, TimeSpan]


def dates(text: str, said: datetime) -> Iterator[Dated]:
    """Where a date stands, and its day if that is to come within a hundred days or is today; linear in the text."""
    if _HINT.search(text):
        for found in _DAY.finditer(text):
            if (day := _meant(found, said.date())) is not None and timedelta(0) <= day - said.date() <= FARTHEST:
                begins, ends = on(said, (day - said.date()).days, MIDNIGHT, DAY_END)
                yield found.start(), found.end(), TimeSpan(found.group(), begins, ends)


def _meant(found: re.Match[str], today: date) -> date | None:
    """The day, None where the calendar has none: of this month or the next, of this year or the next, or of the year that is said."""
    alone, day, ordinal, month, year, month_first, day_last, year_last = found.groups()
    if alone:
        ahead = today.replace(day=1) + 31 * DAY
        return _first(int(alone), [(today.year, today.month), (ahead.year, ahead.month)], today)
    if month in _WORDS and not ordinal:
        return None
    number = _NUMBERS[month or month_first]
    said = year or year_last
    years = [int(said)] if said else [today.year, today.year + 1]
    return _first(int(day or day_last), [(each, number) for each in years], today)


def _first(day: int, months: list[tuple[int, int]], today: date) -> date | None:
    for year, month in months:
        if 1 <= day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
    return None
