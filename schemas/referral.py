"""The referral: the notice to one platform about one exact URL (TakedownRequested) and where it stands (ReferralState)."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import Fact, Hex, HttpUrl, Moment
from schemas.referral_parts import (
    Addressee,
    GangRelation,
    GoodFaith,
    Issuer,
    LegalBasis,
    Locator,
    NonDisclosure,
    Redress,
    Relations,
    RequestContent,
    RequestReview,
    RequestRisk,
    RequestSpan,
    Subject,
    TermsBasis,
)
from schemas.referral_vocabulary import (
    Automation,
    Category,
    Profile,
    Purpose,
    ReferralStatus,
    RequestedAction,
    RequestKind,
)
from schemas.scoring import ThreatToLife
from schemas.vocabulary import Exemption, Overtness, ViolenceType

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class TakedownRequested(Fact):
    """A takedown request as it leaves; also withdrawals and corrections, under the same root referral id."""

    TOPIC: ClassVar[str] = "takedown.requested.v1"

    referral_id: UUID
    root_referral_id: UUID
    idempotency_key: Sha256
    case_id: UUID
    decision_id: UUID
    content_key: Hex
    content_version: Hex
    kind: RequestKind
    profile: Profile
    issued_at: Moment
    due_at: Moment | None = None
    issuer: Issuer
    addressee: Addressee
    locator: Locator
    content: RequestContent
    category: Category
    keywords: tuple[str, ...] = ()
    violence_types: tuple[ViolenceType, ...]
    overtness: Overtness
    spans: tuple[RequestSpan, ...] = ()
    gang_related: GangRelation
    threat_to_life: ThreatToLife
    legal_basis: tuple[LegalBasis, ...] = ()
    tos_basis: tuple[TermsBasis, ...] = ()
    reasons: Sentence
    facts: Annotated[str, StringConstraints(min_length=1, max_length=5_000)]
    exemptions_considered: tuple[Exemption, ...]
    requested_action: RequestedAction
    territorial_scope: Annotated[tuple[str, ...], Field(min_length=1)]
    necessity_note: Sentence | None = None
    alternatives_rejected: tuple[RequestedAction, ...] = ()
    preserve_months: Annotated[int, Field(ge=0, le=12)] | None = None
    non_disclosure: NonDisclosure = NonDisclosure()
    redress: Redress | None = None
    consequences: Sentence | None = None
    good_faith_statement: GoodFaith
    automated_detection: bool
    automated_decision: Automation
    risk: RequestRisk
    review: RequestReview
    subject: Subject
    relates_to: Relations = Relations()
    retention_until: date
    purpose: Purpose
    test: bool = False


class ReferralState(Fact):
    """Where one referral stands; the topic is compacted, so the last value per root referral id holds."""

    TOPIC: ClassVar[str] = "referral.state.v1"

    root_referral_id: UUID
    referral_id: UUID
    case_id: UUID
    platform: str
    url: HttpUrl
    status: ReferralStatus
    changed_at: Moment
    due_at: Moment | None = None
    outcome_id: str | None = None
    test: bool = False
