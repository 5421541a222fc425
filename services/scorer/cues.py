"""Normalised texts and the moment they were said come in; what they say of time, place, weapons, aim and intent goes out. Pure."""

import re
from bisect import bisect
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.content import ContentNormalised, NormalisedText
from services.scorer.clock_times import number_times
from services.scorer.dates import dates, days_ahead
from services.scorer.named_days import Day, beside
from services.scorer.policy import Cue, Imminence, Policy, Zones
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

__all__ = ["NOTHING", "Cue", "Found", "find_cues", "only_past", "spoken", "zone_of"]

# Second person, or somebody singled out; a mention names somebody, too.
_PERSON = re.compile(r"\b(?:u(?:rs?)?|y(?:a|ou(?:rs?|s|rself)?)|h(?:e|er|im|is)|the(?:m|ir|y)|she)\b|@\w")
_YOURS = re.compile(r"\b(?:your|ur|yours|urs|you|u|his|her|their)\b")
# Both begin with what is rare, so a search passes over what cannot match, and none repeats inside a repetition.
# By first letters, which takes half as long. `st` is a street only where no saint's name follows.
_STREET = re.compile(
    r" (?:a(?:cademy|rcade|venue)|bridge|c(?:lose|ourt|rescent)|drive|estate|g(?:ardens|reen|rove)|hotel|lane|m(?:arket|ews|osque)|park"
    r"|r(?:oad|d)|s(?:quare|tation|treet|t(?=$|[,!?\n]|\.?(?:$| (?:at|by|near|now|to(?:night|day|morrow)|\d))))|t(?:errace|owers)|way)\b"
)
# A digit, then what stands before it; the group is where the name begins.
_CODE = re.compile(
    r"\d(?<=\b([a-z])\d)\d{0,2} bus\b"
    r"|\d(?:(?<=\b([a-z])\d)|(?<=\b([a-z]{2})\d))\d?[a-z]?(?: \d[a-z]{2})?\b"
    r"|\d(?:(?<=\b(on the )\d)|(?<=\b(off the )\d)|(?<=\b(deck of the )\d)|(?<=\b(on the number )\d))"
    r"\d{0,2}(?=[,.!?]|$| (?:now|home|to|from|tonight)\b)"
    r"|\d(?<=\b(bus )\d)\d{0,2}\b"
    r"|\d(?<=\b(flat )\d)\d{0,2}[a-z]?\b"
    r"|\d(?<=\b\d)\d{0,2} (?:bus\b|from (?:the (?:station|stop)|town)\b)"
)
# Python 3.11 looks a member of an enum up by a function of Python; these are needed for every text.
_TIME, _PLACE, _TARGET, _PAST = Cue.TIME, Cue.PLACE, Cue.TARGET, Cue.PAST
_INTENT, _ACT, _WEAPON, _POSSESSION = Cue.INTENT, Cue.ACT, Cue.WEAPON, Cue.POSSESSION
_SOON = TimeWord.SOON
_start = itemgetter(0)
_LONGEST_NAME, _SHORTEST_NAME = 20, 3
_THREE_DAYS, _A_WEEK = 3 * DAY, 7 * DAY
_SENTENCE_ENDS = re.compile(r"[.!?\n](?!\d)")
# Posters may claim any moment that a calendar has; another zone or `tomorrow` must not lead out of it.
_EARLIEST, _LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
# What stands before a kind of place without naming one: "went court", "the hard way", "too close", "what hotel", "you park", "can drive".
_BEFORE_A_KIND = """
the this that these those every each our your his her their any some all both same other whole which what whose
and but for from with under over across into onto past near behind outside inside along around through down off after before
nearest nearby local long half one two car town big old new nice main first last next right wrong
not only either easy hard best worst better different make made give find found lose lost
went going gone goes leave leaving left come comes coming came get gets getting got keep stay stand too very
they who dont cant will wont would should could did does didnt never always just
you him them she people anyone someone everyone something can cannot gonna ill ima finna still even also said was were are its ain
how then now till until til dis dat dem another good bad safe minute min hour live listen blood
test drunk migrant migrants asylum refugee
"""
# One phrase of time in [start, end) of a text, and what it says.
Timed = tuple[int, int, str, TimeWord]
_NOT_NAMES = frozenset(_BEFORE_A_KIND.split())


class Found(NamedTuple):
    """What the texts of one content say; each cue with the first words that say it."""

    words: Mapping[Cue, str] = MappingProxyType({})
    time: float = 0.0
    place: float = 0.0
    when: TimeSpan | None = None

    def has(self, cue: Cue) -> bool:
        """Whether the texts say it."""
        return cue in self.words


NOTHING = Found()


def find_cues(content: ContentNormalised, policy: Policy) -> Found:
    """Look through every text; times are resolved where the content was said and compared with when it was seen."""
    at = content.event_time
    if not _EARLIEST <= at <= _LATEST:
        at = _EARLIEST if at < _EARLIEST else _LATEST
    said = at.astimezone(zone_of(content.place, content.audience_country, policy.zones))
    words: dict[Cue, str] = {}
    spans: list[tuple[TimeSpan, bool]] = []
    for text in content.texts:
        spans += _in_text(text, said, policy, words)
    if content.pair_keys and _TARGET not in words:
        words[_TARGET] = "the person addressed"
    when, closeness = _closest(spans, content.observed_at, policy.imminence)
    if when is not None:
        words[_TIME] = when.words
    return Found(words, closeness, _place(words, when, policy), when)


