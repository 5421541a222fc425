"""A content, its score and its weighed risk come in; the two facts that leave the scorer go out. Pure."""

from datetime import datetime

from schemas.content import ContentNormalised
from schemas.scoring import ContentRanked, ContentScored, Contribution, Digests, ThreatToLife
from schemas.vocabulary import Band, Change, ContentStatus
from services.scorer.content_risk import ContentRisk
from services.scorer.ports import Score
from services.scorer.reasons import sentences

STATUS = {
    Change.CREATED: ContentStatus.NEW,
    Change.EDITED: ContentStatus.EDITED,
    Change.DELETED: ContentStatus.DELETED,
    Change.RECOUNTED: ContentStatus.RECOUNTED,
}


def speaks(content: ContentNormalised) -> bool:
    """Whether there is something to score."""
    return bool(content.texts) and content.change is not Change.DELETED


def scored_fact(
    content: ContentNormalised, score: Score, weighed: ContentRisk, digests: Digests, now: datetime
) -> ContentScored:
    """What every reader may know of the score: no text, no author. Only `scored_at` differs between two runs."""
    return ContentScored(
        content_key=content.content_key,
        content_version=content.content_version,
        observation_id=content.observation_id,
        platform=content.platform,
        instance=content.instance,
        kind=content.kind,
        event_time=content.event_time,
        scored_at=now,
        p_violence=score.p_violence,
        types=dict(score.types),
        exemptions=dict(score.exemptions),
        calibrated=score.calibrated,
        overtness=score.overtness,
        gang_related=score.gang_related,
        language=score.language,
        confidence=score.confidence,
        tier=score.tier,
        degraded=score.degraded,
        signals=score.signals,
        digests=digests,
        content_risk=weighed.risk,
        band=Band.NONE if content.change is Change.DELETED else weighed.band,
        test=content.test,
    )


def ranked_fact(content: ContentNormalised, scored: ContentScored, weighed: ContentRisk) -> ContentRanked:
    """What the desk gets: the content, its score, the parts of its risk and what they mean in words."""
    life = weighed.life
    return ContentRanked(
        content=content,
        scored=scored,
        parts=contributions(weighed),
        reasons=sentences(weighed),
        threat_to_life=ThreatToLife(
            intent=round(life.intent, 6),
            capability=life.capability,
            specificity=round(life.specificity, 6),
            imminence=round(life.imminence, 6),
            level=life.level,
        ),
        status=STATUS[content.change],
    )


def contributions(weighed: ContentRisk) -> tuple[Contribution, ...]:
    """The parts of a content risk as they are told."""
    return tuple(
        Contribution(name=name, value=round(value, 6), contribution=round(contribution, 6))
        for name, value, contribution in weighed.parts
    )


def heard(content: ContentNormalised, weighed: ContentRisk, context_floor: float) -> bool:
    """Whether the desk must hear of it: at or above the context floor, and every edit and deletion, which may change a case."""
    return weighed.risk >= context_floor or content.change in (Change.EDITED, Change.DELETED)
