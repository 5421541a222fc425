"""Labels and scores come in, what is reported of a scorer goes out. Pure; ties are handled as sets, so order does not matter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Labels = NDArray[np.bool_]


def average_precision(labels: Labels, scores: Values) -> float:
    """Area under precision and recall (AUPRC), as a step function over distinct scores. NaN without positives."""
    hits, taken = _cumulated(labels, scores)
    if not len(hits) or hits[-1] == 0:
        return float("nan")
    recall = np.diff(np.concatenate(([0.0], hits / hits[-1])))
    return float(np.sum(recall * hits / taken))


def recall_at(labels: Labels, scores: Values, false_positive_rate: float) -> float:
    """Share of positives above the lowest threshold that keeps to that rate of false positives. NaN without both classes."""
    hits, taken = _cumulated(labels, scores)
    if not len(hits) or hits[-1] == 0 or taken[-1] == hits[-1]:
        return float("nan")
    allowed = (taken - hits) / (taken[-1] - hits[-1]) <= false_positive_rate
    return float(np.max(np.where(allowed, hits / hits[-1], 0.0)))


def pairs_in_order(labels: Labels, scores: Values) -> float:
    """Share of pairs of a positive and a negative whose positive scores higher, ties counting half (AUROC). NaN without both."""
    positive, negative = scores[labels], np.sort(scores[~labels])
    if not len(positive) or not len(negative):
        return float("nan")
    below = np.searchsorted(negative, positive, "left") + np.searchsorted(negative, positive, "right")
    return float(below.mean() / (2 * len(negative)))


def threshold_at(harmless: Values, false_positive_rate: float) -> float:
    """The score above which that share of harmless texts lies."""
    return float(np.quantile(harmless, 1 - false_positive_rate, method="higher"))


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a reliability plot."""

    predicted: float
    observed: float
    count: int


def bins(labels: Labels, scores: Values, count: int = 10) -> list[Bin]:
    """Equal-width bins that hold something."""
    where = np.minimum((scores * count).astype(int), count - 1)
    made = []
    for n in range(count):
        inside = where == n
        if inside.any():
            made.append(Bin(float(scores[inside].mean()), float(labels[inside].mean()), int(inside.sum())))
    return made


def calibration_error(labels: Labels, scores: Values) -> float:
    """Expected calibration error over ten bins of equal width."""
    found = bins(labels, scores)
    total = sum(one.count for one in found)
    return sum(one.count * abs(one.predicted - one.observed) for one in found) / total if total else float("nan")


def _cumulated(labels: Labels, scores: Values) -> tuple[Values, Values]:
    """Positives and all texts at or above each distinct score, highest first."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True)) if len(ordered) else np.zeros(0, int)
    hits = np.cumsum(labels[order].astype(float))[last]
    return hits, (last + 1).astype(float)
