"""A content, what is remembered around it and its counts come in; its risk with context, in parts and sentences, goes out. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.scoring import Contribution
from schemas.vocabulary import Band, ThreatLevel
from services.referrer.context_parts import Context, Found, Sighting, group, reach_speed
from services.referrer.policy import ContextPolicy
from services.referrer.remembered import Evidence, Remembered
from services.runtime.plain_words import PLAIN, strength

ORDER = (Band.P1, Band.P2, Band.P3, Band.P4, Band.NONE)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A risk with everything that context added to it."""

    risk: float
    band: Band
    parts: tuple[Contribution, ...]
    reasons: tuple[str, ...]


def weigh(
    this: Remembered,
    evidence: Evidence,
    related: Iterable[Remembered],
    sightings: Sequence[Sighting],
    policy: ContextPolicy,
) -> Weighed:
    """Risk of one content among others.

    `related` may hold more than counts, in any order, and a row twice: what is no context is left out here. The parts are in
    log-odds; with those of the content risk they add up to the logit of the risk. None is negative but the bound.
    """
    gate = gate_of(this, evidence, policy)
    parts: list[Contribution] = []
    reasons: list[str] = []
    if gate > 0:
        context = Context(this, related, policy)
        found = [*context.parts(), reach_speed(sightings, policy), group(evidence, policy)]
        for one in sorted([f for f in found if f is not None and f.weight * f.value > 0], key=_heaviest):
            contribution = round(gate * one.weight * one.value, 6)
            if contribution > 0:
                parts.append(Contribution(name=one.name, value=round(one.value, 6), contribution=contribution))
                reasons.append(f"{one.reason}; this {strength(contribution)} the risk.")
        over = math.fsum(part.contribution for part in parts) - policy.bounds.total
        if over > 0:
            parts.append(Contribution(name="context_bound", value=policy.bounds.total, contribution=-round(over, 6)))
    elif alone := exempt_alone(evidence, policy):
        reasons.append(f"It is {PLAIN[alone]} and nothing else: what was said around it does not count.")
    # Without context the content risk stands as it came, to the last digit.
    risk = sigmoid(math.fsum([evidence.base, *(part.contribution for part in parts)])) if parts else this.risk
    return Weighed(risk, band_of(risk, evidence, policy), tuple(parts), tuple(reasons))


def gate_of(this: Remembered, evidence: Evidence, policy: ContextPolicy) -> float:
    """How much of the context counts, 0 to 1: nothing for content below the context floor or of an exemption alone.

    Content at the floor cannot be carried into the queue by what others said; what says more by itself is carried further.
    """
    if this.risk < policy.floors.context or exempt_alone(evidence, policy):
        return 0.0
    return math.sqrt(min(1.0, this.risk / policy.gate.full))


def exempt_alone(evidence: Evidence, policy: ContextPolicy) -> str | None:
    """The exemption that the content is, if it shows no violence type beside it."""
    if evidence.types >= policy.exempt.types:
        return None
    names = {name.value for name in policy.exempt.names}
    found = [(p, name) for name, p in evidence.exemptions if name in names and p >= policy.exempt.probability]
    return max(found)[1] if found else None


def _heaviest(found: Found) -> tuple[float, str]:
    return (-found.weight * found.value, found.name)


def band_of(risk: float, evidence: Evidence, policy: ContextPolicy) -> Band:
    """The band of a risk with the content's threat to life; never below the content's own band while it is at its risk."""
    if risk < policy.floors.watch:
        return evidence.band
    bands = policy.bands
    if evidence.level is ThreatLevel.HIGH_SPECIFIC and risk >= bands.P3:
        found = Band.P1
    elif risk >= bands.P2 and evidence.imminence >= bands.bands_imminence:
        found = Band.P2
    else:
        found = Band.P3 if risk >= bands.P3 else Band.P4
    return min(found, evidence.band, key=ORDER.index)


def sigmoid(x: float) -> float:
    """Probability of log-odds x."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
