"""The list of words that people write, most usual first, comes in from its file; the words and the rank of each go out."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("words.txt")
# Of shorter ones leet and held letters make too many by chance.
SHORTEST = 3


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
