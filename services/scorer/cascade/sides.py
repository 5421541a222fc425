"""Log-odds of the outputs after the first come in; types, exemptions, overtness and gang conflict go out. Pure."""

import math

import numpy as np
from numpy.typing import NDArray

from schemas.scoring import GangRelated
from schemas.vocabulary import Exemption, Overtness, ViolenceType
from services.scorer.cascade import labels
from services.scorer.cascade.calibration import probabilities, probability
from services.scorer.cascade.readings import Reading

SHOWN_FROM = 0.01
# Without a sign of groups in its words a text is not called gang-related, whatever the model thinks of its tone.
NO_SIGN = 0.3


def types_of(side: NDArray[np.float64], p: float) -> dict[ViolenceType, float]:
    """The heads answer what kind of violence it is if it is any."""
    found = probabilities(side[labels.TYPES_FROM - 1 : labels.EXEMPTIONS_FROM - 1])
    return {name: p * value for name, value in zip(labels.TYPES, found, strict=True) if p * value >= SHOWN_FROM}


def exemptions_of(side: NDArray[np.float64]) -> dict[Exemption, float]:
    """What it may be exempt as; none where every one of them is wrong."""
    found = probabilities(side[labels.EXEMPTIONS_FROM - 1 : labels.OVERT - 1])
    shown = {name: value for name, value in zip(labels.EXEMPTIONS, found, strict=True) if value >= SHOWN_FROM}
    return shown | {Exemption.NONE: math.prod(1 - value for value in found)}


def overtness_of(side: NDArray[np.float64], p: float, threshold: float) -> Overtness:
    """How openly violence is said, where any is."""
    if p < threshold:
        return Overtness.NONE
    overt, covert = float(side[labels.OVERT - 1]), float(side[labels.COVERT - 1])
    if overt > 0 and covert > 0:
        return Overtness.MIXED
    return Overtness.OVERT if overt >= covert else Overtness.COVERT


def gang_of(side: NDArray[np.float64], reading: Reading) -> GangRelated:
    """Conflict of groups; without a term of theirs in its words a text is called no more than doubtful."""
    terms = tuple(sorted({hit.meaning.term for hit in reading.hits if hit.meaning.gang}))
    p = probability(float(side[labels.GANG - 1]))
    return GangRelated(p=p if terms else min(p, NO_SIGN), signals=terms)
