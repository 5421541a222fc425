"""The referral: the notice to one platform about one exact URL (TakedownRequested) and where it stands (ReferralState)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import Country, Fact, Hex, HostName, HttpUrl, LanguageTag, Moment, Part, PlatformId, Probability
from schemas.review import ReasonCode
from schemas.scoring import Contribution, ThreatToLife
from schemas.vocabulary import Band, Exemption, Overtness, TextRole, ViolenceType

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
GOOD_FAITH_STATEMENT = (
    "The issuing authority believes in good faith that the information and allegations in this notice "
    "are accurate and complete."
)


class RequestKind(StrEnum):
    """What sort of notice leaves."""

    REFERRAL = "referral"
    ART16_NOTICE = "art16_notice"
    TRUSTED_FLAGGER_NOTICE = "trusted_flagger_notice"
    REMOVAL_ORDER = "removal_order"
    CONTENT_REMOVAL_NOTICE = "content_removal_notice"
    WITHDRAWAL = "withdrawal"
    CORRECTION = "correction"


class Profile(StrEnum):
    """Under which rules the notice is written; each has required fields of its own."""

    VOLUNTARY_REFERRAL = "voluntary_referral"
    DSA_ART16 = "dsa_art16"
    TCO_ANNEX1 = "tco_annex1"
    UK_CPA2026_S21 = "uk_cpa2026_s21"


class ContentType(StrEnum):
    """Content types of the DSA statement of reasons."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    SYNTHETIC_MEDIA = "synthetic_media"
    OTHER = "other"


class HashAlgorithm(StrEnum):
    """Hashes that a platform can match."""

    SHA256 = "sha256"
    PDQ = "pdq"
    VPDQ = "vpdq"
    TLSH = "tlsh"
    MD5 = "md5"


class Category(StrEnum):
    """Categories of the DSA statement of reasons that this desk uses."""

    VIOLENCE = "violence"
    ILLEGAL_OR_HARMFUL_SPEECH = "illegal_or_harmful_speech"
    RISK_FOR_PUBLIC_SECURITY = "risk_for_public_security"
    CYBER_VIOLENCE = "cyber_violence"
    PROTECTION_OF_MINORS = "protection_of_minors"


class RequestedAction(StrEnum):
    """What is asked of the platform."""

    REMOVED = "removed"
    DISABLED = "disabled"
    DEMOTED = "demoted"
    AGE_RESTRICTED = "age_restricted"
    LABELLED = "labelled"
    REVIEW_ONLY = "review_only"
    PRESERVE_ONLY = "preserve_only"


class SubjectRole(StrEnum):
    """How the poster seems to stand to the violence."""

    OFFENDER_SUSPECTED = "offender_suspected"
    VICTIM = "victim"
    BYSTANDER = "bystander"
    MEDIA = "media"
    UNKNOWN = "unknown"


class Automation(StrEnum):
    """How much of a decision a machine took."""

    FULLY = "fully"
    PARTIALLY = "partially"
    NOT_AUTOMATED = "not_automated"


class Purpose(StrEnum):
    """Why personal data are processed for this notice."""

    PREVENTION_OF_VIOLENCE = "prevention_of_violence"
    DETECTION_OF_CRIME = "detection_of_crime"


class Issuer(Part):
    """The authority that asks."""

    authority: str
    unit: str
    jurisdiction: Country
    contact_name: str
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)] | None = None
    phone: str | None = None


class Addressee(Part):
    """The platform's contact point, from the platform directory."""

    provider: str
    contact_point: str
    language: LanguageTag
    channel: str


class LocatorExtra(Part):
    """What helps the platform to find the content; no handle, no raw author id."""

    content_id: PlatformId | None = None
    instance: HostName | None = None
    media_time_s: Annotated[float, Field(ge=0)] | None = None


class Locator(Part):
    """Exactly one address."""

    url: HttpUrl
    extra: LocatorExtra = LocatorExtra()


class ContentHash(Part):
    """A hash of the content."""

    algo: HashAlgorithm
    value: str


class RequestContent(Part):
    """What the content is."""

    types: Annotated[tuple[ContentType, ...], Field(min_length=1)]
    language: LanguageTag | None = None
    posted_at: Moment
    first_seen_at: Moment
    verified_live_at: Moment | None = None
    hashes: Annotated[tuple[ContentHash, ...], Field(min_length=1)]
    excerpt: Annotated[str, StringConstraints(max_length=500)] = ""


class RequestSpan(Part):
    """A span of the original text that carried the decision."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    term: str
    gloss: str | None = None
    lexicon_version: str
    role: TextRole | None = None


class GangRelation(Part):
    """Whether the content belongs to a conflict of street groups, and the evidence in the text."""

    related: bool
    evidence: tuple[str, ...] = ()


class LegalBasis(Part):
    """A statute that the notice names."""

    statute: str
    provision: str
    jurisdiction: Country
    priority_offence: bool = False


class TermsBasis(Part):
    """A platform's own rule that the notice names."""

    provider: str
    rule: str
    url: HttpUrl


class NonDisclosure(Part):
    """Whether the poster may be told."""

    flag: bool = False
    reason: str | None = None
    until: Moment | None = None


class Redress(Part):
    """Ways to object."""

    provider_route: str
    author_route: str


class GoodFaith(Part):
    """The fixed statement and that it was accepted."""

    text: str = GOOD_FAITH_STATEMENT
    accepted: bool


class RequestRisk(Part):
    """The machine's part, so that it can be checked."""

    score: Probability
    calibrated_p: Probability
    band: Band
    components: tuple[Contribution, ...]
    model_digest: str
    policy_version: str
    lexicon_version: str


class RequestReview(Part):
    """The people's part: pseudonyms, time and reason."""

    reviewers: Annotated[tuple[str, ...], Field(min_length=1)]
    decided_at: Moment
    reason_code: ReasonCode
    second_review: bool = False


class Subject(Part):
    """The poster, as far as the notice may say."""

    author_key: str | None = None
    minor_suspected: bool = False
    role: SubjectRole = SubjectRole.UNKNOWN


class Relations(Part):
    """Other referrals that this one follows."""

    supersedes: UUID | None = None
    reupload_of: UUID | None = None
    withdraws: UUID | None = None


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


class ReferralStatus(StrEnum):
    """States of a referral."""

    ISSUED = "issued"
    RECEIVED = "received"
    PROCESSING = "processing"
    ACTIONED = "actioned"
    REFUSED_BY_PLATFORM = "refused_by_platform"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"
    REINSTATED = "reinstated"


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
