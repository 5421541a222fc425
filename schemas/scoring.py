"""What the scorer says: ContentScored about every item (no text, no author), ContentRanked about what the desk must hear of."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.base import Fact, Finite, Hex, HostName, LanguageTag, Moment, Part, PlatformName, Probability
from schemas.content import ContentNormalised
from schemas.vocabulary import (
    Band,
    ContentStatus,
    Exemption,
    Kind,
    Overtness,
    SignalKind,
    TextRole,
    ThreatLevel,
    Tier,
    ViolenceType,
)


class Signal(Part):
    """One reason for a score; a span counts characters of the ORIGINAL text number `text` of the content, end exclusive.

    `weight`: of a coded term its strength in the lexicon, from 0 to 1; of influential words, how far the log-odds of what decided fall
    without them; of the strongest window, its log-odds by itself. A strongest window without a span is the words of text `text`
    without what stands between them; without `text` too, the beginnings of all texts together.
    """

    kind: SignalKind
    text: Annotated[int, Field(ge=0)] | None = None
    role: TextRole | None = None
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None
    term: str | None = None
    gloss: str | None = None
    weight: Finite = 0.0


class GangRelated(Part):
    """Evidence IN THE TEXT of conflict between street groups; it labels and routes, never from dialect, place or music."""

    p: Probability
    signals: tuple[str, ...] = ()


class Digests(Part):
    """SHA-256 (first 16 hex digits) of everything that decided the result; same content and digests, same bytes."""

    model: str
    lexicon: str
    calibration: str
    policy: str


class ContentScored(Fact):
    """The score and content risk of one observation; it knows only this content."""

    TOPIC: ClassVar[str] = "content.scored.v1"

    content_key: Hex
    content_version: Hex
    observation_id: Hex
    platform: PlatformName
    instance: HostName | None = None
    kind: Kind | None = None
    event_time: Moment
    scored_at: Moment
    p_violence: Probability
    types: dict[ViolenceType, Probability]
    exemptions: dict[Exemption, Probability]
    calibrated: Annotated[
        bool,
        Field(
            description="Whether types and exemptions are calibrated, or rankings only; p_violence is calibrated either way, "
            "except from the lexicon alone (tier `lexicon`)."
        ),
    ]
    overtness: Overtness
    gang_related: GangRelated
    language: LanguageTag | None = None
    confidence: Probability
    tier: Tier
    degraded: bool = False
    signals: tuple[Signal, ...] = ()
    digests: Digests
    content_risk: Probability
    band: Band
    test: bool = False


class Contribution(Part):
    """One named part of a risk, in log-odds; the parts of one risk add up to its logit."""

    name: str
    value: Finite
    contribution: Finite


class ThreatToLife(Part):
    """Intent, capability, specificity and imminence of a threat to life, and the level they give."""

    intent: Probability
    capability: Probability
    specificity: Probability
    imminence: Probability
    level: ThreatLevel


class ContentRanked(Fact):
    """One observation with its content risk and its parts: all content at or above the context floor, every edit and deletion."""

    TOPIC: ClassVar[str] = "content.ranked.v1"

    content: ContentNormalised
    scored: ContentScored
    parts: tuple[Contribution, ...]
    reasons: tuple[str, ...]
    threat_to_life: ThreatToLife
    status: ContentStatus
