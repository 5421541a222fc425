"""Finding listed phrases in a normalised text: whole words only, every occurrence, in one pass."""

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

import ahocorasick

T = TypeVar("T")


class Hit(NamedTuple, Generic[T]):
    """One phrase found: characters [start, end) of the text that was searched, and what the phrase stands for."""

    start: int
    end: int
    phrase: str
    meaning: T


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
        found = [
            Hit(end + 1 - len(phrase), end + 1, phrase, meaning)
            for end, (phrase, meaning) in self._automaton.iter(text)
            if _stands_alone(text, end + 1 - len(phrase), end + 1)
        ]
        if len(found) > 1:
            found.sort(key=lambda hit: (hit.start, -hit.end))
        kept: list[Hit[T]] = []
        for hit in found:
            if not kept or hit.start >= kept[-1].end:
                kept.append(hit)
        return kept


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A phrase that begins or ends with a letter or digit must not go on into one."""
    before = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not (before or after)
