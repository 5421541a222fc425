"""A request that has left comes in; the record that takes it back, corrects it or asks anew goes out, under the same root. Pure."""

from datetime import datetime
from uuid import UUID

from schemas.referral import TakedownRequested
from schemas.referral_parts import NonDisclosure, Relations
from schemas.referral_vocabulary import RequestedAction, RequestKind
from schemas.review import ReasonCode
from services.referrer.directory import Platform
from services.referrer.profiles import Fault
from services.referrer.request_identity import idempotency_key, referral_id
from services.referrer.request_inputs import Approval, Chain, Desk, Location
from services.referrer.requests import Unfit, build_request, checked

WITHDRAWAL_WORDS = "The issuing authority takes this request back ({}). Nothing is asked of you any more."


def taken_back(reason_code: ReasonCode) -> str:
    """The words of a withdrawal for which nobody wrote any."""
    return WITHDRAWAL_WORDS.format(reason_code.value.replace("_", " "))


def withdraw(
    request: TakedownRequested, decision_id: UUID, reviewer: str, reason: str, issued_at: datetime,
    reason_code: ReasonCode = ReasonCode.ISSUED_IN_ERROR,
) -> TakedownRequested | Unfit:  # fmt: skip
    """A record that takes a request back, under the same root. It asks for nothing, and is kept as long as the request was to be."""
    subject = (decision_id, request.content_version, request.locator.url, RequestKind.WITHDRAWAL)
    review = {"reviewers": (reviewer,), "decided_at": issued_at, "reason_code": reason_code}
    return checked(
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
            "preserve_months": None,
            "non_disclosure": NonDisclosure(),
            "consequences": None,
            "review": review,
            # From its own issue on: what was wrong can be taken back however late that is seen.
            "retention_until": issued_at.date() + (request.retention_until - request.issued_at.date()),
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
