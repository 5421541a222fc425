"""Pairs of decisions about the same cases come in; how far they agree beyond chance goes out. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.review import Decision


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far pairs of decisions agree. `kappa` is None without pairs, and where chance alone would agree fully."""

    pairs: int
    observed: float
    expected: float
    kappa: float | None


def cohens_kappa(pairs: Iterable[tuple[Decision, Decision]]) -> Agreement:
    """Agreement beyond chance (Cohen 1960): (observed - expected) / (1 - expected), with expected from both margins."""
    return kappa_of(Counter(pairs))


def kappa_of(counted: Mapping[tuple[Decision, Decision], int]) -> Agreement:
    """The same of pairs that were counted: how often each came."""
    n = sum(counted.values())
    if n == 0:
        return Agreement(0, 0.0, 0.0, None)
    agreeing = sum(number for (one, other), number in counted.items() if one is other)
    left: Counter[Decision] = Counter()
    right: Counter[Decision] = Counter()
    for (one, other), number in counted.items():
        left[one] += number
        right[other] += number
    # In whole numbers, so that full agreement is exactly 1 and chance is exactly 0.
    by_chance = sum(left[each] * right[each] for each in left)
    kappa = None if by_chance == n * n else (n * agreeing - by_chance) / (n * n - by_chance)
    return Agreement(n, agreeing / n, by_chance / (n * n), kappa)
