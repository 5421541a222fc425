"""A content comes in; the names and places that it speaks of go out, as far as its writing shows them."""

import re
from collections.abc import Iterable

from schemas.content import ContentNormalised

LONGEST = 60
# Areas of British postcodes whose districts people name as places; single letters with a number are roads and keys elsewhere.
_POSTCODE = re.compile(
    r"\b(?:e|n|w|se|sw|nw|ec|wc|b|m|l|ls|bs|cr|s|ng|le|cv|wv|bd|hu|ne|g|eh|cf|lu|rm|ig|en|ha|ub|tw|kt|sm|br|da)\d{1,2}\b"
)
_HASHTAG = re.compile(r"#(\w{2,60})")
_REMEMBERED = re.compile(r"\b(?:rip|long live|free|justice for) (\w{2,30})\b")
# A capital inside a sentence; after a full stop, or in a text of capitals only, it says nothing.
_NAME = re.compile(r"(?<=[a-z,;:] )([A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?)\b")
_CALENDAR = frozenset(
    {
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "christmas",
        "easter",
        "ramadan",
        "eid",
        "god",
        "lord",
        "allah",
        "jesus",
        "instagram",
        "snapchat",
        "tiktok",
        "youtube",
    }
)


def subjects(content: ContentNormalised, at_most: int) -> tuple[str, ...]:
    """Names and places in lower case, sorted; beyond `at_most` those that stand last in the alphabet are left out."""
    found = set(_clean(_raw(content)))
    return tuple(sorted(found))[:at_most]


def _raw(content: ContentNormalised) -> Iterable[str]:
    if content.place:
        yield content.place
    yield from content.tags
    for text in content.texts:
        yield from _HASHTAG.findall(text.original)
        yield from _NAME.findall(text.original)
        yield from _POSTCODE.findall(text.original.lower())
        yield from _REMEMBERED.findall(text.normalised)


def _clean(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        plain = " ".join(name.lower().strip("# ").split())
        if 2 <= len(plain) <= LONGEST and plain not in _CALENDAR:
            yield plain
