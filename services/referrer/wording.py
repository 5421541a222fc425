"""Contents come in; the words by which a person finds them go out. Pure."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from schemas.content import ContentNormalised
from services.referrer.records import WordsOf

WORD = re.compile(r"\w+")
LONGEST_WORD, MOST_WORDS = 64, 400
# They stand in every address, so they tell nothing.
OF_EVERY_ADDRESS = frozenset({"http", "https", "www", "com"})


def words_in(text: str) -> list[str]:
    """The words of a text as they are kept and asked for, each once."""
    found = (word.casefold()[:LONGEST_WORD] for word in WORD.findall(text))
    return [word for word in dict.fromkeys(found) if word not in OF_EVERY_ADDRESS]


def words_of(content: ContentNormalised) -> WordsOf:
    """By which words a content is found: those it says, as written and as undone, and those of its address."""
    said = [part for text in content.texts for part in (text.original, text.normalised)]
    words = words_in(" ".join([content.url or "", content.content_id, *said]))[:MOST_WORDS]
    return WordsOf(content.content_key, content.observed_at, tuple(words))


def wordings(said: Iterable[tuple[ContentNormalised, datetime]]) -> list[WordsOf]:
    """The same of many, each content once, with when it was first seen to say so; one that is gone keeps the words it had."""
    found = {each.content_key: replace(words_of(each), seen_at=since) for each, since in said if each.texts}
    return list(found.values())
