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
# One short number may be a code: 5-0, 187.
_CODE = re.compile(r"\W{0,8}\d[\d/-]{1,7}\W{0,8}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of normalised text that is scored by itself: [start, end) of text `number` or, None, of all together or of words alone."""

    text: str
    number: int | None
    start: int = 0
    end: int = 0
    whole: bool = True


def units(texts: Sequence[NormalisedText]) -> list[Unit]:
    """What to score of one content, in order."""
    found = [unit for number, text in enumerate(texts) for unit in _of(number, text.normalised)]
    # Beside what stands there, the words without their padding: most of a window would be that, and hide them.
    alone = [unit for text in texts for unit in _of(None, words_alone(text))][: MOST // 2]
    if len(found) > 1 and len(texts) > 1:
        # Last, but never cut: it holds the beginning of every text.
        beginnings = (text.normalised[:TOGETHER] for text in texts)
        return [*found[: MOST - 1], *alone, Unit("\n".join(filter(_speaks, beginnings)), None)]
    return [*found[:MOST], *alone]


def _of(number: int | None, text: str) -> Iterator[Unit]:
    if not _speaks(text):
        return
    words = [found.span() for found in WORD.finditer(text)]
    if len(words) <= WORDS:
        yield Unit(text, number, 0, len(text))
        return
    for first in range(0, len(words) - WORDS + STEP, STEP):
        start, end = words[first][0], words[min(first + WORDS, len(words)) - 1][1]
        if _speaks(text[start:end]):
            yield Unit(text[start:end], number, start, end, whole=False)


def _speaks(text: str) -> bool:
    """Whether it says anything: numbers and punctuation alone do not, and a model that never saw so many takes them for anything."""
    if _LETTER.search(text) or _CODE.fullmatch(text.strip()):
        return True
    return any(unicodedata.category(sign) == "So" and sign != "\ufffd" for sign in text)


def complete(texts: Sequence[NormalisedText]) -> bool:
    """Whether everything of the content is scored."""
    return sum(1 + max(0, len(WORD.findall(text.normalised)) - WORDS + STEP - 1) // STEP for text in texts) <= MOST
