"""Texts come in; tier 1's logits go out: sums of integers over hashed n-grams, so a text scores the same alone and in a batch."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from services.runtime.errors import Fatal
from services.scorer.cascade import labels
from services.scorer.cascade.ngrams import BITS, BUCKETS, CHUNK, grams

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
        self._heads = heads
        self._scales = scales
        self._biases = biases

    def violence(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One logit a text."""
        parts = [self._sums(batch) for batch in batches(texts)]
        sums = np.concatenate([s for s, _ in parts]) if parts else np.zeros(0, np.int64)
        sizes = np.concatenate([c for _, c in parts]) if parts else np.zeros(0, np.int64)
        per_run = sums / np.sqrt(np.maximum(sizes, 1))
        logits: NDArray[np.float64] = per_run.reshape(-1, 2).sum(axis=1) * self._scales[0] + self._biases[0]
        return logits

    def side(self, text: str) -> NDArray[np.float64]:
        """All logits but the first, of one text."""
        found = grams([text[:LONGEST]])
        rows = self._heads[found.buckets >> (BITS - HEAD_BITS)]
        characters, words = (part.sum(axis=0, dtype=np.int64) for part in np.split(rows, [found.counts[0]]))
        per_run = characters / np.sqrt(max(1, found.counts[0])) + words / np.sqrt(max(1, found.counts[1]))
        logits: NDArray[np.float64] = per_run * self._scales[1:] + self._biases[1:]
        return logits

    def _sums(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        found = grams(texts)
        starts = np.concatenate(([0], np.cumsum(found.counts)[:-1]))
        values = np.concatenate((self._weights[found.buckets], [0])).astype(np.int64)
        sums = np.add.reduceat(values, np.minimum(starts, len(values) - 1))
        return np.where(found.counts > 0, sums, 0), found.counts


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