def _in_text(
    text: NormalisedText, said: datetime, policy: Policy, words: dict[Cue, str]
) -> list[tuple[TimeSpan, bool]]:
    """Note the cues of one text in `words`; gives its time spans, and for each whether it only means `soon`."""
    plain = text.normalised
    timed: list[Timed] = []
    days: list[Day] = []
    for start, end, phrase, meanings in policy.phrases.find(plain):
        for cue, word in meanings:
            if word is not None:
                timed.append((start, end, phrase, word))
                continue
            if cue is _PAST:
                days.append((start, end, None, False, False))
            if cue not in words:
                words[cue] = phrase
    if (name := _named_place(plain, policy.cues.postcode_areas)) is not None:
        # A name says more than `the park`.
        words[_PLACE] = name
    if _TARGET not in words and (aimed := _PERSON.search(plain)):
        words[_TARGET] = aimed.group()
    return _times(plain, said, timed, days)


def _times(text: str, said: datetime, timed: Sequence[Timed], days: list[Day]) -> list[tuple[TimeSpan, bool]]:
    """The spans of its words of time, dates and clock times; `days` are those that are past, those ahead are added."""
    spans: list[tuple[TimeSpan, bool]] = []
    weekdays: list[tuple[int, TimeSpan]] = []
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
    spans += _dated(text, said, days)
    if timed:
        spans += _loose(text, said, timed, days)
    if weekdays:
        # "saturday 12th" is not the next saturday; its date says when it is.
        still = {start for start, _, _, _, weekday in days if weekday}
        spans += [(span, False) for start, span in weekdays if start in still]
    return [*((span, False) for span in number_times(text, said, days)), *spans]


def _dated(text: str, said: datetime, days: list[Day]) -> list[tuple[TimeSpan, bool]]:
    """The dates and counted days of a text; each is one of its `days` as well, and the weekday beside it is that day."""
    found = list(dates(text, said))
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


def _named_place(text: str, areas: Collection[str]) -> str | None:
    """A street, estate or station with its name, a postcode or its first half, a bus route."""
    for kind in _STREET.finditer(text):
        end = kind.start()
        farthest = max(0, end - _LONGEST_NAME - 1)
        begin = max(text.rfind(" ", farthest, end), text.rfind("\n", farthest, end)) + 1
        name = text[begin:end]
        if _SHORTEST_NAME <= len(name) <= _LONGEST_NAME and name.isalpha() and name not in _NOT_NAMES:
            return text[begin : kind.end()]
    for code in _CODE.finditer(text):
        area = code[2] or code[3]
        if area is None or area in areas:
            return text[code.start(code.lastindex or 0) : code.end()]
    return None


def _place(words: Mapping[Cue, str], when: TimeSpan | None, policy: Policy) -> float:
    """1 for a named place or one that belongs to the person addressed, less for any other or one of the past, 0 for none."""
    place = words.get(_PLACE)
    if place is None:
        return 0.0
    named = place not in policy.place_names or _YOURS.search(place) is not None
    past = policy.threat_to_life.past if only_past(words, when) else 1.0
    return past * (1.0 if named else policy.imminence.any_place)


def only_past(words: Mapping[Cue, str], when: TimeSpan | None) -> bool:
    """Whether only the past is spoken of: neither a time ahead, nor that something will be done and what."""
    if _PAST not in words or when is not None:
        return False
    return _INTENT not in words or not (_ACT in words or (_WEAPON in words and _POSSESSION in words))


def _closest(
    spans: Sequence[tuple[TimeSpan, bool]], seen: datetime, weights: Imminence
) -> tuple[TimeSpan | None, float]:
    """The span that is nearest ahead and how near it is, 0 to 1; what is over when the content is seen counts for nothing."""
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
    last = best.ends + AN_HOUR
    within = (span for span, _ in spans if best.begins <= span.begins and seen <= span.ends <= last)
    return min(within, key=_length, default=best)


def _length(span: TimeSpan) -> timedelta:
    """All up to an hour are one: `9pm` says no less than `in a minute`."""
    return max(span.ends - span.begins, AN_HOUR)


def _nearness(ahead: timedelta, weights: Imminence) -> float:
    if ahead <= DAY:
        return weights.within_a_day
    if ahead <= _THREE_DAYS:
        return weights.within_three_days
    return weights.within_a_week if ahead <= _A_WEEK else weights.later


def zone_of(place: str | None, country: str | None, zones: Zones) -> ZoneInfo:
    """The time zone where it was said: by the place's name, else by the audience's country, else UTC."""
    if place:
        lowered = place.lower()
        for name, zone in zones.places.items():
            if name in lowered:
                return _zone(zone)
    return _zone(zones.countries.get(country or "", "UTC"))


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def spoken(span: TimeSpan) -> str:
    """A span as a reviewer reads it: when it begins, and by which clock."""
    zone = str(span.begins.tzinfo)
    clock = f"{zone} time" if zone != "UTC" else "UTC, as the place is not known"
    return f"{span.begins:%a %d %b %H:%M}, {clock}"
