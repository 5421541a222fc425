"""Normalised texts and the moment they were said come in; what they say of time, place, weapons, aim and intent goes out. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.content import ContentNormalised, NormalisedText
from services.scorer.clock_times import number_times
from services.scorer.dates import dates
from services.scorer.named_days import Day, beside
from services.scorer.policy import Cue, Imminence, Policy, Zones
from services.scorer.time_words import DAY, NAMED_DAYS, TimeSpan, TimeWord, after_school_of, resolve

__all__ = ["NOTHING", "Cue", "Found", "find_cues", "spoken", "zone_of"]

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
_SOON, _AFTER_SCHOOL = TimeWord.SOON, TimeWord.AFTER_SCHOOL
_LONGEST_NAME, _SHORTEST_NAME = 20, 3
_THREE_DAYS, _A_WEEK = 3 * DAY, 7 * DAY
# Posters may claim any moment that a calendar has; another zone or `tomorrow` must not lead out of it.
_EARLIEST, _LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
# What stands before a kind of place without naming one: "went court", "the hard way", "too close", "what hotel".
_BEFORE_A_KIND = """
the this that these those every each our your his her their any some all both same other whole which what whose
and but for from with under over across into onto past near behind outside inside along around through down off after before
nearest nearby local long half one two car town big old new nice main first last next right wrong
not only either easy hard best worst better different make made give find found lose lost
went going gone goes leave leaving left come comes coming came get gets getting got keep stay stand too very
they who dont cant will wont would should could did does didnt never always just
test drunk migrant migrants asylum refugee
"""
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
    spans: list[tuple[TimeSpan, bool]] = []
    days: list[Day] = []
    schools: list[tuple[int, int, int]] = []
    for start, end, phrase, meanings in policy.phrases.find(plain):
        for cue, word in meanings:
            if word is not None:
                span = resolve(word, phrase, said)
                if word is _AFTER_SCHOOL:
                    schools.append((len(spans), start, end))
                spans.append((span, word is _SOON))
                if (named := NAMED_DAYS.get(word)) is not None:
                    days.append((start, end, span.begins, *named))
                continue
            if cue is _PAST:
                days.append((start, end, None, False, False))
            if cue not in words:
                words[cue] = phrase
    # "was shot on the 20th" tells of one that is over.
    spans += _dated(plain, said, days) if _PAST not in words else []
    for place, start, end in schools:
        if (day := beside(plain, start, end, days)) is not None and day[2] is not None:
            spans[place] = (after_school_of(day[2], spans[place][0].words), False)
    # Of two that are equally near, a clock time says more than a day.
    spans[:0] = [(span, False) for span in number_times(plain, said, days)]
    if (name := _named_place(plain, policy.cues.postcode_areas)) is not None:
        # A name says more than `the park`.
        words[_PLACE] = name
    if _TARGET not in words and (aimed := _PERSON.search(plain)):
        words[_TARGET] = aimed.group()
    return spans


def _dated(text: str, said: datetime, days: list[Day]) -> list[tuple[TimeSpan, bool]]:
    """The dates of a text; each is one of its days as well."""
    found = list(dates(text, said))
    if found:
        days += [(start, end, span.begins, False, False) for start, end, span in found]
        days.sort(key=itemgetter(0))
    return [(span, False) for _, _, span in found]


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
    past = policy.threat_to_life.past if when is None and _PAST in words else 1.0
    return past * (1.0 if named else policy.imminence.any_place)


def _closest(
    spans: Sequence[tuple[TimeSpan, bool]], seen: datetime, weights: Imminence
) -> tuple[TimeSpan | None, float]:
    """The span that is nearest ahead and how near it is, 0 to 1; what is over when the content is seen counts for nothing."""
    best: tuple[TimeSpan | None, float] = (None, 0.0)
    for span, soon in spans:
        near = weights.soon if soon else _nearness(span.begins - seen, weights)
        if near > best[1] and span.ends >= seen:
            best = (span, near)
    return best


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
