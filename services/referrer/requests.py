"""An approval and one location come in; the takedown request for it, or every reason why there can be none, goes out. Pure."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from schemas.content import ContentNormalised
from schemas.referral import TakedownRequested
from schemas.referral_parts import GoodFaith, Issuer, LegalBasis, NonDisclosure, Redress, Relations, TermsBasis
from schemas.referral_vocabulary import Automation, Profile, Purpose, RequestedAction, RequestKind, SubjectRole
from schemas.review import ReasonCode
from schemas.scoring import ContentRanked
from schemas.vocabulary import Exemption, Overtness, ViolenceType
from services.referrer.description import (
    EXCERPT_LIMIT,
    category,
    content_id_of,
    content_types,
    excerpt,
    gang_relation,
    hashes,
    keywords,
    overtness,
    scored_exemptions,
    scored_types,
    spans,
)
from services.referrer.directory import Platform
from services.referrer.profiles import CONSEQUENCES, Fault, check, due_at

NAMESPACE = UUID("6f0ad8a1-6b64-5b0e-9b52-0e0b2a4c7d11")
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


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a request stands in a chain: the root it belongs under, and which referral it follows. Empty for a first request."""

    root: UUID | None = None
    relates_to: Relations = ALONE


FIRST = Chain()


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why no request can be made; never empty."""

    faults: tuple[Fault, ...]


def referral_id(decision_id: UUID, content_version: str, url: str, kind: RequestKind) -> UUID:
    """UUIDv5 over what a request is about: the same four give the same id, whoever computes it and how often."""
    return uuid5(NAMESPACE, _canonical(decision_id, content_version, url, kind))


def idempotency_key(decision_id: UUID, content_version: str, url: str, kind: RequestKind) -> str:
    """SHA-256 over the same four, for receivers that want a key and no id."""
    return hashlib.sha256(_canonical(decision_id, content_version, url, kind).encode()).hexdigest()


def _canonical(decision_id: UUID, content_version: str, url: str, kind: RequestKind) -> str:
    return json.dumps([str(decision_id), content_version, url, kind.value])


def build_request(
    approval: Approval,
    location: Location,
    platform: Platform,
    desk: Desk,
    issued_at: datetime,
    chain: Chain = FIRST,
) -> TakedownRequested | Unfit:
    """The request for one location, checked against its profile. Same values in, same bytes out."""
    content = location.ranked.content
    if approval.kind not in platform.notice_kinds:
        return Unfit((Fault("kind", f"the directory says that {platform.provider} takes no {approval.kind.value}"),))
    if content.url is None:
        return Unfit((Fault("locator.url", "DSA Art. 16(2)(b) and TCO Annex I need one exact address"),))
    return _made(
        {
            **_identity(approval, content, content.url, chain, location),
            **_content(location, content, desk),
            **_findings(approval, location.ranked),
            **_demand(approval, platform, desk, issued_at),
            **_people(approval, content),
        }
    )


def _made(values: dict[str, Any]) -> TakedownRequested | Unfit:
    try:
        request = TakedownRequested.model_validate(values)
    except ValidationError as why:
        return Unfit(tuple(_fault(each["loc"], each["msg"]) for each in why.errors(include_url=False)))
    faults = check(request)
    return Unfit(faults) if faults else request


def _fault(place: tuple[int | str, ...], message: str) -> Fault:
    return Fault(".".join(map(str, place)) or "request", f"schema: {message}")


def _identity(
    approval: Approval, content: ContentNormalised, url: str, chain: Chain, location: Location
) -> dict[str, Any]:
    subject = (approval.decision_id, content.content_version, url, approval.kind)
    own_id = referral_id(*subject)
    relates_to = chain.relates_to
    if location.reupload_of is not None:
        relates_to = relates_to.model_copy(update={"reupload_of": location.reupload_of})
    return {
        "referral_id": own_id,
        "root_referral_id": chain.root or own_id,
        "idempotency_key": idempotency_key(*subject),
        "case_id": approval.case_id,
        "decision_id": approval.decision_id,
        "content_key": content.content_key,
        "content_version": content.content_version,
        "kind": approval.kind,
        "profile": approval.profile,
        "locator": {"url": url, "extra": {"content_id": content_id_of(content, url), "instance": content.instance}},
        "relates_to": relates_to,
        "test": content.test,
    }


def _content(location: Location, content: ContentNormalised, desk: Desk) -> dict[str, Any]:
    scored = location.ranked.scored
    limit = min(desk.excerpt_chars, EXCERPT_LIMIT)
    return {
        "content": {
            "types": content_types(content),
            "language": scored.language or next((text.language for text in content.texts if text.language), None),
            "posted_at": content.published_at,
            "first_seen_at": location.first_seen_at,
            "verified_live_at": location.verified_live_at,
            "hashes": hashes(content),
            "excerpt": excerpt(content, scored.signals, limit),
        },
        "spans": spans(content, scored.signals, scored.digests.lexicon, limit),
    }


def _findings(approval: Approval, ranked: ContentRanked) -> dict[str, Any]:
    scored = ranked.scored
    types = approval.violence_types or scored_types(ranked)
    return {
        "category": category(types, approval.minor_suspected),
        "keywords": approval.keywords or keywords(types),
        "violence_types": types,
        "overtness": approval.overtness or overtness(ranked),
        "gang_related": gang_relation(ranked),
        "threat_to_life": ranked.threat_to_life,
        "exemptions_considered": approval.exemptions_considered or scored_exemptions(ranked),
        # The content's own risk and its parts: what the desk knows of the author or the thread orders its queue and stays there.
        "risk": {
            "score": scored.content_risk,
            "calibrated_p": scored.p_violence,
            "band": scored.band,
            "components": ranked.parts,
            "model_digest": scored.digests.model,
            "policy_version": scored.digests.policy,
            "lexicon_version": scored.digests.lexicon,
        },
        "automated_detection": True,
        "automated_decision": approval.automation,
    }


def _demand(approval: Approval, platform: Platform, desk: Desk, issued_at: datetime) -> dict[str, Any]:
    return {
        "issued_at": issued_at,
        "due_at": due_at(approval.profile, issued_at, platform.deadline_hours),
        "issuer": desk.issuer,
        "addressee": platform.addressee,
        "legal_basis": approval.legal_basis,
        "tos_basis": approval.tos_basis,
        "reasons": approval.reasons,
        "facts": approval.facts,
        "requested_action": approval.requested_action,
        "territorial_scope": approval.territorial_scope,
        "necessity_note": approval.necessity_note,
        "alternatives_rejected": approval.alternatives_rejected,
        "preserve_months": approval.preserve_months,
        "non_disclosure": approval.non_disclosure,
        "redress": Redress(provider_route=platform.redress, author_route=desk.author_route),
        "consequences": CONSEQUENCES.get(approval.profile),
        "good_faith_statement": GoodFaith(accepted=approval.good_faith_accepted),
        "retention_until": (issued_at + timedelta(days=desk.retention_days)).date(),
        "purpose": desk.purpose,
    }


def _people(approval: Approval, content: ContentNormalised) -> dict[str, Any]:
    return {
        "review": {
            "reviewers": approval.reviewers,
            "decided_at": approval.decided_at,
            "reason_code": approval.reason_code,
            "second_review": approval.second_review,
        },
        "subject": {
            "author_key": content.author_key,
            "minor_suspected": approval.minor_suspected,
            "role": approval.subject_role,
        },
    }


def withdraw(
    request: TakedownRequested, decision_id: UUID, reviewer: str, reason: str, issued_at: datetime,
    reason_code: ReasonCode = ReasonCode.ISSUED_IN_ERROR,
) -> TakedownRequested | Unfit:  # fmt: skip
    """A record that takes a request back, under the same root. It asks for nothing that takes content away."""
    subject = (decision_id, request.content_version, request.locator.url, RequestKind.WITHDRAWAL)
    review = {"reviewers": (reviewer,), "decided_at": issued_at, "reason_code": reason_code}
    return _made(
        dict(request)
        | {
            "referral_id": referral_id(*subject),
            "idempotency_key": idempotency_key(*subject),
            "decision_id": decision_id,
            "kind": RequestKind.WITHDRAWAL,
            "issued_at": issued_at,
            "due_at": None,
            "reasons": reason,
            "requested_action": RequestedAction.REVIEW_ONLY,
            "necessity_note": None,
            "alternatives_rejected": (),
            "consequences": None,
            "review": review,
            "relates_to": Relations(withdraws=request.referral_id),
        }
    )


def correct(
    request: TakedownRequested,
    corrected: Approval,
    location: Location,
    platform: Platform,
    desk: Desk,
    issued_at: datetime,
) -> TakedownRequested | Unfit:
    """A record that stands in the place of a request, under the same root; `corrected` is a decision of its own."""
    if corrected.kind is not RequestKind.CORRECTION:
        return Unfit((Fault("kind", "a correction is of kind correction"),))
    chain = Chain(request.root_referral_id, Relations(supersedes=request.referral_id))
    return build_request(corrected, location, platform, desk, issued_at, chain)


def renew(previous: TakedownRequested) -> Chain:
    """The chain of a new request about content that an earlier one was about: expired, or put back and approved again."""
    return Chain(previous.root_referral_id, Relations(supersedes=previous.referral_id))
