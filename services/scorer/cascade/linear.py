"""Texts come in; tier 1's logits go out: sums of integers over hashed n-grams, so a text scores the same alone and in a batch."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.runtime.errors import Fatal
from services.scorer.cascade import labels
from services.scorer.cascade.ngrams import BITS, BUCKETS, CHUNK, Grams, grams

# The heads for types, exemptions and the rest share a smaller table: they rank, the first output decides.
HEAD_BITS = 15
HEAD_BUCKETS = 1 << HEAD_BITS
LONGEST = CHUNK // 8


class Linear:
    """Tier 1. `weights` int16 [BUCKETS], `heads` int8 [HEAD_BUCKETS, labels.SIDE]; scales and biases make logits of their sums.

    Characters and words are each divided by the root of their number: together, the many characters would drown the words.
    """

    def __init__(
        self,
        weights: NDArray[np.int16],
        heads: NDArray[np.int8],
        scales: NDArray[np.float64],
        biases: NDArray[np.float64],
    ) -> None:
        if weights.shape != (BUCKETS,) or heads.shape != (HEAD_BUCKETS, labels.SIDE) or len(scales) != labels.OUTPUTS:
            raise Fatal("the tables of tier 1 do not have the sizes that this program expects")
        self._weights = weights
        self._heads = heads.astype(np.float32)
        self._scales = scales
        self._biases = biases

    def violence(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One logit a text."""
        return self._first([grams(batch) for batch in batches(texts)])

    def logits(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The first logit [texts], and all others [texts, labels.SIDE]."""
        found = [grams(batch) for batch in batches(texts)]
        sums = [np.zeros((0, labels.SIDE), np.float32), *(self._head_sums(each) for each in found)]
        others = _per_root(np.concatenate(sums), _counts(found)[:, None])
        return self._first(found), others * self._scales[1:] + self._biases[1:]

    def _first(self, found: Sequence[Grams]) -> NDArray[np.float64]:
        sums = np.concatenate([np.zeros(0, np.int64), *(self._sums(each) for each in found)])
        logits: NDArray[np.float64] = _per_root(sums, _counts(found)) * self._scales[0] + self._biases[0]
        return logits

    def _sums(self, found: Grams) -> NDArray[np.int64]:
        starts = np.concatenate(([0], np.cumsum(found.counts)[:-1]))
        values = np.concatenate((self._weights[found.buckets], [0])).astype(np.int64)
        sums = np.add.reduceat(values, np.minimum(starts, len(values) - 1))
        return np.where(found.counts > 0, sums, 0)

    def _head_sums(self, found: Grams) -> NDArray[np.float32]:
        """A product with ones adds rows several times as fast as `reduceat`; whole numbers below 2**24 stay exact in any order."""
        rows = found.buckets >> (BITS - HEAD_BITS)
        ones = np.ones(found.counts.max(initial=0), np.float32)
        ends = np.cumsum(found.counts).tolist()
        runs = itertools.pairwise([0, *ends])
        return np.stack([ones[: end - at] @ self._heads.take(rows[at:end], axis=0) for at, end in runs])


def _counts(found: Sequence[Grams]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(0, np.int64), *(each.counts for each in found)])


def _per_root(sums: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each run's sum divided by the root of its number, the two runs of a text added."""
    per_run: NDArray[np.float64] = sums / np.sqrt(np.maximum(counts, 1))
    return per_run[::2] + per_run[1::2]


def batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Groups that fit what `grams` can take; a UTF-8 character has at most four bytes."""
    batch: list[str] = []
    size = 0
    for text in texts:
        cut = text[:LONGEST]
        length = 4 * len(cut) + 2 if not cut.isascii() else len(cut) + 2
        if size + length > CHUNK:
            yield batch
            batch, size = [], 0
        batch.append(cut)
        size += length
    if batch:
        yield batch
