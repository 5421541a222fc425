"""Labelled rows come in; the weights of tier 1 go out: hashed n-grams with linear heads."""

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import StratifiedKFold

from services.scorer.cascade.linear import HEAD_BITS, HEAD_BUCKETS, batches
from services.scorer.cascade.ngrams import BITS, BUCKETS, grams

# A scipy.sparse.csr_matrix; scipy is installed for training alone.
Matrix: TypeAlias = Any
Whole = TypeVar("Whole", np.int8, np.int16)


def matrix(texts: Sequence[str]) -> Matrix:
    """Counts of every bucket, characters and words each scaled by the root of their number, as tier 1 scales them."""
    rows = [grams(batch) for batch in batches(texts)]
    counts = np.concatenate([row.counts for row in rows])
    made = sparse.csr_matrix(
        (
            np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32),
            np.concatenate([row.buckets for row in rows]).astype(np.int32),
            np.concatenate(([0], np.cumsum(counts)[1::2])).astype(np.int64),
        ),
        shape=(len(texts), BUCKETS),
    )
    made.sum_duplicates()
    return made


def out_of_fold(
    features: Matrix, labels: NDArray[np.int8], weights: NDArray[np.float32], seed: int
) -> NDArray[np.float32]:
    """What a linear model that never saw the row says of it: five folds."""
    said = np.zeros(len(labels), np.float32)
    for train, rest in StratifiedKFold(5, shuffle=True, random_state=seed).split(features, labels):
        model = SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=8, tol=None, average=True, random_state=seed)
        model.fit(features[train], labels[train], sample_weight=weights[train])
        said[rest] = model.predict_proba(features[rest])[:, 1]
    return said


def fit(features: Matrix, labels: NDArray[np.int8], weights: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Weights and bias of the violence head: averaged stochastic descent, as good as an exact solver here and thirty times faster."""
    model = SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=20, tol=None, average=True, random_state=1)
    model.fit(features, labels, sample_weight=weights)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def folded(features: Matrix) -> Matrix:
    """The same features over the smaller table of the side heads."""
    made = sparse.csr_matrix(
        (features.data, features.indices >> (BITS - HEAD_BITS), features.indptr),
        shape=(features.shape[0], HEAD_BUCKETS),
    )
    made.sum_duplicates()
    return made


def fit_side(
    features: Matrix, wanted: NDArray[np.float32], weights: NDArray[np.float32], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights [HEAD_BUCKETS, outputs] and biases of heads that rank; rows where an output is unknown (negative) do not teach it."""
    table = np.zeros((HEAD_BUCKETS, wanted.shape[1]), np.float32)
    biases = np.zeros(wanted.shape[1], np.float32)
    for n in range(wanted.shape[1]):
        known = wanted[:, n] >= 0
        model = SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=20, tol=None, average=True, random_state=seed)
        model.fit(features[known], (wanted[known, n] > 0.5).astype(np.int8), sample_weight=weights[known])
        table[:, n], biases[n] = model.coef_[0], model.intercept_[0]
    return table, biases


def quantised(weights: NDArray[np.float32], kind: type[Whole], share: float = 1.0) -> tuple[NDArray[Whole], float]:
    """Weights as integers of that kind and the scale that gives them back; those beyond the quantile `share` are cut to it."""
    most = np.iinfo(kind).max
    scale = float(np.quantile(np.abs(weights[weights != 0]), share)) / most
    return np.clip(np.rint(weights / scale), -most, most).astype(kind), scale
