"""The texts of one content come in; what is scored goes out: short texts whole, long ones in windows, several texts also together."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.content import NormalisedText
from services.scorer.cascade.padding import words_alone

# A post fits into one window; the words between two windows stand in both, so that no sentence is only ever seen in halves.
WORDS = 56
STEP = 40
# What stands together when several texts make one content: enough of each to tell what it is about.
TOGETHER = 400
# All that an event can hold: 40,000 characters, each an emoji and so a word, in 64 texts. With fewer, whoever puts enough words
# before a threat hides it. What lies beyond, in a line of a file, is not scored, and the confidence says so.
MOST = 1_088
# Letters without a space, and space without a letter, count as a word every so often: tier 1 has to see the whole of any window.
WORD = re.compile(r"\S{1,72}|\s{72}")
_LETTER = re.compile(r"[^\W\d_]")
_TOKEN = re.compile(r"\S+")
# One short number may be a code: 5-0, 187.
_CODE = re.compile(r"\W{0,8}\d[\d/-]{1,7}\W{0,8}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of normalised text that is scored by itself: [start, end) of text `number`, or of its words `alone` where those are given.

    Of several texts together `number` is None, and `parts` are the numbers of those whose beginnings stand there, a line end between.
    """

    text: str
    number: int | None
    start: int = 0
    end: int = 0
    whole: bool = True
    alone: str = ""
    parts: tuple[int, ...] = ()


def units(texts: Sequence[NormalisedText]) -> tuple[list[Unit], bool]:
    """What to score of one content, in order, and whether that is all of it."""
    found = [unit for number, text in enumerate(texts) for unit in _of(number, text.normalised)]
    # Beside what stands there, the words without their padding: most of a window would be that, and hide them.
    alone = [unit for number, text in enumerate(texts) for unit in _of(number, words_alone(text), alone=True)]
    # Last, but never cut: it holds the beginning of every text.
    together = [_together(texts)] if len(found) > 1 and len(texts) > 1 else []
    most, most_alone = MOST - len(together), MOST // 2
    return [*found[:most], *alone[:most_alone], *together], len(found) <= most and len(alone) <= most_alone


def _together(texts: Sequence[NormalisedText]) -> Unit:
    beginnings = [(number, text.normalised[:TOGETHER]) for number, text in enumerate(texts)]
    said = [(number, text) for number, text in beginnings if _speaks(text)]
    return Unit("\n".join(text for _, text in said), None, parts=tuple(number for number, _ in said))


def _of(number: int, text: str, *, alone: bool = False) -> Iterator[Unit]:
    if not _speaks(text):
        return
    words = [found.span() for found in WORD.finditer(text)]
    of = text if alone else ""
    if len(words) <= WORDS:
        yield Unit(text, number, 0, len(text), alone=of)
        return
    for first in range(0, len(words) - WORDS + STEP, STEP):
        start, end = words[first][0], words[min(first + WORDS, len(words)) - 1][1]
        if _speaks(text[start:end]):
            yield Unit(text[start:end], number, start, end, whole=False, alone=of)


def _speaks(text: str) -> bool:
    """Whether it says anything: numbers and punctuation alone do not, and a model that never saw so many takes them for anything."""
    if _LETTER.search(text) or _CODE.fullmatch(text.strip()):
        return True
    return any(unicodedata.category(sign) == "So" and sign != "\ufffd" for sign in text)


def place(unit: Unit, texts: Sequence[NormalisedText], start: int, end: int) -> tuple[int, int, int] | None:
    """Where [start, end) of a unit's text stands: the number of a text, and [start, end) of it as normalised; None if that is not told."""
    if unit.number is None:
        before = 0
        for number in unit.parts:
            length = len(texts[number].normalised[:TOGETHER])
            if end <= before + length:
                return number, start - before, end - before
            before += length + 1
        return None
    if not unit.alone:
        return unit.number, unit.start + start, unit.start + end
    padded = texts[unit.number].normalised
    first = _among_padding(unit.alone, padded, unit.start + start)
    last = _among_padding(unit.alone, padded, unit.start + end - 1)
    return None if first is None or last is None else (unit.number, first, last + 1)


def _among_padding(alone: str, padded: str, at: int) -> int | None:
    """The place in a text of a character of its words alone, which stand in it in the same order."""
    rest = _TOKEN.finditer(padded)
    for token in _TOKEN.finditer(alone):
        same = next((found for found in rest if found[0] == token[0]), None)
        if same is None or at < token.end():
            return None if same is None else same.start() + at - token.start()
    return None
