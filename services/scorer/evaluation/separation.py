"""Texts that are trained on and cases that judge come in; pairs that are the same, or nearly, go out. Pure and exact."""

from collections import defaultdict
from collections.abc import Iterable

# Shared words over all words of both, from which two texts count as nearly the same.
NEAR = 0.8


def near_copies(texts: Iterable[str], cases: Iterable[str]) -> list[tuple[str, str]]:
    """Every pair that shares NEAR of its words; texts are normalised words between spaces.

    A text that is near a case lacks at most a fifth of its own words there, so of any fifth and one more of its words one must
    stand in the case: only cases that hold one of the text's rarest words are compared.
    """
    words = {case: frozenset(case.split()) for case in cases}
    holding: dict[str, set[str]] = defaultdict(set)
    for case, of in words.items():
        for word in of:
            holding[word].add(case)
    found = []
    for text in texts:
        own = frozenset(text.split())
        rarest = sorted(own, key=lambda word: (len(holding.get(word, ())), word))[: int((1 - NEAR) * len(own)) + 1]
        candidates = set[str]().union(*(holding.get(word, ()) for word in rarest))
        found += [(text, case) for case in sorted(candidates) if alike(own, words[case])]
    return found


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of words share NEAR of all their words."""
    return len(one & other) >= NEAR * max(1, len(one | other))
