"""A normalised text comes in; where emoji, punctuation, numbers or repeats part or bury its words, the words alone go out. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, filterfalse

from schemas.content import NormalisedText
from services.runtime.text_tables import emoji_table

# Whole, however long: the rest of a cut run of signs would not look like one.
_TOKEN = re.compile(r"\S+|\s{72}")
_LETTER = re.compile(r"[^\W\d_]")
_AGAIN = re.compile(r"(.{1,8}?)\1{3,}.{0,7}")
_TYPED = re.compile(r"\w+")
# Characters: so many are no decoration any more. They fill most of a window, and of emoji tier 2 reads no more.
BURIED = 200
PARTED = 3
# Where half of so many neighbouring gaps are padded, those words are parted, however much plain text stands around them.
NEIGHBOURS = 8
# A word that follows the same one once more says nothing new.
OFTEN = 2


def words_alone(text: NormalisedText) -> str:
    """A text without what parts or buries its words: all of it, or a stretch of it; empty for any other, which is read as it stands."""
    tokens = _TOKEN.findall(text.normalised)
    padding = _padding(set(tokens), text.original)
    # Most posts hold a number or a sign or two; what is short and has few is neither buried nor parted.
    if len(text.normalised) < BURIED and sum(map(padding.__contains__, tokens)) < PARTED:
        return ""
    told = Counter[tuple[str, str]]()
    kept: list[int] = []
    gaps: list[bool] = []
    dropped = 0
    padded, before = False, ""
    for at, token in enumerate(tokens):
        pads = token in padding
        if pads or told[before, token] == OFTEN:
            dropped += len(token) + 1
            padded = padded or pads
        else:
            gaps.append(padded and bool(kept))
            padded = False
            kept.append(at)
        if not pads:
            told[before, token] = min(OFTEN, told[before, token] + 1)
            before = token
    buried = dropped >= max(BURIED, len(text.normalised) / 2)
    if buried or sum(gaps) >= max(PARTED, len(kept) / 2):
        return " ".join(tokens[at] for at in kept)
    first, last = _parted(gaps)
    if not last:
        return ""
    alone = [tokens[at] for at in kept[first : last + 1]]
    # Around it signs and emoji keep their meaning.
    rest = kept[last + 1] if last + 1 < len(kept) else len(tokens)
    return " ".join([*tokens[: kept[first]], *alone, *tokens[rest:]])


def _parted(gaps: Sequence[bool]) -> tuple[int, int]:
    """The first and the last word of the stretch that padding parts, by whether some stands before each word; twice 0 for none."""
    sums = [0, *accumulate(gaps)]
    ends = [end for end in range(1, len(sums)) if 2 * (sums[end] - sums[max(0, end - NEIGHBOURS)]) >= NEIGHBOURS]
    return (max(0, ends[0] - NEIGHBOURS - 1), ends[-1] - 1) if ends else (0, 0)


def _padding(tokens: set[str], original: str) -> set[str]:
    """Those that are the name of an emoji, which nobody typed, hold no letter, or one thing again and again."""
    named = tokens & _names()
    if named:
        named -= set(_TYPED.findall(original.lower()))
    # Asked of every word of every post. What stands four times in a token begins it four times: cheaper to see than by the pattern.
    letterless = {token for token in filterfalse(str.isalpha, tokens) if not _LETTER.search(token)}
    again = {token for token in tokens if token.count(token[0]) > 3 and _AGAIN.fullmatch(token)}
    return named | letterless | again


@cache
def _names() -> frozenset[str]:
    return frozenset(name.strip() for name in emoji_table().names.values())
