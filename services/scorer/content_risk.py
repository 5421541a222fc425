"""Content risk: a score and one observation come in; a risk, its named parts in log-odds, a band and sentences go out. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.content import ContentNormalised
from schemas.scoring import Contribution, ThreatToLife
from schemas.vocabulary import Band, Exemption, ThreatLevel, ViolenceType
from services.scorer.policy import Policy
from services.scorer.ports import Score

# A probability outside would make one part outweigh all others put together.
LOWEST, HIGHEST = 0.001, 0.999
MILLION = 6.0
AIMED = (
    ViolenceType.DIRECT_THREAT,
    ViolenceType.CONDITIONAL_THREAT,
    ViolenceType.VEILED_THREAT,
    ViolenceType.RETALIATION_CALL,
    ViolenceType.ATTACK_PLANNING,
)


@dataclass(frozen=True, slots=True)
class ContentRisk:
    """The content risk of one observation with everything that led to it."""

    risk: float
    band: Band
    parts: tuple[Contribution, ...]
    reasons: tuple[str, ...]
    threat_to_life: ThreatToLife


def content_risk(content: ContentNormalised, score: Score, policy: Policy) -> ContentRisk:
    """Weigh one observation. The parts add up to the logit of the risk; no harmful part that rises can lower it."""
    cues = find_cues(content, policy)
    life = threat_to_life(score, cues, policy)
    parts = tuple(_parts(content, score, life.imminence, policy))
    risk = sigmoid(math.fsum(part.contribution for part in parts))
    return ContentRisk(risk, band_of(risk, life, policy), parts, sentences(parts, cues), life)


def _parts(content: ContentNormalised, score: Score, imminence: float, policy: Policy) -> list[Contribution]:
    p = score.p_violence
    weights = policy.context
    parts = [
        _part("base", 1.0, policy.violence.bias),
        _part("p_violence", p, policy.violence.weight * logit(p)),
        *(
            _part(f"severity.{name}", value, policy.severity.get(name, 0.0) * value)
            for name, value in score.types.items()
        ),
        _part("imminence", imminence, weights.imminence * imminence * p),
        _part("gang_related", score.gang_related.p, weights.gang * score.gang_related.p * p),
        *(
            _part(f"exemption.{name}", value, -policy.exemption.get(name, 0.0) * value)
            for name, value in score.exemptions.items()
            if name is not Exemption.NONE
        ),
    ]
    reach = reach_of(content)
    if reach is not None:
        parts.append(_part("reach", reach, weights.reach * reach * p))
    return [part for part in parts if part.contribution != 0.0]


def _part(name: str, value: float, contribution: float) -> Contribution:
    return Contribution(name=name, value=round(value, 6), contribution=round(contribution, 6))


def reach_of(content: ContentNormalised) -> float | None:
    """How far it spreads, 0 to 1 at a million views; None where nothing is known, which is not the same as nobody."""
    counts = content.engagement
    views = counts.views
    # A share or a like stands for people who saw it; the factors only order content whose views are not public.
    stand_ins = [(counts.shares, 50), (counts.likes, 10), (counts.replies, 20), (content.author.followers, 1)]
    known = [count * factor for count, factor in stand_ins if count is not None]
    if views is None and not known:
        return None
    return min(1.0, math.log10(1 + max([views or 0, *known])) / MILLION)


def find_cues(content: ContentNormalised, policy: Policy) -> Mapping[str, str]:
    """Cue lists that the texts touch, each with the first phrase found."""
    found: dict[str, str] = {}
    for text in content.texts:
        for hit in policy.phrases.find(text.normalised):
            found.setdefault(hit.meaning, hit.phrase)
    return found


def threat_to_life(score: Score, cues: Mapping[str, str], policy: Policy) -> ThreatToLife:
    """Intent, capability, specificity, imminence from the score and the cues, and the level their product gives."""
    aimed = max((score.types.get(name, 0.0) for name in AIMED), default=0.0)
    intent = round(min(1.0, aimed * (1.0 if "intent" in cues else 0.8)), 6)
    capability = 1.0 if "weapon" in cues else 0.5
    specificity = 0.4 + 0.2 * sum(name in cues for name in ("victim", "place", "time"))
    imminence = min(1.0, 0.6 * ("time" in cues) + 0.4 * ("place" in cues))
    product = intent * capability * specificity
    levels = policy.threat_to_life
    if product >= levels.high:
        level = ThreatLevel.HIGH_SPECIFIC if imminence > 0 else ThreatLevel.HIGH_UNSPECIFIC
    elif product >= levels.medium:
        level = ThreatLevel.MEDIUM
    else:
        level = ThreatLevel.LOW if product >= levels.low else ThreatLevel.NONE
    return ThreatToLife(
        intent=intent, capability=capability, specificity=round(specificity, 6), imminence=imminence, level=level
    )


def band_of(risk: float, life: ThreatToLife, policy: Policy) -> Band:
    """P1 for a specific threat to life, P2 when imminent, P3 serious, P4 watch, NONE below the watch floor."""
    if risk < policy.floors.watch:
        return Band.NONE
    if life.level is ThreatLevel.HIGH_SPECIFIC and risk >= policy.bands.P3:
        return Band.P1
    if risk >= policy.bands.P2 and life.imminence >= policy.bands.bands_imminence:
        return Band.P2
    return Band.P3 if risk >= policy.bands.P3 else Band.P4


def sentences(parts: tuple[Contribution, ...], cues: Mapping[str, str]) -> tuple[str, ...]:
    """The three weightiest parts as sentences, and every exemption that counted."""
    weighty = [part for part in parts if part.name != "base"]
    top = sorted(weighty, key=lambda part: (-abs(part.contribution), part.name))[:3]
    exempt = [part for part in weighty if part.name.startswith("exemption.") and part.contribution <= -0.1]
    chosen = top + [part for part in exempt if part not in top]
    return tuple(_sentence(part, cues) for part in chosen)


def _sentence(part: Contribution, cues: Mapping[str, str]) -> str:
    name, _, detail = part.name.partition(".")
    direction = "raises" if part.contribution > 0 else "lowers"
    what = {
        "p_violence": f"The text reads as violence with probability {part.value:.0%}",
        "severity": f"It looks like {detail.replace('_', ' ')} ({part.value:.0%})",
        "exemption": f"It looks like {detail.replace('_', ' ')} ({part.value:.0%})",
        "imminence": "It speaks of " + " and ".join(f"{n} ({cues[n]!r})" for n in ("time", "place") if n in cues),
        "gang_related": f"The text shows a conflict between groups ({part.value:.0%})",
        "reach": "It reaches many people" if part.value > 0.5 else "It reaches some people",
    }[name]
    return f"{what}: {direction} the risk by {abs(part.contribution):.2f}."


def logit(p: float) -> float:
    """Log-odds of p, bounded."""
    p = min(HIGHEST, max(LOWEST, p))
    return math.log(p / (1 - p))


def sigmoid(x: float) -> float:
    """Probability of log-odds x."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
