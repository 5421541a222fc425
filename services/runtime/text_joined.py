"""A text under way in, the same with words that are written together set apart out: #killthemall, iwillfindyou."""

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise

from services.runtime.text_addresses import replace_outside_addresses
from services.runtime.text_map import Edit, Work
from services.runtime.text_words import dictionary, ranks

# Letters of a hashtag, and of any other token, that may hold several words; the longest that is looked at.
_TAG, _TOKEN, _LONGEST = 7, 10, 60
# Outside addresses, and not a part of "don't" or "re-use"; letters alone. A hashtag begins with its rare sign.
_AFTER = r"(?![\w'@/-]|[.:]\w)"
_TAGGED = re.compile(rf"#(?<![\w'@./:#-]#)([a-z]{{{_TAG},{_LONGEST}}}){_AFTER}")
_BARE = re.compile(rf"(?<![\w'@./:#-])([a-z]{{{_TOKEN},{_LONGEST}}}){_AFTER}")
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
_LEAST_KINDS = 3
# Hashtags of two words are the rule; elsewhere two that stand together are a compound. So many letters have the words on average.
_LEAST_WORDS, _LEAST_LETTERS = {True: 2, False: 3}, 2.5
# "why am i surprised" and "what are u doing", but not "perfect i on" and "a u to play".
_WITH_SINGLE = {True: 3, False: 5}
# "intent i on", "invest or", "up lift ing": what ends a word ends no hashtag.
_ENDINGS = frozenset({"ate", "ent", "ery", "ing", "ive", "lates", "ment", "or", "sing", "ting", "wit"})
# What makes another word of one that a dictionary holds.
_SUFFIXES = re.compile(
    r"(?:e?s|e?d|ing|ers?|ly|ness|ment|able|less|isms?|ists?|i[sz]e[ds]?|i[sz]ing|i[sz]ations?|ations?|[iy])$"
)
# How the dictionary spells what is spelt otherwise here.
_AMERICAN = (("isation", "ization"), ("our", "or"), ("tre", "ter"))
# Names of people, teams and places that fall into words.
_NAMED = """
barrowlands grangetown indiegame millwall nottinghill penistone silverdome southall wetherspoon witherspoon
"""
_NAMES = frozenset(_NAMED.split())


def maybe_joined(text: str) -> bool:
    """Whether a lower-cased text may hold words that are written together; False is certain."""
    return ("#" in text and next(_edits(text, tags=True), None) is not None) or any(map(parted, _LONG.findall(text)))


def part_joined(work: Work) -> None:
    """A hashtag of two words and more, or three words and more without a space between them, become words."""
    if maybe_joined(work.text):
        for tags in (True, False):
            # People write hashtags so; elsewhere it hides something.
            replace_outside_addresses(work, list(_edits(work.text, tags=tags)), obfuscated=not tags)


def _edits(text: str, *, tags: bool) -> Iterator[Edit]:
    """Where a word begins within a hashtag, or within any other token, and the space before it."""
    for found in (_TAGGED if tags else _BARE).finditer(text):
        start = found.start(1)
        for at in parted(found[1], tag=tags):
            yield start + at, start + at + 1, f" {text[start + at]}"


@lru_cache(maxsize=32_768)
def parted(token: str, *, tag: bool = False) -> tuple[int, ...]:
    """Where the words of a token begin, without the first; nothing where it is one word, or not of words alone."""
    length = len(token)
    if not (_TAG if tag else _TOKEN) <= length <= _LONGEST or len(set(token)) < _LEAST_KINDS or _is_one(token):
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
            if cost is None or not _stands(token, start, end, tag):
                continue
            if end not in least or spent + cost < least[end][0]:
                least[end] = (spent + cost, start)
    return _cuts(least, token, tag) if length in least else ()


def _is_one(token: str) -> bool:
    """Whether a token is one word, or made of one."""
    if token in _NAMES or token in ranks() or token in dictionary():
        return True
    for here, there in _AMERICAN:
        token = token.replace(here, there)
    stem = _SUFFIXES.sub("", token)
    return not dictionary().isdisjoint((token, stem, f"{stem}e", f"{stem}y"))


def _stands(token: str, start: int, end: int, tag: bool) -> bool:
    """Whether a word may stand there: of one letter within or at the end only `u` is one, so "perfection" is not perfect, i, on."""
    if end == len(token) and token[start:end] in _ENDINGS:
        return False
    return tag or end - start > 1 or start == 0 or token[start] == "u"


def _cuts(least: Mapping[int, tuple[float, int]], token: str, tag: bool) -> tuple[int, ...]:
    begins: list[int] = []
    end = len(token)
    while end:
        end = least[end][1]
        begins.append(end)
    begins.reverse()
    words = [token[start:end] for start, end in pairwise((*begins, len(token)))]
    least_words = (_WITH_SINGLE if any(len(word) == 1 for word in words[1:]) else _LEAST_WORDS)[tag]
    enough = len(words) >= least_words and len(token) >= _LEAST_LETTERS * len(words)
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
