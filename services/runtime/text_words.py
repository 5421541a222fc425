"""The list of words that people write here, most usual first, and a dictionary come in; the words and the rank of each go out."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from spellchecker import SpellChecker

WORDS = Path(__file__).with_name("words.txt")
# Of shorter ones leet and held letters make too many by chance.
SHORTEST = 3
# No shorter token is looked at; of stems that are shorter nothing is known.
_LONG = 7


@cache
def ranked() -> tuple[str, ...]:
    """Words that people write, most usual first; `make words` counts them in the written texts."""
    return tuple(WORDS.read_text().split())


@cache
def words() -> frozenset[str]:
    """Those of three letters and more."""
    return frozenset(word for word in ranked() if len(word) >= SHORTEST)


@cache
def ranks() -> Mapping[str, int]:
    """How many words are at least as usual as each."""
    return {word: rank for rank, word in enumerate(ranked(), 1)}


@cache
def dictionary() -> frozenset[str]:
    """Longer English words and names of all kinds, also those that nobody wrote here."""
    return frozenset(word for word in SpellChecker(language="en") if len(word) >= _LONG)
