"""What a request is made from: the approval, the content at one address, the desk that asks, and the chain it stands in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.referral_parts import Issuer, LegalBasis, NonDisclosure, Relations, TermsBasis
from schemas.referral_vocabulary import Automation, Profile, Purpose, RequestedAction, RequestKind, SubjectRole
from schemas.review import ReasonCode
from schemas.scoring import ContentRanked
from schemas.vocabulary import Exemption, Overtness, ViolenceType

MAY_BE_TOLD, ALONE = NonDisclosure(), Relations()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A decision to ask a platform, as it was stored: who decided, when and why, and the words of the notice."""

    decision_id: UUID
    case_id: UUID
    reviewers: tuple[str, ...]
    decided_at: datetime
    reason_code: ReasonCode
    profile: Profile
    kind: RequestKind
    requested_action: RequestedAction
    reasons: str
    facts: str
    good_faith_accepted: bool
    second_review: bool = False
    automation: Automation = Automation.NOT_AUTOMATED
    territorial_scope: tuple[str, ...] = ("all",)
    legal_basis: tuple[LegalBasis, ...] = ()
    tos_basis: tuple[TermsBasis, ...] = ()
    violence_types: tuple[ViolenceType, ...] = ()
    overtness: Overtness | None = None
    exemptions_considered: tuple[Exemption, ...] = ()
    keywords: tuple[str, ...] = ()
    necessity_note: str | None = None
    alternatives_rejected: tuple[RequestedAction, ...] = ()
    preserve_months: int | None = None
    non_disclosure: NonDisclosure = MAY_BE_TOLD
    minor_suspected: bool = False
    subject_role: SubjectRole = SubjectRole.UNKNOWN


@dataclass(frozen=True, slots=True)
class Location:
    """One address with what stood there when the decision fell; a copy is a location of its own with its own content."""

    ranked: ContentRanked
    first_seen_at: datetime
    verified_live_at: datetime | None = None
    reupload_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What is the same in every request of a desk."""

    issuer: Issuer
    author_route: str
    purpose: Purpose = Purpose.PREVENTION_OF_VIOLENCE
    retention_days: int = 400
    excerpt_chars: int = 280
    # DSA Art. 22: the status is awarded, it is nothing that a desk or a person of it chooses.
    trusted_flagger: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a request stands in a chain: the root it belongs under, and which referral it follows. Empty for a first request."""

    root: UUID | None = None
    relates_to: Relations = ALONE


FIRST = Chain()
