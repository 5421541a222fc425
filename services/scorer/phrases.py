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
            self._automaton.add_word(phrase, (phrase, meaning))
        self._empty = len(self._automaton) == 0
        if not self._empty:
            self._automaton.make_automaton()

    def find(self, text: str) -> list[Hit[T]]:
        """All whole-word occurrences, by start, longer first; of overlapping ones the longest leftmost stays."""
        if self._empty:
            return []
        found = []
        length = len(text)
        for last, (phrase, meaning) in self._automaton.iter(text):
            end = last + 1
            start = end - len(phrase)
            # A phrase that begins or ends with a letter or digit must not go on into one.
            if start and text[start - 1].isalnum() and text[start].isalnum():
                continue
            if end < length and text[end].isalnum() and text[last].isalnum():
                continue
            # Negative ends, so that plain order is the one wanted; two hits of the same place do not exist.
            found.append((start, -end, phrase, meaning))
        found.sort()
        kept: list[Hit[T]] = []
        free = 0
        for start, minus_end, phrase, meaning in found:
            if start >= free:
                free = -minus_end
                kept.append(_hit((start, free, phrase, meaning)))
        return kept
