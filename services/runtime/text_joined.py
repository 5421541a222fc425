"""A text under way in, the same with words that are written together set apart out: #killthemall, iwillfindyou."""

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from services.runtime.text_addresses import replace_outside_addresses
from services.runtime.text_map import Edit, Work
from services.runtime.text_words import ranks

# Letters of a hashtag, and of any other token, that may hold several words; the longest that is looked at.
_TAG, _TOKEN, _LONGEST = 7, 10, 60
# Outside addresses, and not a part of "don't" or "re-use"; letters alone.
_LETTERS = re.compile(rf"(?<![\w'@./:#-])(#?)([a-z]{{{_TAG},{_LONGEST}}})(?![\w'@/:-])")
_LONG = re.compile(rf"(?<![a-z])[a-z]{{{_TOKEN},}}")
_LONGEST_WORD = 18
# So few words are better than many.
_PER_WORD = 2.25
# Short words are found by chance in any longer one, so they must be usual ones: the rank up to which words of so many letters count,
# in a hashtag and elsewhere.
_USUAL = {1: (300, 300), 2: (600, 600), 3: (1_500, 700), 4: (6_000, 1_500)}
_USUAL_ELSEWHERE = 5_000
# Written so in some places, and a part of many longer words elsewhere.
_DIALECT = frozenset({"di", "fi", "mi", "wi"})
# "hahahahahaha" is laughter.
_LEAST_KINDS = 4
# Hashtags of two words are the rule; elsewhere two that stand together are a compound. So many letters have the words on average.
_LEAST_WORDS, _LEAST_LETTERS = {True: 2, False: 3}, 3
# Words of every day that fall into usual ones.
_EVERYDAY = """
adoption attenborough beleaguered commentator compassion concentration corruption disclosure disfigure dishonest diversity european
extinction formatting inconsiderate insightful intolerance invisible meatpacking migrant motherland nevertheless newfoundland
nonetheless notwithstanding outgassing overdosing postulates pressuring redistribute reinforcement silverdome splitting whatsoever
wherewithal witherspoon yesterday
"""
_WHOLE = frozenset(_EVERYDAY.split())


def maybe_joined(text: str) -> bool:
    """Whether a lower-cased text may hold words that are written together; False is certain."""
    return ("#" in text and next(_edits(text), None) is not None) or any(map(_parted, _LONG.findall(text)))


def part_joined(work: Work) -> None:
    """A hashtag of two words and more, or three words and more without a space between them, become words."""
    if not maybe_joined(work.text):
        return
    edits = list(_edits(work.text))
    hidden = any(not tag for tag, _ in edits)
    replace_outside_addresses(work, [edit for _, edit in edits], obfuscated=hidden)


def _edits(text: str) -> Iterator[tuple[bool, Edit]]:
    """Where a word begins within a token, whether that is a hashtag, and the space before it."""
    for found in _LETTERS.finditer(text):
        tag = bool(found[1])
        start = found.start(2)
        for at in _parted(found[2], tag=tag):
            yield tag, (start + at, start + at + 1, f" {text[start + at]}")


@lru_cache(maxsize=32_768)
def _parted(token: str, *, tag: bool = False) -> tuple[int, ...]:
    """Where the words of a token begin, without the first; nothing where it is one word, or not of words alone."""
    length = len(token)
    if not (_TAG if tag else _TOKEN) <= length <= _LONGEST or token in ranks() or token in _WHOLE:
        return ()
    costs = _costs(tag)
    # Up to each place that words lead to: the least that they cost, and where the last of them begins.
    least: dict[int, tuple[float, int]] = {0: (0.0, 0)}
    for start in range(length):
        if start not in least:
            continue
        spent = least[start][0]
        for end in range(start + 1, min(start + _LONGEST_WORD, length) + 1):
            cost = costs.get(token[start:end])
            if cost is None or not (tag or _stands(token, start, end)):
                continue
            if end not in least or spent + cost < least[end][0]:
                least[end] = (spent + cost, start)
    return _cuts(least, token, tag) if length in least and len(set(token)) >= _LEAST_KINDS else ()


def _stands(token: str, start: int, end: int) -> bool:
    """Whether a word may stand there: within a token only `u` is one by itself, so that "perfection" is not perfect, i, on."""
    return end - start > 1 or start == 0 or end == len(token) or token[start] == "u"


def _cuts(least: Mapping[int, tuple[float, int]], token: str, tag: bool) -> tuple[int, ...]:
    begins: list[int] = []
    end = len(token)
    while end:
        end = least[end][1]
        begins.append(end)
    begins.reverse()
    enough = len(begins) >= _LEAST_WORDS[tag] and len(token) >= _LEAST_LETTERS * len(begins)
    return tuple(begins[1:]) if enough else ()


@cache
def _costs(tag: bool) -> Mapping[str, float]:
    """What each word costs that may stand in a token, as if it were as usual as the inverse of its rank (Zipf)."""
    rest = (len(ranks()), _USUAL_ELSEWHERE)
    return {
        word: math.log(rank) + _PER_WORD
        for word, rank in ranks().items()
        if rank <= _USUAL.get(len(word), rest)[not tag] and word not in _DIALECT
    }
