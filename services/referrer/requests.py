"""An approval and one location come in; the takedown request for it, or every reason why there can be none, goes out. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from schemas.content import ContentNormalised
from schemas.referral import TakedownRequested
from schemas.referral_parts import GoodFaith, Redress
from schemas.scoring import ContentRanked
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
from services.referrer.profile_rules import CONSEQUENCES
from services.referrer.profiles import Fault, check, due_at, not_awarded
from services.referrer.request_identity import idempotency_key, referral_id
from services.referrer.request_inputs import FIRST, Approval, Chain, Desk, Location


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why no request can be made; never empty."""

    faults: tuple[Fault, ...]


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
    if faults := not_awarded(approval.kind, desk.trusted_flagger):
        return Unfit(faults)
    if content.url is None:
        return Unfit((Fault("locator.url", "DSA Art. 16(2)(b) and TCO Annex I need one exact address"),))
    return checked(
        {
            **_identity(approval, content, content.url, chain, location),
            **_content(location, content, desk),
            **_findings(approval, location.ranked),
            **_demand(approval, platform, desk, issued_at),
            **_people(approval, content),
        }
    )


def checked(values: dict[str, Any]) -> TakedownRequested | Unfit:
    """The request of these members, where they keep to the schema and to the rules of its profile."""
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
