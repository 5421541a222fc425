"""A decision with its words, and content at one address, come in; the notice as it would leave, or its faults, goes out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.desk import NoticeAsked
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import RequestKind
from schemas.review import ReasonCode
from schemas.scoring import ContentRanked
from services.referrer import request_inputs
from services.referrer.case_file import File
from services.referrer.choices import Choice, choices, ground_faults
from services.referrer.declined import Declined, Why
from services.referrer.description import scored_types
from services.referrer.directory import Directory
from services.referrer.notices import TYPES, Decided, approval
from services.referrer.records import Location, Referral
from services.referrer.request_inputs import FIRST, Chain
from services.referrer.request_successors import correct, renew
from services.referrer.requests import Unfit, build_request
from services.runtime.codec import decode

# What a correction takes over from the request, where it is not asked otherwise.
KEPT = (
    "profile", "requested_action", "reasons", "facts", "violence_types", "exemptions_considered", "necessity_note",
    "alternatives_rejected", "preserve_months",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drafted:
    """The request for one location, or why there can be none."""

    location: Location
    built: TakedownRequested | Unfit


class Drafting:
    """Writes notices in the name of one desk."""

    def __init__(self, directory: Directory, identity: request_inputs.Desk) -> None:
        self._directory = directory
        self._identity = identity

    @property
    def _jurisdiction(self) -> str:
        return self._identity.issuer.jurisdiction

    def choices(self, platform: str) -> tuple[Choice, ...]:
        """Which notices and grounds a person may choose for a platform."""
        return choices(self._directory.platform(platform), self._directory, self._jurisdiction)

    def draft(self, by: Decided, asked: NoticeAsked, file: File, location: Location, ranked: ContentRanked) -> Drafted:
        """The request for one address of a case."""
        wanted = approval(by, asked, ranked, self._directory, self._jurisdiction)
        faults = ground_faults(asked.grounds, wanted.profile, self._directory, self._jurisdiction)
        if faults:
            return Drafted(location, Unfit(faults))
        place = request_inputs.Location(ranked, location.first_seen_at)
        platform = self._directory.platform(location.platform)
        chain = _chain(file.referrals, location)
        return Drafted(location, build_request(wanted, place, platform, self._identity, by.decided_at, chain))

    def corrected(
        self, by: Decided, asked: NoticeAsked, request: TakedownRequested, ranked: ContentRanked, platform: str
    ) -> TakedownRequested | Unfit:
        """The record that stands in the place of a request: about the same content, and as it was but for what is asked."""
        asked = _as_it_was(asked, request, by.reason_code)
        profile = asked.profile or request.profile
        faults = ground_faults(asked.grounds, profile, self._directory, self._jurisdiction)
        if faults:
            return Unfit(faults)
        wanted = approval(by, asked, ranked, self._directory, self._jurisdiction)
        if "grounds" not in asked.model_fields_set and profile is request.profile:
            wanted = replace(wanted, legal_basis=request.legal_basis)
        place = request_inputs.Location(
            ranked, request.content.first_seen_at, request.content.verified_live_at, request.relates_to.reupload_of
        )
        entry = self._directory.platform(platform)
        return correct(
            request, replace(wanted, kind=RequestKind.CORRECTION), place, entry, self._identity, by.decided_at
        )


def _as_it_was(asked: NoticeAsked, request: TakedownRequested, code: ReasonCode) -> NoticeAsked:
    """What is asked, completed by what the request said; another reason code brings its own words."""
    kept = {name: getattr(request, name) for name in KEPT if name not in asked.model_fields_set}
    kept |= {
        name: value
        for name, value in (
            ("minor_suspected", request.subject.minor_suspected),
            ("subject_role", request.subject.role),
        )
        if name not in asked.model_fields_set
    }
    if code is not request.review.reason_code:
        kept.pop("reasons", None)
    return asked.model_copy(update=kept)


def cannot_leave(built: Unfit) -> Declined:
    """What a person is told of a notice that lacks something; the first fault stands in the sentence."""
    faults = tuple(str(fault) for fault in built.faults)
    return Declined(Why.INVALID, "notice_unfit", f"The notice cannot leave: {faults[0]}", faults)


def first_words(ranked: ContentRanked) -> ReasonCode:
    """The reason code that a draft is shown with: that of the gravest type scored, until a person chooses."""
    types = scored_types(ranked)
    return next((code for code, named in TYPES.items() if set(named) & set(types)), ReasonCode.THREAT_OF_VIOLENCE)


def _chain(referrals: Sequence[Referral], location: Location) -> Chain:
    """A new request about content that the platform was asked about before stands under the same root and names the last one."""
    before = [each for each in referrals if each.content_key == location.content_key]
    return renew(decode(TakedownRequested, before[-1].body)) if before else FIRST
