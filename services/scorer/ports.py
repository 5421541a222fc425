"""What the scorer asks of others, in its own words: a classifier of contents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.content import NormalisedText
from schemas.scoring import GangRelated, Signal
from schemas.vocabulary import Exemption, Overtness, Tier, ViolenceType


@dataclass(frozen=True, slots=True)
class Content:
    """What a classifier may see of one observation: its texts as written and normalised, nothing about the author."""

    texts: tuple[NormalisedText, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a classifier says of one content; every probability in [0, 1], never NaN."""

    p_violence: float
    types: Mapping[ViolenceType, float]
    exemptions: Mapping[Exemption, float]
    calibrated: bool
    overtness: Overtness
    gang_related: GangRelated
    language: str | None
    confidence: float
    tier: Tier
    degraded: bool
    signals: tuple[Signal, ...]


# What has no words, or is gone, says nothing; the model is not asked.
SILENT = Score(
    p_violence=0.0,
    types={},
    exemptions={Exemption.NONE: 1.0},
    calibrated=True,
    overtness=Overtness.NONE,
    gang_related=GangRelated(p=0.0),
    language=None,
    confidence=1.0,
    tier=Tier.LINEAR,
    degraded=False,
    signals=(),
)


@dataclass(frozen=True, slots=True)
class ClassifierDigests:
    """Identity of the files that decide a score: first 16 hex digits of their SHA-256."""

    model: str
    lexicon: str
    calibration: str


class Classifier(Protocol):
    """Scores contents: one Score per content, in order; same content and digests, same Score unless `degraded`.

    Blocking: callers run it in a thread. Whoever makes one is told by Fatal when its files are not what they should be.
    """

    @property
    def digests(self) -> ClassifierDigests:
        """What decides the scores."""
        ...

    def score(self, contents: Sequence[Content]) -> list[Score]:
        """Score a batch; a content's score does not depend on its neighbours."""
        ...
