"""Decisions, requests and states come in as stored; the records that leave with them, final bytes and all, go out. Pure."""

import hashlib
from collections.abc import Mapping, Sequence

from schemas.referral import ReferralState, TakedownRequested
from schemas.review import ApprovedLocation, Opening, ReviewDecided, ReviewRequested
from schemas.scoring import ContentRanked
from schemas.topics import REFERRAL_STATE, REVIEW_DECIDED, REVIEW_REQUESTED, TAKEDOWN_REQUESTED
from services.referrer.blanking import ERASED_URL
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.lifecycle import REFERRAL_START
from services.referrer.records import Case, DecisionRow, Referral
from services.runtime.codec import encode
from services.runtime.envelope import Incoming, Outgoing, envelope

STAGE = "referrer"


def announcement(
    case: Case, opening: Opening, ranked: ContentRanked, parent: Incoming | None, reasons: tuple[str, ...] = ()
) -> Outgoing:
    """The fact that a case waits for a person, ready for the outbox; `reasons` are those with context, where there is any."""
    fact = ReviewRequested(
        case_id=case.case_id,
        content_key=case.content_key,
        content_version=case.content_version,
        platform=case.platform,
        opening=opening,
        band=case.band,
        risk=case.risk,
        reasons=reasons or ranked.reasons,
        threat_to_life=ranked.threat_to_life,
        requested_at=case.changed_at,
        test=case.test,
    )
    headers = envelope(
        REVIEW_REQUESTED,
        id=f"{case.case_id}/{case.revision}",
        stage=STAGE,
        time=case.changed_at,
        parent=parent,
        traceparent=case.traceparent,
    )
    return Outgoing(REVIEW_REQUESTED.name, str(case.case_id).encode(), encode(fact), headers)


def referral_of(request: TakedownRequested, platform: str, traceparent: str | None) -> Referral:
    """A new request as the desk keeps it, with the bytes that leave."""
    return Referral(
        referral_id=request.referral_id,
        root_referral_id=request.root_referral_id,
        case_id=request.case_id,
        decision_id=request.decision_id,
        content_key=request.content_key,
        platform=platform,
        url=request.locator.url,
        kind=request.kind,
        status=REFERRAL_START,
        issued_at=request.issued_at,
        changed_at=request.issued_at,
        due_at=request.due_at,
        outcome_id=None,
        body=encode(request),
        traceparent=traceparent,
        test=request.test,
    )


def leaves(referral: Referral) -> list[Outgoing]:
    """The request as it leaves, and the first state of its referral."""
    headers = envelope(
        TAKEDOWN_REQUESTED,
        id=str(referral.referral_id),
        stage=STAGE,
        time=referral.issued_at,
        traceparent=referral.traceparent,
    )
    key = str(referral.root_referral_id).encode()
    return [Outgoing(TAKEDOWN_REQUESTED.name, key, referral.body, headers), state_of(referral)]


def state_of(referral: Referral, parent: Incoming | None = None) -> Outgoing:
    """Where a referral stands, as a fact for others; `parent` is the record that moved it, if one did."""
    fact = ReferralState(
        root_referral_id=referral.root_referral_id,
        referral_id=referral.referral_id,
        case_id=referral.case_id,
        platform=referral.platform,
        url=referral.url,
        status=referral.status,
        changed_at=referral.changed_at,
        due_at=referral.due_at,
        outcome_id=referral.outcome_id,
        test=referral.test,
    )
    name = f"{referral.referral_id}/{referral.status.value}/{referral.outcome_id or ''}"
    if referral.url == ERASED_URL:
        # It stands where it stood, and is another fact all the same: readers pass over an id that they know.
        name += "/erased"
    headers = envelope(
        REFERRAL_STATE, id=name, stage=STAGE, time=referral.changed_at, parent=parent, traceparent=referral.traceparent
    )
    return Outgoing(REFERRAL_STATE.name, str(referral.root_referral_id).encode(), encode(fact), headers)


def decided(case: Case, decision: DecisionRow, urls: Mapping[str, str]) -> Outgoing:
    """A decision, as a fact for others."""
    fact = ReviewDecided(
        decision_id=decision.decision_id,
        case_id=case.case_id,
        content_key=case.content_key,
        content_version=decision.content_version,
        decision=decision.decision,
        reason_code=decision.reason_code,
        reviewer=decision.reviewer,
        decided_at=decision.decided_at,
        case_state=decision.case_state,
        awaits_second_review=decision.awaits_second_review,
        locations=tuple(ApprovedLocation(content_key=key, url=url) for key, url in urls.items()),
        test=case.test,
    )
    headers = envelope(
        REVIEW_DECIDED,
        id=str(decision.decision_id),
        stage=STAGE,
        time=decision.decided_at,
        traceparent=case.traceparent,
    )
    return Outgoing(REVIEW_DECIDED.name, str(case.case_id).encode(), encode(fact), headers)


def happened(case: Case, decision: DecisionRow, referrals: Sequence[Referral]) -> list[Happened]:
    """A decision and its requests, for the ledger."""
    at, who = decision.decided_at, decision.reviewer
    body = {
        "case_id": case.case_id,
        "decision_id": decision.decision_id,
        "content_version": decision.content_version,
        "decision": decision.decision.value,
        "reason_code": decision.reason_code.value,
        "state": decision.case_state.value,
    }
    entry = Happened(at, LedgerKind.DECIDED, who, body)
    return [entry, *(Happened(at, LedgerKind.REQUESTED, who, request_body(each)) for each in referrals)]


def request_body(referral: Referral) -> dict[str, object]:
    """What the ledger says of a request: its ids and the hash of what leaves, by which the bytes can be proven later."""
    return {
        "referral_id": referral.referral_id,
        "root_referral_id": referral.root_referral_id,
        "decision_id": referral.decision_id,
        "kind": referral.kind.value,
        "sha256": hashlib.sha256(referral.body).hexdigest(),
    }
