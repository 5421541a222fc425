"""What a desk may set for its reviews comes in; why an approval needs a second reviewer goes out. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.vocabulary import Exemption

# Speech about violence that is protected more often than not: one person alone must not send a request about it.
SECOND_REVIEW_EXEMPTIONS = (
    Exemption.ART_OR_LYRICS,
    Exemption.NEWS,
    Exemption.QUOTATION_OR_COUNTER_SPEECH,
    Exemption.GRIEF,
    Exemption.VICTIM_ACCOUNT,
    Exemption.FICTION,
    Exemption.SPORT_OR_GAME,
)
MINOR_SUSPECTED = "minor_suspected"
# Set low: a second look costs minutes, a wrong request somebody's say.
EXEMPTION_HIGH = 0.3


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """What a desk may set; rates are shares in [0, 1]."""

    exemption_high: float = EXEMPTION_HIGH
    p1_minutes: int = 15
    p1_warning_minutes: int = 5
    golden_rate: float = 0.02
    blind_rate: float = 0.05


def highest(scores: Iterable[Mapping[Exemption, float]]) -> Mapping[Exemption, float]:
    """Of each exemption the highest score among several contents: what one of them is, a decision about all of them is about."""
    found: dict[Exemption, float] = {}
    for exemption, score in (pair for each in scores for pair in each.items()):
        found[exemption] = max(score, found.get(exemption, 0.0))
    return found


def second_review_causes(
    exemptions: Mapping[Exemption, float], minor_suspected: bool, rules: ReviewRules
) -> tuple[str, ...]:
    """Why an approval needs a second, different reviewer; empty where one is enough."""
    high = tuple(
        exemption.value
        for exemption in SECOND_REVIEW_EXEMPTIONS
        if exemptions.get(exemption, 0.0) >= rules.exemption_high
    )
    return (*high, MINOR_SUSPECTED) if minor_suspected else high
