"""TakedownOutcome: what a platform, or a later check, says became of a request."""

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from schemas.base import Fact, HttpUrl, Moment, Part, PlatformName


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text holds no NUL character")
    return text


# PostgreSQL keeps no NUL in a text. A pattern would say so too, and the released contract cannot gain one.
WithoutNul = AfterValidator(_without_nul)
Words = Annotated[str, StringConstraints(max_length=2_000), WithoutNul]


class OutcomeStatus(StrEnum):
    """How far the platform is."""

    QUEUED = "queued"
    RECEIVED = "received"
    PROCESSING = "processing"
    COMPLETED = "completed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class OutcomeAction(StrEnum):
    """What the platform did."""

    REMOVED = "removed"
    ACCESS_DISABLED_ALL = "access_disabled_all"
    ACCESS_DISABLED_SCOPE = "access_disabled_scope"
    DEMOTED = "demoted"
    AGE_RESTRICTED = "age_restricted"
    LABELLED = "labelled"
    ACCOUNT_SUSPENDED = "account_suspended"
    NO_ACTION = "no_action"
    ALREADY_REMOVED = "already_removed"
    NOT_FOUND = "not_found"
    PARTIAL = "partial"


class RefusedReason(StrEnum):
    """Why the platform did nothing."""

    NOT_ILLEGAL = "not_illegal"
    NOT_TOS = "not_tos"
    CONTEXT_EXEMPT = "context_exempt"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    WRONG_PROVIDER = "wrong_provider"
    DUPLICATE = "duplicate"


class GroundKind(StrEnum):
    """Whether law or the platform's own terms carried the platform's decision."""

    ILLEGAL_CONTENT = "illegal_content"
    INCOMPATIBLE_CONTENT = "incompatible_content"


class Appeal(StrEnum):
    """Where an appeal of the poster stands."""

    NONE = "none"
    FILED = "filed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class UrlStatus(StrEnum):
    """What somebody saw at the address."""

    ACTIVE = "active"
    UNAVAILABLE = "unavailable"
    REMOVED_BY_USER = "removed_by_user"
    REMOVED_BY_MODERATOR = "removed_by_moderator"
    UNKNOWN = "unknown"


class Usefulness(StrEnum):
    """The platform's judgement of the request."""

    TRUE_POSITIVE = "true_positive"
    FALSE_POSITIVE = "false_positive"
    DISPUTED = "disputed"


class DecisionGround(Part):
    """The ground that the platform names."""

    kind: GroundKind
    text: Words | None = None
    url: Annotated[HttpUrl, WithoutNul] | None = None


class TakedownOutcome(Fact):
    """One report about one request; `outcome_id` is the reporter's own and makes repeats harmless. No text holds a NUL character."""

    TOPIC: ClassVar[str] = "takedown.outcome.v1"

    outcome_id: Annotated[str, StringConstraints(min_length=1, max_length=200), WithoutNul]
    referral_id: UUID
    root_referral_id: UUID
    platform: PlatformName
    status: OutcomeStatus
    outcome: OutcomeAction | None = None
    acted_at: Moment | None = None
    reported_at: Moment
    decision_ground: DecisionGround | None = None
    refused_reason: RefusedReason | None = None
    unable_reason: Words | None = None
    appeal: Appeal = Appeal.NONE
    reinstated_at: Moment | None = None
    observed_url_status: UrlStatus = UrlStatus.UNKNOWN
    usefulness: Usefulness | None = None
