"""What the desk's HTTP interface takes and answers: the queue, a case, a lease, a decision, an outcome, and whose token it is."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StringConstraints

from schemas.base import WITHOUT_NUL, Hex, HttpUrl, Moment, Part, PlatformName, Probability
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import Profile, ReferralStatus, RequestedAction, RequestKind, SubjectRole
from schemas.review import MOST_LOCATIONS, MOST_SEEN, Amendment, CaseState, Decision, Opening, ReasonCode
from schemas.scoring import ContentRanked, Contribution
from schemas.vocabulary import Band, Exemption, ViolenceType

Pseudonym = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
Note = Annotated[str, StringConstraints(max_length=2_000, pattern=WITHOUT_NUL)]
Reasons = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=WITHOUT_NUL)]
Facts = Annotated[str, StringConstraints(min_length=1, max_length=5_000, pattern=WITHOUT_NUL)]


class CaseSummary(Part):
    """One case as it stands in the queue; `revision` grows with every change."""

    case_id: UUID
    state: CaseState
    opening: Opening
    band: Band
    risk: Probability
    platform: PlatformName
    content_key: Hex
    content_version: Hex
    event_time: Moment
    first_seen_at: Moment
    waiting_since: Moment
    opened_at: Moment
    changed_at: Moment
    lease_holder: str | None = None
    lease_until: Moment | None = None
    decided_at: Moment | None = None
    revision: int
    test: bool = False


class CasePage(Part):
    """A page of the queue, most urgent first; `next` is the cursor of the page after it, absent on the last."""

    cases: tuple[CaseSummary, ...]
    next: str | None = None


class CaseLocation(Part):
    """One address at which the content was seen."""

    content_key: Hex
    platform: PlatformName
    url: HttpUrl | None = None
    content_version: Hex
    live: bool
    first_seen_at: Moment


class CaseDecision(Part):
    """What one person decided; `counts` says that it belongs to the present round."""

    decision_id: UUID
    decision: Decision | Amendment
    reason_code: ReasonCode
    note: str
    reviewer: str
    role: str
    content_version: Hex
    decided_at: Moment
    case_state: CaseState
    awaits_second_review: bool
    counts: bool


class CaseReferral(Part):
    """One request of the case and where it stands."""

    referral_id: UUID
    root_referral_id: UUID
    decision_id: UUID
    content_key: Hex
    platform: str
    url: HttpUrl
    kind: RequestKind
    status: ReferralStatus
    issued_at: Moment
    changed_at: Moment
    due_at: Moment | None = None
    outcome_id: str | None = None


class FieldFault(Part):
    """A field of a notice that does not fulfil a rule."""

    field: str
    rule: str


class Draft(Part):
    """The notice for one address as it would leave if the case were approved now, or what it lacks."""

    content_key: Hex
    request: TakedownRequested | None = None
    faults: tuple[FieldFault, ...] = ()


class CaseFile(Part):
    """Everything about one case; to look at it is recorded. With `changed` since the last look.

    `parts` are those of its riskiest copy, which need not be the `content` that it shows; with what `context` adds they make its risk.
    `cautions` say whose requests were refused or put back too often of late: nothing proposes by itself on their word.
    """

    case: CaseSummary
    content: ContentRanked
    locations: tuple[CaseLocation, ...]
    decisions: tuple[CaseDecision, ...]
    referrals: tuple[CaseReferral, ...]
    drafts: tuple[Draft, ...]
    second_review_for: tuple[str, ...] = ()
    parts: tuple[Contribution, ...] = ()
    context: tuple[Contribution, ...] = ()
    reasons: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


class NoticeAsked(Part):
    """What the reviewer wants the notice to say; what is left out is drafted from the score, the directory and the reason code."""

    profile: Profile | None = None
    kind: RequestKind | None = None
    requested_action: RequestedAction = RequestedAction.REMOVED
    reasons: Reasons | None = None
    facts: Facts | None = None
    grounds: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    violence_types: tuple[ViolenceType, ...] = ()
    exemptions_considered: tuple[Exemption, ...] = ()
    necessity_note: Note | None = None
    alternatives_rejected: tuple[RequestedAction, ...] = ()
    preserve_months: Annotated[int, Field(ge=0, le=12, strict=True)] | None = None
    minor_suspected: StrictBool = False
    subject_role: SubjectRole = SubjectRole.UNKNOWN


class DecisionAsked(Part):
    """A person's decision on the version that the person saw; approving names the addresses, by default all that are live.

    `seen` are the `content_version`s of the case's `locations` as they were shown, by default what the person looked at last: nothing
    else leaves, what is named and was not seen is refused, and the case comes again for what was left out because nobody had seen it.

    `good_faith` is the person's word that the notice is accurate and complete; no approval stands without it, and nothing but a
    plain `true` is that word.
    """

    decision: Decision
    reason_code: ReasonCode
    content_version: Hex
    note: Note = ""
    locations: Annotated[tuple[Hex, ...], Field(max_length=MOST_LOCATIONS)] | None = None
    seen: Annotated[tuple[Hex, ...], Field(max_length=MOST_SEEN)] | None = None
    good_faith: StrictBool = False
    notice: NoticeAsked = NoticeAsked()


class Drafts(Part):
    """The notices as they would leave, one per address; nothing is stored."""

    drafts: tuple[Draft, ...]


class WithdrawalAsked(Part):
    """A lead takes a request back; `reasons` leave, `note` stays."""

    reason_code: ReasonCode
    reasons: Reasons | None = None
    note: Note = ""


class CorrectionAsked(Part):
    """What the corrected notice shall say; what is left out stays as it was. `good_faith` as with an approval."""

    reason_code: ReasonCode
    note: Note = ""
    good_faith: StrictBool = False
    notice: NoticeAsked = NoticeAsked()


class ReferralFile(Part):
    """One request with its bytes' content, the other records of its chain, and what a lead may do with it now."""

    referral: CaseReferral
    request: TakedownRequested
    chain: tuple[CaseReferral, ...]
    may: tuple[Amendment, ...] = ()


class AmendmentAnswer(Part):
    """The request that was taken back or corrected, and the new record that leaves under the same root."""

    decision_id: UUID
    earlier: CaseReferral
    record: CaseReferral


class DecisionAnswer(Part):
    """What became of the case, and the requests that leave."""

    decision_id: UUID
    case: CaseSummary
    awaits_second_review: bool
    referrals: tuple[CaseReferral, ...] = ()


class HandOverAsked(Part):
    """Who shall have the lease."""

    to: Pseudonym


class OutcomeAnswer(Part):
    """Where the referral stands; `fresh` is false for a report that was taken in before."""

    root_referral_id: UUID
    referral_id: UUID
    status: ReferralStatus
    fresh: bool


class DeskWhoAmI(Part):
    """Whose token it is: a person with a role and what it may do, or a platform's connector."""

    name: str
    role: str
    actions: tuple[str, ...] = ()
    platform: PlatformName | None = None
