"""A score and the cues of its texts come in; the factors of a threat to life and the level they give go out. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.vocabulary import ThreatLevel, ViolenceType
from services.scorer.cues import Cue, Found, only_past
from services.scorer.policy import Life as Weights
from services.scorer.policy import Policy
from services.scorer.ports import Score

# Types that mean to do violence or to bring it about, to somebody who is still to be protected from it.
AIMED = (
    ViolenceType.DIRECT_THREAT,
    ViolenceType.CONDITIONAL_THREAT,
    ViolenceType.VEILED_THREAT,
    ViolenceType.RETALIATION_CALL,
    ViolenceType.ATTACK_PLANNING,
    ViolenceType.INCITEMENT,
)
LIKELY = 0.5
# Python 3.11 calls a function of Python whenever an enum is asked for a member by its name; these are needed for every text.
ACT, CONDITION, INTENT, TARGET = Cue.ACT, Cue.CONDITION, Cue.INTENT, Cue.TARGET
WEAPON, POSSESSION = Cue.WEAPON, Cue.POSSESSION
DISPLAY, SALE = ViolenceType.WEAPONS_DISPLAY, ViolenceType.WEAPONS_SALE
NO_LEVEL, LOW, MEDIUM = ThreatLevel.NONE, ThreatLevel.LOW, ThreatLevel.MEDIUM
HIGH_UNSPECIFIC, HIGH_SPECIFIC = ThreatLevel.HIGH_UNSPECIFIC, ThreatLevel.HIGH_SPECIFIC


class Life(NamedTuple):
    """A threat to life, each factor in [0, 1]."""

    intent: float
    capability: float
    specificity: float
    imminence: float
    level: ThreatLevel

    @property
    def product(self) -> float:
        """How much of a threat to life it is, 0 to 1; when is another part of the risk."""
        return self.intent * self.capability * self.specificity


NO_THREAT = Life(0.0, 0.0, 0.0, 0.0, NO_LEVEL)


def threat_to_life(score: Score, aimed: float, cues: Found, policy: Policy) -> Life:
    """Each factor rises with what is likely or said; only the past, a condition or silence lowers intent.

    `aimed` is aimed_probability(score).
    """
    weights, imminent, said = policy.threat_to_life, policy.imminence, cues.words
    armed = WEAPON in said and POSSESSION in said
    intent = score.p_violence * _intent(aimed, armed, cues, weights)
    capability = _capability(score, armed, said, weights)
    specificity = weights.specificity + weights.place * cues.place
    if TARGET in said:
        specificity += weights.target
    if cues.when is not None:
        specificity += weights.time
    specificity = min(1.0, specificity)
    imminence = min(1.0, imminent.time * cues.time + imminent.place * cues.place)
    level = _level(intent * capability * specificity, cues, weights)
    return Life(intent, capability, specificity, imminence, level)


def _intent(aimed: float, armed: bool, cues: Found, weights: Weights) -> float:
    """The likeliest aimed type; words that say what will be done count where the types are not sure of themselves."""
    said = cues.words
    if INTENT not in said:
        aimed *= weights.intent_unsaid
    elif ACT in said or armed:
        aimed = max(aimed, weights.intent_said)
    if CONDITION in said:
        aimed *= weights.conditional
    if only_past(said, cues.when):
        aimed *= weights.past
    return aimed


def aimed_probability(score: Score) -> float:
    """How likely it is that the text means to do or to bring about violence, whatever else it is."""
    types = score.types
    likeliest = 0.0
    for name in AIMED:
        if (p := types.get(name, 0.0)) > likeliest:
            likeliest = p
    return likeliest


def _capability(score: Score, armed: bool, said: Mapping[Cue, str], weights: Weights) -> float:
    types = score.types
    if armed or types.get(DISPLAY, 0.0) >= LIKELY or types.get(SALE, 0.0) >= LIKELY:
        return 1.0
    return weights.capability_named if WEAPON in said or ACT in said else weights.capability


def _level(product: float, cues: Found, weights: Weights) -> ThreatLevel:
    if product >= weights.high:
        # Somebody is meant, and a place or a time is said: somebody can be protected.
        somebody = TARGET in cues.words and (cues.place > 0 or cues.when is not None)
        return HIGH_SPECIFIC if somebody else HIGH_UNSPECIFIC
    if product >= weights.medium:
        return MEDIUM
    return LOW if product >= weights.low else NO_LEVEL
