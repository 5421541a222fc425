"""Normalised texts and the moment they were said come in; what they say of time, place, weapons, aim and intent goes out. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.content import ContentNormalised, NormalisedText
from services.scorer.named_days import Day
from services.scorer.places import named_place
from services.scorer.policy import Cue, Policy, Zones
from services.scorer.time_words import TimeSpan
from services.scorer.times import Timed, closest, times

__all__ = ["NOTHING", "Cue", "Found", "find_cues", "only_past", "spoken", "zone_of"]

# Second person, or somebody singled out; a mention names somebody, too.
_PERSON = re.compile(r"\b(?:u(?:rs?)?|y(?:a|ou(?:rs?|s|rself)?)|h(?:e|er|im|is)|the(?:m|ir|y)|she)\b|@\w")
_YOURS = re.compile(r"\b(?:your|ur|yours|urs|you|u|his|her|their)\b")
# Python 3.11 looks a member of an enum up by a function of Python; these are needed for every text.
_TIME, _PLACE, _TARGET, _PAST = Cue.TIME, Cue.PLACE, Cue.TARGET, Cue.PAST
_INTENT, _ACT, _WEAPON, _POSSESSION = Cue.INTENT, Cue.ACT, Cue.WEAPON, Cue.POSSESSION
# Posters may claim any moment that a calendar has; another zone or `tomorrow` must not lead out of it.
_EARLIEST, _LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9997, 1, 1, tzinfo=UTC)


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
    at, seen = content.event_time, content.observed_at
    if not (_EARLIEST <= at <= _LATEST and _EARLIEST <= seen <= _LATEST):
        at, seen = (min(max(each, _EARLIEST), _LATEST) for each in (at, seen))
    said = at.astimezone(zone_of(content.place, content.audience_country, policy.zones))
    words: dict[Cue, str] = {}
    spans: list[tuple[TimeSpan, bool]] = []
    for text in content.texts:
        spans += _in_text(text, said, policy, words)
    if content.pair_keys and _TARGET not in words:
        words[_TARGET] = "the person addressed"
    when, closeness = closest(spans, seen, policy.imminence)
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
    if (name := named_place(plain, policy.cues.postcode_areas)) is not None:
        # A name says more than `the park`.
        words[_PLACE] = name
    if _TARGET not in words and (aimed := _PERSON.search(plain)):
        words[_TARGET] = aimed.group()
    return times(plain, said, timed, days)


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


def zone_of(place: str | None, country: str | None, zones: Zones) -> ZoneInfo:
    """The time zone where it was said: by the place's name, else by the audience's country, else UTC.

    A name by itself on another continent than that country is another place of that name: Birmingham in Alabama.
    """
    audience = zones.countries.get(country or "")
    if place and (named := [hit.meaning for hit in zones.names.find(place.lower())]):
        _, zone = min(named)
        if audience is None or len(named) > 1 or _continent(zone) == _continent(audience):
            return _zone(zone)
    return _zone(audience or "UTC")


def _continent(zone: str) -> str:
    return zone.partition("/")[0]


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def spoken(span: TimeSpan) -> str:
    """A span as a reviewer reads it: when it begins, and by which clock."""
    zone = str(span.begins.tzinfo)
    clock = f"{zone} time" if zone != "UTC" else "UTC, as the place is not known"
    return f"{span.begins:%a %d %b %H:%M}, {clock}"
