"""What both tiers say of held-out rows comes in; the numbers that make calibrated probabilities of it go out."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from services.scorer.cascade import labels
from services.scorer.cascade.calibration import Blend, Calibration, Curve, Heads, Scale, probability
from services.scorer.training.corpus import Row, calibrates
from services.scorer.training.mixing import OWN

Values = NDArray[np.float64]
# Steps of an isotonic fit become the knots of a curve that rises everywhere, so that no two scores fall together.
KNOTS = 7
LEAST_SLOPE = 0.15
SHARES = (0.05, 0.10, 0.25, 0.50)
# In the mixture that calibrates, own held-out texts stand for the part of the stream that is about violence at all.
OWN_SHARE = 0.25
# Of all other harmless rows one in so many calibrates, and counts for so many.
SAMPLED = 3
# Outputs after the first, counted from there: types, exemptions, how openly, gang conflict.
KINDS = tuple(
    slice(start - 1, stop - 1)
    for start, stop in itertools.pairwise(
        (labels.TYPES_FROM, labels.EXEMPTIONS_FROM, labels.OVERT, labels.GANG, labels.OUTPUTS)
    )
)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rows that nothing was trained on: both tiers' logits, labels, and the weight that makes their mixture the one expected."""

    linear: Values
    transformer: Values
    labels: NDArray[np.bool_]
    weights: Values


def blend_of(rows: HeldOut) -> Blend:
    """How much of each tier: a logistic regression, never negative."""
    model = LogisticRegression(C=10.0, max_iter=500)
    model.fit(np.stack([rows.linear, rows.transformer], axis=1), rows.labels, sample_weight=rows.weights)
    first, second = (float(value) for value in model.coef_[0])
    return Blend(linear=max(0.0, first), transformer=max(1e-3, second), bias=float(model.intercept_[0]))


def curve_of(logits: Values, labels: NDArray[np.bool_], weights: Values) -> Curve:
    """Platt first, then isotonic in log-odds, reduced to a few knots and made strictly increasing."""
    platt = LogisticRegression(C=1e3, max_iter=500).fit(logits[:, None], labels, sample_weight=weights)
    slope, bias = max(0.05, float(platt.coef_[0, 0])), float(platt.intercept_[0])
    straight = slope * logits + bias
    isotonic = IsotonicRegression(y_min=0.001, y_max=0.999).fit(straight, labels, sample_weight=weights)
    # Knots where the positives are as well as where the texts are: half of them by either.
    shares = np.linspace(0.02, 0.98, KNOTS)
    at = np.unique(np.round(0.5 * (np.quantile(straight, shares) + np.quantile(straight[labels], shares)), 3))
    said = isotonic.predict(at)
    y = 0.5 * (np.log(said / (1 - said)) + at)
    for n in range(1, len(y)):
        y[n] = max(y[n], y[n - 1] + LEAST_SLOPE * (at[n] - at[n - 1]))
    return Curve(x=tuple(((at - bias) / slope).tolist()), y=tuple(y.tolist()), ends=slope)


def threshold_of(blended: Values, curve: Curve, rows: HeldOut) -> float:
    """The probability at which precision and recall together (F1) are greatest in the mixture that calibrates.

    Not where own held-out texts alone are parted best: they are written to be hard, and half of them are violent, which no stream is.
    """
    order = np.argsort(-blended, kind="stable")
    caught = np.cumsum((rows.weights * rows.labels)[order])
    flagged = np.cumsum(rows.weights[order])
    best = int(np.argmax(2 * caught / (flagged + caught[-1])))
    odds = curve(float(blended[order[best]]))
    return min(0.9, max(0.1, round(probability(odds), 3)))


def heads_of(linear: Values, transformer: Values, wanted: Values) -> tuple[Heads, Heads]:
    """The outputs after the first by tier 1 alone and by both: [rows, outputs] each, `wanted` negative where nobody knows.

    Outputs of a kind share how much each tier counts, because few held-out rows have any one of them; each has a bias of its own.
    """
    nothing = np.zeros_like(transformer)
    return _heads(linear, nothing, wanted), _heads(linear, transformer, wanted)


def _heads(linear: Values, transformer: Values, wanted: Values) -> Heads:
    made = np.zeros((3, wanted.shape[1]))
    for outputs in KINDS:
        rows, columns = np.nonzero(wanted[:, outputs] >= 0)
        columns += outputs.start
        own_bias = np.eye(wanted.shape[1])[columns][:, outputs]
        seen = np.column_stack([linear[rows, columns], transformer[rows, columns], own_bias])
        model = LogisticRegression(C=10.0, max_iter=1_000).fit(seen, wanted[rows, columns] > 0.5)
        first, second, *biases = model.coef_[0]
        made[0, outputs], made[1, outputs] = max(0.0, first), max(0.0, second)
        made[2, outputs] = np.asarray(biases) + model.intercept_[0]
    return Heads(linear=tuple(made[0].tolist()), transformer=tuple(made[1].tolist()), bias=tuple(made[2].tolist()))


def calibration_of(
    rows: HeldOut, scale: Scale, ordinary: NDArray[np.bool_], heads: tuple[Heads, Heads], version: str
) -> Calibration:
    """Everything in one; the `ordinary` rows stand for a stream of posts: they set the gates."""
    blend = blend_of(rows)
    blended = blend.linear * rows.linear + blend.transformer * rows.transformer + blend.bias
    curve = curve_of(blended, rows.labels, rows.weights)
    return Calibration(
        version=version,
        linear=scale,
        linear_curve=curve_of(rows.linear, rows.labels, rows.weights),
        blend=blend,
        blend_curve=curve,
        gates={f"{share:.2f}": float(np.quantile(rows.linear[ordinary], 1 - share)) for share in SHARES},
        linear_heads=heads[0],
        blend_heads=heads[1],
        threshold=threshold_of(blended, curve, rows),
    )


def calibrating(rows: Sequence[Row]) -> list[Row]:
    """Held-out rows for calibration: all own and positive ones of one half, every third of the rest."""
    known = [row for row in rows if calibrates(row) and row.violence is not None]
    return [row for n, row in enumerate(known) if _all_of(row) or n % SAMPLED == 0]


def mixture(rows: Sequence[Row]) -> Values:
    """Weights that undo the sampling of `calibrating` and give own texts their share."""
    weights = np.array([1.0 if _all_of(row) else float(SAMPLED) for row in rows])
    own = np.array([row.source in OWN for row in rows])
    weights[own] *= OWN_SHARE / (1 - OWN_SHARE) * weights[~own].sum() / weights[own].sum()
    scaled: Values = weights / weights.mean()
    return scaled


def _all_of(row: Row) -> bool:
    return row.source in OWN or (row.violence or 0) > 0.5
