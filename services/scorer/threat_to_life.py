"""A score and the cues of its texts come in; the factors of a threat to life and the level they give go out. Pure."""

from typing import NamedTuple

from schemas.vocabulary import ThreatLevel, ViolenceType
from services.scorer.cues import Cue, Found
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


NO_THREAT = Life(0.0, 0.0, 0.0, 0.0, ThreatLevel.NONE)


def threat_to_life(score: Score, aimed: float, cues: Found, policy: Policy) -> Life:
    """Each factor rises with what is likely or said; only the past, a condition or silence lowers intent.

    `aimed` is aimed_probability(score).
    """
    weights = policy.threat_to_life
    intent = _intent(score, aimed, cues, weights)
    capability = _capability(score, cues, weights)
    said, imminent = cues.words, policy.imminence
    specificity = min(
        1.0,
        weights.specificity
        + weights.target * (Cue.TARGET in said)
        + weights.place * cues.place
        + weights.time * (cues.when is not None),
    )
    imminence = min(1.0, imminent.time * cues.time + imminent.place * cues.place)
    level = _level(intent * capability * specificity, cues, weights)
    return Life(round(intent, 6), capability, round(specificity, 6), round(imminence, 6), level)


def _intent(score: Score, aimed: float, cues: Found, weights: Weights) -> float:
    """The likeliest aimed type; words that say what will be done count where the types are not sure of themselves."""
    said = cues.words
    if Cue.INTENT not in said:
        aimed *= weights.intent_unsaid
    elif Cue.ACT in said or _armed(cues):
        aimed = max(aimed, weights.intent_said)
    if Cue.CONDITION in said:
        aimed *= weights.conditional
    if Cue.PAST in said and cues.when is None:
        aimed *= weights.past
    return aimed * score.p_violence


def aimed_probability(score: Score) -> float:
    """How likely it is that the text means to do or to bring about violence, whatever else it is."""
    types = score.types
    likeliest = 0.0
    for name in AIMED:
        if (p := types.get(name, 0.0)) > likeliest:
            likeliest = p
    return likeliest


def _armed(cues: Found) -> bool:
    return Cue.WEAPON in cues.words and Cue.POSSESSION in cues.words


def _capability(score: Score, cues: Found, weights: Weights) -> float:
    types = score.types
    shows = max(types.get(ViolenceType.WEAPONS_DISPLAY, 0.0), types.get(ViolenceType.WEAPONS_SALE, 0.0))
    if shows >= LIKELY or _armed(cues):
        return 1.0
    return weights.capability_named if Cue.WEAPON in cues.words or Cue.ACT in cues.words else weights.capability


def _level(product: float, cues: Found, weights: Weights) -> ThreatLevel:
    if product >= weights.high:
        # Somebody is meant, and a place or a time is said: somebody can be protected.
        somebody = cues.has(Cue.TARGET) and (cues.place > 0 or cues.when is not None)
        return ThreatLevel.HIGH_SPECIFIC if somebody else ThreatLevel.HIGH_UNSPECIFIC
    if product >= weights.medium:
        return ThreatLevel.MEDIUM
    return ThreatLevel.LOW if product >= weights.low else ThreatLevel.NONE
