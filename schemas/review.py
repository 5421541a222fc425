"""Facts about review, for others to read: a case asks for a person (ReviewRequested), a person decided (ReviewDecided)."""

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import Fact, Hex, HttpUrl, Moment, Part, PlatformName, Probability
from schemas.scoring import ThreatToLife
from schemas.vocabulary import Band

REASON_CODES_VERSION = "1"


# Addresses of one decision: each becomes a request of its own.
MOST_LOCATIONS = 500
# Versions that a decision says were seen: what is before a person's eyes may be more than one decision can name.
MOST_SEEN = 2_000


class CaseState(StrEnum):
    """States of a case."""

    OPEN = "open"
    LEASED = "leased"
    APPROVED = "approved"
    REFUSED = "refused"
    ESCALATED = "escalated"
    DEFERRED = "deferred"
    MOOT = "moot"


class Decision(StrEnum):
    """What a reviewer can say of a case."""

    APPROVE = "approve"
    REFUSE = "refuse"
    ESCALATE = "escalate"
    DEFER = "defer"


class Amendment(StrEnum):
    """What a lead can say of a request that left."""

    WITHDRAW = "withdraw"
    CORRECT = "correct"


class ReasonCode(StrEnum):
    """Why a reviewer decided so: a closed list, versioned by REASON_CODES_VERSION."""

    THREAT_TO_LIFE = "threat_to_life"
    THREAT_OF_VIOLENCE = "threat_of_violence"
    INCITEMENT_TO_VIOLENCE = "incitement_to_violence"
    TAUNT_LIKELY_TO_PROVOKE = "taunt_likely_to_provoke"
    GLORIFIES_VIOLENCE = "glorifies_violence"
    WEAPONS_CONTENT = "weapons_content"
    ATTACK_FOOTAGE = "attack_footage"
    RECRUITMENT_TO_VIOLENCE = "recruitment_to_violence"
    NOT_VIOLENT = "not_violent"
    ART_OR_LYRICS = "art_or_lyrics"
    NEWS = "news"
    QUOTATION_OR_COUNTER_SPEECH = "quotation_or_counter_speech"
    GRIEF = "grief"
    VICTIM_ACCOUNT = "victim_account"
    FICTION = "fiction"
    SPORT_OR_GAME = "sport_or_game"
    FIGURE_OF_SPEECH = "figure_of_speech"
    EDUCATION = "education"
    WRONG_PERSON_OR_PLACE = "wrong_person_or_place"
    NEEDS_SENIOR = "needs_senior"
    NEEDS_MORE_CONTEXT = "needs_more_context"
    ALREADY_GONE = "already_gone"
    ISSUED_IN_ERROR = "issued_in_error"


class Opening(StrEnum):
    """What brought the case before a person."""

    NEW = "new"
    EDITED = "edited"
    REUPLOADED = "reuploaded"
    REINSTATED = "reinstated"
    APPEALED = "appealed"
    RETURNED = "returned"


class ReviewRequested(Fact):
    """A case waits for a person."""

    TOPIC: ClassVar[str] = "review.requested.v1"

    case_id: UUID
    content_key: Hex
    content_version: Hex
    platform: PlatformName
    opening: Opening
    band: Band
    risk: Probability
    reasons: tuple[str, ...]
    threat_to_life: ThreatToLife
    requested_at: Moment
    test: bool = False


class ApprovedLocation(Part):
    """One address for which a request leaves under a decision."""

    content_key: Hex
    url: HttpUrl


class ReviewDecided(Fact):
    """A named person decided, of a case or of a request that left; `reviewer` is a pseudonym."""

    TOPIC: ClassVar[str] = "review.decided.v1"

    decision_id: UUID
    case_id: UUID
    content_key: Hex
    content_version: Hex
    decision: Decision | Amendment
    reason_code: ReasonCode
    reason_codes_version: str = REASON_CODES_VERSION
    reviewer: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    decided_at: Moment
    case_state: CaseState
    awaits_second_review: bool = False
    locations: Annotated[tuple[ApprovedLocation, ...], Field(max_length=MOST_LOCATIONS)] = ()
    test: bool = False
