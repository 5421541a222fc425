"""Content risk: a score and one observation come in; a risk, its named parts in log-odds, a band and sentences go out. Pure."""

import math
from operator import itemgetter
from typing import NamedTuple

from schemas.content import ContentNormalised
from schemas.vocabulary import Band, Change, ThreatLevel
from services.scorer.cues import NOTHING, Found, find_cues
from services.scorer.policy import Policy
from services.scorer.ports import Score
from services.scorer.threat_to_life import NO_THREAT, Life, aimed_probability, threat_to_life

# A probability outside would make one part outweigh all others put together.
LOWEST, HIGHEST = 0.001, 0.999
MILLION = 6.0
# What is as likely violent as not is looked into whatever speaks for it: it rarely stays below the context floor.
LOOKED_INTO = 0.5
# Edits and deletions are told to the desk whatever their risk, so their parts are always needed.
ALWAYS_TOLD = (Change.EDITED, Change.DELETED)
HELD = "held_below_watch"
# Python 3.11 calls a function of Python whenever an enum is asked for a member by its name; these are needed for every item.
NO_BAND, P1, P2, P3, P4 = Band.NONE, Band.P1, Band.P2, Band.P3, Band.P4
HIGH_SPECIFIC = ThreatLevel.HIGH_SPECIFIC

# One part of a content risk: its name, the value it comes from, and what it adds in log-odds. A plain tuple, as each content has two
# dozen, and making a named one takes as long as weighing it.
Part = tuple[str, float, float]
_contribution = itemgetter(2)


class ContentRisk(NamedTuple):
    """The content risk of one observation with everything that led to it; below the context floor only the number."""

    risk: float
    band: Band
    parts: tuple[Part, ...] = ()
    life: Life = NO_THREAT
    cues: Found = NOTHING


def content_risk(content: ContentNormalised, score: Score, policy: Policy) -> ContentRisk:
    """Weigh one observation. The parts add up to the logit of the risk; no harmful part that rises can lower it."""
    aimed = aimed_probability(score)
    kept = 1.0 - policy.exempt.released * aimed
    reads = policy.violence.weight * logit(score.p_violence)
    if score.p_violence < LOOKED_INTO and content.change not in ALWAYS_TOLD:
        # Most posts are harmless: what could not reach the context floor with every cue in it is not searched for any.
        said = _said(score, reads, kept, policy)
        if said + policy.ceiling * score.p_violence < policy.context_logit:
            return ContentRisk(sigmoid(said), NO_BAND)
    cues = find_cues(content, policy)
    life = threat_to_life(score, aimed, cues, policy)
    parts = _score_parts(score, reads, kept, policy)
    parts += _circumstances(content, score, life, policy)
    total = math.fsum(map(_contribution, parts))
    held = _held(score, aimed, total, policy)
    if held is not None:
        parts.append(held)
        total = math.fsum(map(_contribution, parts))
    risk = sigmoid(total)
    return ContentRisk(risk, band_of(risk, life, policy), tuple(parts), life, cues)


def with_parts(weighed: ContentRisk, score: Score, policy: Policy) -> ContentRisk:
    """The same with its parts, also below the context floor, where the score alone makes the number."""
    if weighed.parts:
        return weighed
    kept = 1.0 - policy.exempt.released * aimed_probability(score)
    reads = policy.violence.weight * logit(score.p_violence)
    return weighed._replace(parts=tuple(_score_parts(score, reads, kept, policy)))


def _said(score: Score, reads: float, kept: float, policy: Policy) -> float:
    """The sum of `_score_parts` without the parts, for the many items that need no more."""
    total = policy.violence.bias + reads
    types, exemptions = policy.type_parts, policy.exemption_parts
    for name, value in score.types.items():
        _, weight = types[name]
        total += weight * value
    taken = 0.0
    for exempt, value in score.exemptions.items():
        _, weight = exemptions[exempt]
        taken += weight * value
    return total - taken * kept


def _score_parts(score: Score, reads: float, kept: float, policy: Policy) -> list[Part]:
    """What the score alone says: how the text `reads` as a whole, the likely types, the exemptions; a threat leaves `kept` of those."""
    types, exemptions = policy.type_parts, policy.exemption_parts
    parts = [("base", 1.0, policy.violence.bias), ("p_violence", score.p_violence, reads)]
    add = parts.append
    for name, value in score.types.items():
        part, weight = types[name]
        if added := weight * value:
            add((part, value, added))
    for exempt, value in score.exemptions.items():
        part, weight = exemptions[exempt]
        if taken := weight * value:
            add((part, value, -taken * kept))
    return parts


def _circumstances(content: ContentNormalised, score: Score, life: Life, policy: Policy) -> list[Part]:
    """What time, place, a threat to life, the conflict of groups and reach add to a text that may be violent."""
    p, weights = score.p_violence, policy.context
    threat, gang, reach = life.product, score.gang_related.p, reach_of(content)
    parts = [
        ("imminence", life.imminence, weights.imminence * life.imminence * p),
        ("threat_to_life", threat, weights.threat_to_life * threat),
        ("gang_related", gang, weights.gang * gang * p),
    ]
    if reach is not None:
        parts.append(("reach", reach, weights.reach * reach * p))
    return list(filter(_contribution, parts))


def _held(score: Score, aimed: float, total: float, policy: Policy) -> Part | None:
    """What keeps grief, news, music or a victim's account alone just below the watch floor; None for anything else."""
    exempt, exemptions = policy.exempt, score.exemptions
    over = total - policy.held_logit
    if over <= 0 or score.p_violence > exempt.p_violence or aimed >= exempt.types:
        return None
    likeliest = max(exempt.held, key=lambda name: (exemptions.get(name, 0.0), name.value), default=None)
    if likeliest is None or exemptions.get(likeliest, 0.0) < exempt.probability:
        return None
    return f"{HELD}.{likeliest}", exemptions[likeliest], -over


def reach_of(content: ContentNormalised) -> float | None:
    """How far it spreads, 0 to 1 at a million views; None where nothing is known, which is not the same as nobody."""
    counts = content.engagement
    # A share or a like stands for people who saw it; the factors only order content whose views are not public.
    views, shares, likes, replies = counts.views, counts.shares, counts.likes, counts.replies
    followers = content.author.followers
    if views is shares is likes is replies is followers is None:
        return None
    seen = max(views or 0, 50 * (shares or 0), 10 * (likes or 0), 20 * (replies or 0), followers or 0)
    return min(1.0, math.log10(1 + seen) / MILLION)


def band_of(risk: float, life: Life, policy: Policy) -> Band:
    """P1 for a specific threat to life, P2 when imminent, P3 serious, P4 watch, NONE below the watch floor."""
    if risk < policy.floors.watch:
        return NO_BAND
    bands = policy.bands
    if life.level is HIGH_SPECIFIC and risk >= bands.P3:
        return P1
    if risk >= bands.P2 and life.imminence >= bands.bands_imminence:
        return P2
    return P3 if risk >= bands.P3 else P4


def logit(p: float) -> float:
    """Log-odds of p, bounded."""
    p = LOWEST if p < LOWEST else HIGHEST if p > HIGHEST else p
    return math.log(p / (1 - p))


def sigmoid(x: float) -> float:
    """Probability of log-odds x."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
