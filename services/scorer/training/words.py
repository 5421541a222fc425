"""The written texts come in; the words that people write go out, one a line and the most usual first."""

import math
import re
from collections import Counter
from collections.abc import Iterable

from services.runtime.text_words import SHORTEST, WORDS
from services.scorer.training.written import read_written

# A word that only one or two authors typed may be a slip; two letters may be anything, but for the most usual ones.
TEXTS_AT_LEAST, SHORT_AT_LEAST = 3, 450
SINGLE = frozenset("aiu")
_WORD = re.compile(r"(?<![a-z0-9_'#*])[a-z]+(?![a-z0-9_'*])")


def usual_words(texts: Iterable[str]) -> list[str]:
    """The words of at least `TEXTS_AT_LEAST` texts, and short ones of at least `SHORT_AT_LEAST`, most usual first."""
    counts = Counter(word for text in texts for word in set(_WORD.findall(text.lower())))
    kept = [word for word, count in counts.items() if count >= _least(word)]
    return sorted(kept, key=lambda word: (-counts[word], word))


def _least(word: str) -> float:
    if len(word) >= SHORTEST or word in SINGLE:
        return TEXTS_AT_LEAST
    return SHORT_AT_LEAST if len(word) > 1 else math.inf


if __name__ == "__main__":
    WORDS.write_text("\n".join(usual_words(row.text for row in read_written())) + "\n")
