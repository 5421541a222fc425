"""An approval and one location come in; the takedown request for it, or every reason why there can be none, goes out. Pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from schemas.content import ContentNormalised, NormalisedText
from schemas.referral import (
    Automation,
    Category,
    ContentHash,
    ContentType,
    GangRelation,
    GoodFaith,
    HashAlgorithm,
    Issuer,
    LegalBasis,
    NonDisclosure,
    Profile,
    Purpose,
    Redress,
    Relations,
    RequestedAction,
    RequestKind,
    SubjectRole,
    TakedownRequested,
    TermsBasis,
)
from schemas.review import ReasonCode
from schemas.scoring import ContentRanked, Signal
from schemas.vocabulary import Exemption, MediaType, Overtness, SignalKind, ViolenceType
from services.referrer.directory import Platform
from services.referrer.profiles import CONSEQUENCES, HANDLE, Fault, check, due_at

NAMESPACE = UUID("6f0ad8a1-6b64-5b0e-9b52-0e0b2a4c7d11")
TYPE_FLOOR = 0.5
EXEMPTION_FLOOR = 0.1
EXCERPT_LIMIT = 500
TERM_LIMIT = 80
SPAN_LIMIT = 50
# What stays of a mention is that somebody was named.
HANDLE_MASK = "@…"

CATEGORIES: tuple[tuple[Category, frozenset[ViolenceType]], ...] = (
    (Category.RISK_FOR_PUBLIC_SECURITY, frozenset({ViolenceType.ATTACK_PLANNING, ViolenceType.WEAPONS_SALE})),
    (
        Category.VIOLENCE,
        frozenset(ViolenceType) - {ViolenceType.ATTACK_PLANNING, ViolenceType.WEAPONS_SALE, ViolenceType.TAUNT},
    ),
    (Category.CYBER_VIOLENCE, frozenset({ViolenceType.TAUNT})),
)
INCITES = frozenset({ViolenceType.INCITEMENT, ViolenceType.RETALIATION_CALL, ViolenceType.RECRUITMENT})
PLANS_TOGETHER = frozenset({ViolenceType.ATTACK_PLANNING, ViolenceType.RETALIATION_CALL, ViolenceType.RECRUITMENT})
CONTENT_TYPES = {
    MediaType.IMAGE: ContentType.IMAGE,
    MediaType.VIDEO: ContentType.VIDEO,
    MediaType.AUDIO: ContentType.AUDIO,
    MediaType.OTHER: ContentType.OTHER,
}
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


def build_requests(
    approval: Approval, locations: Sequence[Location], platform: Platform, desk: Desk, issued_at: datetime
) -> tuple[TakedownRequested | Unfit, ...]:
    """One request per location under one decision, in order."""
    return tuple(build_request(approval, location, platform, desk, issued_at) for location in locations)


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


def content_id_of(content: ContentNormalised, url: str) -> str | None:
    """The platform's id of the content, as far as the address itself shows it.

    Some platforms put the author's id into the id of the content (at://did:plc:…/…/…), and no author id may leave that the
    exact address does not contain anyway.
    """
    whole, last = content.content_id, content.content_id.rstrip("/").rsplit("/", 1)[-1]
    return next((part for part in (whole, last) if part and part in url), None)


def _content(location: Location, content: ContentNormalised, desk: Desk) -> dict[str, Any]:
    scored = location.ranked.scored
    return {
        "content": {
            "types": content_types(content),
            "language": scored.language or next((text.language for text in content.texts if text.language), None),
            "posted_at": content.published_at,
            "first_seen_at": location.first_seen_at,
            "verified_live_at": location.verified_live_at,
            "hashes": hashes(content),
            "excerpt": excerpt(content, scored.signals, min(desk.excerpt_chars, EXCERPT_LIMIT)),
        },
        "spans": spans(content, scored.signals, scored.digests.lexicon),
    }


def content_types(content: ContentNormalised) -> tuple[ContentType, ...]:
    """What the content consists of, each once."""
    found = [ContentType.TEXT] if content.texts else []
    return tuple(dict.fromkeys([*found, *(CONTENT_TYPES[medium.type] for medium in content.media)]))


def hashes(content: ContentNormalised) -> tuple[ContentHash, ...]:
    """SHA-256 of the texts as posted, one line each, and every hash of the media that a collector computed."""
    found: list[ContentHash] = []
    if content.texts:
        said = "\n".join(text.original for text in content.texts)
        digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        found.append(ContentHash(algo=HashAlgorithm.SHA256, value=digest))
    for medium in content.media:
        for algo in (HashAlgorithm.SHA256, HashAlgorithm.PDQ, HashAlgorithm.TLSH):
            value = getattr(medium, algo.value)
            if value is not None:
                found.append(ContentHash(algo=algo, value=value))
    return tuple(dict.fromkeys(found))


def excerpt(content: ContentNormalised, signals: Iterable[Signal], limit: int) -> str:
    """At most `limit` characters around the weightiest span (else from the start), mentions masked, cuts marked."""
    if not content.texts or limit < 1:
        return ""
    placed = [s for s in signals if s.text is not None and s.text < len(content.texts) and s.start is not None]
    best = max(placed, key=lambda s: s.weight, default=None)
    text = content.texts[best.text if best is not None and best.text is not None else 0].original
    middle = best.start if best is not None and best.start is not None else 0
    return _cut(mask_handles(text), min(middle, len(text)), limit)


def _cut(text: str, middle: int, limit: int) -> str:
    if len(text) <= limit:
        return text
    start = max(0, min(middle - limit // 3, len(text) - limit))
    part = text[start : start + limit]
    # The marks of a cut count as characters of the excerpt.
    head, tail = "…" if start > 0 else "", "…" if start + limit < len(text) else ""
    return (head + part[len(head) : len(part) - len(tail)] + tail)[:limit]


def mask_handles(text: str) -> str:
    """The text without the names that mentions carry."""
    return HANDLE.sub(HANDLE_MASK, text)


def spans(content: ContentNormalised, signals: Iterable[Signal], lexicon: str) -> tuple[dict[str, Any], ...]:
    """Spans of the original texts that carried the score, weightiest first up to the limit, then in reading order."""
    placed = [s for s in signals if s.text is not None and s.start is not None and s.end is not None]
    chosen = sorted(placed, key=lambda s: -s.weight)[:SPAN_LIMIT]
    ordered = sorted(chosen, key=lambda s: (s.text, s.start, s.end))
    return tuple(
        {
            "start": s.start,
            "end": s.end,
            "term": mask_handles(s.term or _slice(content.texts, s))[:TERM_LIMIT],
            "gloss": s.gloss,
            "lexicon_version": lexicon,
            "role": s.role,
        }
        for s in ordered
    )


def _slice(texts: Sequence[NormalisedText], signal: Signal) -> str:
    if signal.text is None or signal.text >= len(texts):
        return ""
    return texts[signal.text].original[signal.start : signal.end]


def _findings(approval: Approval, ranked: ContentRanked) -> dict[str, Any]:
    scored = ranked.scored
    types = approval.violence_types or scored_types(ranked)
    return {
        "category": category(types, approval.minor_suspected),
        "keywords": approval.keywords or keywords(types),
        "violence_types": types,
        "overtness": approval.overtness or overtness(ranked),
        "gang_related": GangRelation(
            related=scored.gang_related.p >= TYPE_FLOOR,
            evidence=tuple(mask_handles(signal)[:TERM_LIMIT] for signal in scored.gang_related.signals[:SPAN_LIMIT]),
        ),
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


def scored_types(ranked: ContentRanked) -> tuple[ViolenceType, ...]:
    """Violence types that scored at least one half, else the highest one; in the order of the list."""
    types = ranked.scored.types
    found = tuple(each for each in ViolenceType if types.get(each, 0.0) >= TYPE_FLOOR)
    return found or ((max(types, key=lambda each: types[each]),) if types else ())


def overtness(ranked: ContentRanked) -> Overtness:
    """As scored; where the scorer would not say, covert if coded terms carry the score, else overt."""
    if ranked.scored.overtness is not Overtness.NONE:
        return ranked.scored.overtness
    coded = any(signal.kind is SignalKind.CODED_TERM for signal in ranked.scored.signals)
    return Overtness.COVERT if coded else Overtness.OVERT


def scored_exemptions(ranked: ContentRanked) -> tuple[Exemption, ...]:
    """Exemptions that scored enough to be worth a thought; `none` where no other did."""
    found = tuple(
        each
        for each in Exemption
        if each is not Exemption.NONE and ranked.scored.exemptions.get(each, 0.0) >= EXEMPTION_FLOOR
    )
    return found or (Exemption.NONE,)


def category(types: Sequence[ViolenceType], minor_suspected: bool) -> Category:
    """The category of the statement of reasons that these types fall under, the gravest first."""
    for each, covered in CATEGORIES:
        if not covered.isdisjoint(types):
            return each
    return Category.PROTECTION_OF_MINORS if minor_suspected else Category.ILLEGAL_OR_HARMFUL_SPEECH


def keywords(types: Sequence[ViolenceType]) -> tuple[str, ...]:
    """Keywords of the statement of reasons that go with these types."""
    found = []
    if not PLANS_TOGETHER.isdisjoint(types):
        found.append("coordinated_harm")
    if not INCITES.isdisjoint(types):
        found.append("incitement_violence_hatred")
    return tuple(found)


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
    request: TakedownRequested, decision_id: UUID, reviewer: str, reason: str, issued_at: datetime
) -> TakedownRequested | Unfit:
    """A record that takes a request back, under the same root. It asks for nothing that takes content away."""
    subject = (decision_id, request.content_version, request.locator.url, RequestKind.WITHDRAWAL)
    review = {"reviewers": (reviewer,), "decided_at": issued_at, "reason_code": request.review.reason_code}
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
