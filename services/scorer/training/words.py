"""The written texts come in; the words that the text normaliser lets vouch for leet go out, one a line."""

import re
from collections import Counter
from collections.abc import Iterable

from services.runtime.text_leet import WORDS
from services.scorer.training.written import read_written

# A word that only one or two authors typed may be a slip.
TEXTS_AT_LEAST = 3
_WORD = re.compile(r"(?<![a-z0-9_'])[a-z]{3,}(?![a-z0-9_'])")
_HIDEABLE = frozenset("abegilost")


def vouching_words(texts: Iterable[str]) -> list[str]:
    """The words of at least `TEXTS_AT_LEAST` texts that are long enough and hold a letter that leet can hide, in order."""
    counts = Counter(word for text in texts for word in set(_WORD.findall(text.lower())))
    return sorted(word for word, count in counts.items() if count >= TEXTS_AT_LEAST and _HIDEABLE & set(word))


if __name__ == "__main__":
    WORDS.write_text("\n".join(vouching_words(row.text for row in read_written())) + "\n")
