"""Finding listed phrases in a normalised text: whole words only, every occurrence, in one pass."""

from collections.abc import Iterable
from functools import partial
from typing import Generic, NamedTuple, TypeVar

import ahocorasick

T = TypeVar("T")


class Hit(NamedTuple, Generic[T]):
    """One phrase found: characters [start, end) of the text that was searched, and what the phrase stands for."""

    start: int
    end: int
    phrase: str
    meaning: T


# A named tuple is made by a function of Python; hits are made for every word of every text.
_hit = partial(tuple.__new__, Hit)


class Phrases(Generic[T]):
    """A set of phrases, each with a meaning. Immutable after construction; searching costs one pass however many there are."""

    def __init__(self, meanings: Iterable[tuple[str, T]]) -> None:
        self._automaton = ahocorasick.Automaton()
        for phrase, meaning in meanings:
            # A phrase that begins or ends with a letter or digit must not go on into one.
            self._automaton.add_word(phrase, (phrase, meaning, phrase[0].isalnum(), phrase[-1].isalnum()))
        self._empty = len(self._automaton) == 0
        if not self._empty:
            self._automaton.make_automaton()

    def find(self, text: str) -> list[Hit[T]]:
        """All whole-word occurrences, by start, longer first; of overlapping ones the longest leftmost stays."""
        if self._empty:
            return []
        kept: list[Hit[T]] = []
        length, free = len(text), 0
        for last, (phrase, meaning, begins_a_word, ends_a_word) in self._automaton.iter(text):
            end = last + 1
            start = end - len(phrase)
            if begins_a_word and start and text[start - 1].isalnum():
                continue
            if ends_a_word and end < length and text[end].isalnum():
                continue
            # They come by their ends: one that begins before others, or with them, takes their place, unless it is overlapped itself.
            if start < free:
                after = _beginning_before(start, kept)
                if after and kept[after - 1].end > start:
                    continue
                del kept[after:]
            free = end
            kept.append(_hit((start, end, phrase, meaning)))
        return kept


def _beginning_before(start: int, hits: list[Hit[T]]) -> int:
    """How many of the hits, which are in their order, begin before `start`."""
    count = len(hits)
    while count and hits[count - 1].start >= start:
        count -= 1
    return count
