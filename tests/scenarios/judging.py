"""Orders of the same contents and how harmful each is come in; how soon each order shows the harm goes out, with its uncertainty."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DEPTH = 50
RESAMPLES = 400
SEED = 20_261_125


Measure = Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], float]


@dataclass(frozen=True, slots=True)
class Looked:
    """One look of a reviewer: the grade of the worst content in the case, and how many harmful contents stand in it."""

    grade: float
    harmful: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A value, and what resamples of the contents give instead."""

    value: float
    resampled: npt.NDArray[np.float64]

    def __str__(self) -> str:
        """With the bounds that 95 of 100 resamples lie within."""
        low, high = np.percentile(self.resampled, [2.5, 97.5]) if len(self.resampled) else (0.0, 0.0)
        return f"{self.value:.3f} [{low:.3f}, {high:.3f}]"


@dataclass(frozen=True, slots=True)
class Judged:
    """How good one order is."""

    ndcg: Interval
    recall: Interval
    missed: Interval


def mean(judgements: Sequence[Judged]) -> Judged:
    """The mean of what several pools of contents gave, which are resampled each by itself."""

    def over(intervals: Sequence[Interval]) -> Interval:
        mixed = np.random.default_rng(SEED)
        resampled = np.mean([mixed.permutation(each.resampled) for each in intervals], axis=0)
        return Interval(sum(each.value for each in intervals) / len(intervals), resampled)

    return Judged(
        over([each.ndcg for each in judgements]),
        over([each.recall for each in judgements]),
        over([each.missed for each in judgements]),
    )


def judge(order: Sequence[Looked], harmful: int, first: int, capacity: int) -> Judged:
    """nDCG at 50, recall within the first `first` looks, and the share of harm missed after `capacity` looks.

    Percentile bootstrap (Efron 1979) over the looks; their order stays. Harm that stands nowhere in the order is missed.
    """
    grades = np.array([look.grade for look in order])
    counts = np.array([look.harmful for look in order], dtype=np.float64)
    lost = harmful - counts.sum()
    random = np.random.default_rng(SEED)
    samples = [np.sort(random.integers(0, len(order), len(order))) for _ in range(RESAMPLES)] if len(order) else []

    def interval(measure: Measure) -> Interval:
        values = [measure(grades[sample], counts[sample]) for sample in samples]
        return Interval(measure(grades, counts), np.array(values))

    def recall(limit: int) -> Measure:
        return lambda _, found: float(found[:limit].sum() / total) if (total := found.sum() + lost) else 1.0

    share = recall(capacity)
    return Judged(interval(_ndcg), interval(recall(first)), interval(lambda g, c: 1.0 - share(g, c)))


def _ndcg(grades: npt.NDArray[np.float64], _: npt.NDArray[np.float64]) -> float:
    ideal = _dcg(np.sort(grades)[::-1])
    return _dcg(grades) / ideal if ideal > 0 else 1.0


def _dcg(grades: npt.NDArray[np.float64]) -> float:
    top = grades[:DEPTH]
    return math.fsum((2**top - 1) / np.log2(np.arange(2, len(top) + 2)))
