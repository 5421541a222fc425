"""A decision and the directory come in; the approval with every word of its notice, drafted where nobody wrote it, goes out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from schemas.desk import NoticeAsked
from schemas.referral_parts import LegalBasis, TermsBasis
from schemas.referral_vocabulary import Profile, RequestedAction, RequestKind
from schemas.review import ReasonCode
from schemas.scoring import ContentRanked
from schemas.vocabulary import ViolenceType
from services.referrer.choices import own_grounds
from services.referrer.description import mask_handles, scored_types
from services.referrer.directory import Directory
from services.referrer.profile_rules import TAKES_AWAY
from services.referrer.request_inputs import Approval

KINDS = MappingProxyType(
    {
        Profile.VOLUNTARY_REFERRAL: RequestKind.REFERRAL,
        Profile.DSA_ART16: RequestKind.ART16_NOTICE,
        Profile.TCO_ANNEX1: RequestKind.REMOVAL_ORDER,
        Profile.UK_CPA2026_S21: RequestKind.CONTENT_REMOVAL_NOTICE,
    }
)
WORDS = MappingProxyType(
    {
        ReasonCode.THREAT_TO_LIFE: "The content threatens a person's life.",
        ReasonCode.THREAT_OF_VIOLENCE: "The content threatens violence.",
        ReasonCode.INCITEMENT_TO_VIOLENCE: "The content calls on others to use violence.",
        ReasonCode.TAUNT_LIKELY_TO_PROVOKE: "The content taunts a rival in a way that is likely to provoke violence.",
        ReasonCode.GLORIFIES_VIOLENCE: "The content praises an act of serious violence or those who did it.",
        ReasonCode.WEAPONS_CONTENT: "The content shows or offers weapons in connection with violence.",
        ReasonCode.ATTACK_FOOTAGE: "The content shows an attack in order to intimidate or to praise it.",
        ReasonCode.RECRUITMENT_TO_VIOLENCE: "The content recruits people for violence.",
    }
)
TYPES = MappingProxyType(
    {
        ReasonCode.THREAT_TO_LIFE: (ViolenceType.DIRECT_THREAT,),
        ReasonCode.THREAT_OF_VIOLENCE: (ViolenceType.DIRECT_THREAT,),
        ReasonCode.INCITEMENT_TO_VIOLENCE: (ViolenceType.INCITEMENT,),
        ReasonCode.TAUNT_LIKELY_TO_PROVOKE: (ViolenceType.TAUNT,),
        ReasonCode.GLORIFIES_VIOLENCE: (ViolenceType.GLORIFICATION,),
        ReasonCode.WEAPONS_CONTENT: (ViolenceType.WEAPONS_DISPLAY,),
        ReasonCode.ATTACK_FOOTAGE: (ViolenceType.ATTACK_FOOTAGE,),
        ReasonCode.RECRUITMENT_TO_VIOLENCE: (ViolenceType.RECRUITMENT,),
    }
)
NECESSITY = "As long as the content can be seen it can provoke or prepare the violence that it speaks of."
ALTERNATIVES = (RequestedAction.LABELLED, RequestedAction.AGE_RESTRICTED, RequestedAction.DEMOTED)


def platform_names(directory: Directory) -> frozenset[str]:
    """The platforms that the directory knows by name."""
    return frozenset(platform.name for platform in directory.platforms)


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided what and when, as far as a notice names it."""

    decision_id: UUID
    case_id: UUID
    reviewers: tuple[str, ...]
    second_review: bool
    reason_code: ReasonCode
    decided_at: datetime
    good_faith: bool


def approval(
    decided: Decided, asked: NoticeAsked, ranked: ContentRanked, directory: Directory, jurisdiction: str
) -> Approval:
    """What leaves: the reviewer's words where given, else drafted; a voluntary referral where the platform has a rule for it."""
    types = asked.violence_types or scored_types(ranked) or TYPES.get(decided.reason_code, ())
    terms = directory.platform(ranked.content.platform).terms_for(types)
    profile = asked.profile or (Profile.VOLUNTARY_REFERRAL if terms else Profile.DSA_ART16)
    takes_away = asked.requested_action in TAKES_AWAY
    return Approval(
        decision_id=decided.decision_id,
        case_id=decided.case_id,
        reviewers=decided.reviewers,
        decided_at=decided.decided_at,
        reason_code=decided.reason_code,
        profile=profile,
        kind=asked.kind or KINDS[profile],
        requested_action=asked.requested_action,
        reasons=asked.reasons or WORDS.get(decided.reason_code, ""),
        facts=asked.facts or facts(ranked),
        good_faith_accepted=decided.good_faith,
        second_review=decided.second_review,
        legal_basis=_grounds(asked.grounds, types, directory, jurisdiction, profile),
        tos_basis=terms if profile is Profile.VOLUNTARY_REFERRAL else _none(),
        violence_types=types,
        exemptions_considered=asked.exemptions_considered,
        necessity_note=asked.necessity_note or (NECESSITY if takes_away else None),
        alternatives_rejected=asked.alternatives_rejected or (ALTERNATIVES if takes_away else ()),
        preserve_months=asked.preserve_months,
        minor_suspected=asked.minor_suspected,
        subject_role=asked.subject_role,
    )


def _none() -> tuple[TermsBasis, ...]:
    return ()


def _grounds(
    asked: Sequence[str], types: Sequence[ViolenceType], directory: Directory, jurisdiction: str, profile: Profile
) -> tuple[LegalBasis, ...]:
    """An order's own power, then the named grounds; where none is named, those of the desk's jurisdiction that fit.

    Only a notice with legal force names law. Whether a ground may be named is checked before.
    """
    if profile is Profile.VOLUNTARY_REFERRAL:
        return ()
    named = [ground for name in asked if (ground := directory.ground(name)) is not None]
    fitting = named or directory.grounds_for(types, (jurisdiction,))
    return tuple(dict.fromkeys(ground.basis for ground in (*own_grounds(profile, directory), *fitting)))


def facts(ranked: ContentRanked) -> str:
    """What was seen, in sentences that the machine can stand for."""
    content = ranked.content
    seen = f"The content was seen on {content.platform} at {content.observed_at:%Y-%m-%d %H:%M} UTC."
    return " ".join([seen, *(mask_handles(reason) for reason in ranked.reasons)])[:5_000]
