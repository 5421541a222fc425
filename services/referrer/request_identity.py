"""What a request is about comes in; its id and its idempotency key, always the same for the same, go out. Pure."""

import hashlib
import json
from uuid import UUID, uuid5

from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import RequestKind

NAMESPACE = UUID("6f0ad8a1-6b64-5b0e-9b52-0e0b2a4c7d11")


def referral_id(decision_id: UUID, content_version: str, url: str, kind: RequestKind) -> UUID:
    """UUIDv5 over what a request is about: the same four give the same id, whoever computes it and how often."""
    return uuid5(NAMESPACE, _canonical(decision_id, content_version, url, kind))


def idempotency_key(decision_id: UUID, content_version: str, url: str, kind: RequestKind) -> str:
    """SHA-256 over the same four, for receivers that want a key and no id."""
    return hashlib.sha256(_canonical(decision_id, content_version, url, kind).encode()).hexdigest()


def substance(request: TakedownRequested) -> str:
    """What people agree to when they agree to a notice: which version of which content, what is asked for, in which form, and why.

    The form is the kind and the profile; what is asked for, the action and for how long the content is kept; why, the law, the
    platform's rules and the kinds of violence. The words in which that is said are not part of it.
    """
    said = [
        request.content_key, request.content_version, request.kind.value, request.profile.value,
        request.requested_action.value, request.preserve_months,
        sorted([each.statute, each.provision, each.jurisdiction] for each in request.legal_basis),
        sorted([each.provider, each.rule] for each in request.tos_basis),
        sorted(each.value for each in request.violence_types),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def _canonical(decision_id: UUID, content_version: str, url: str, kind: RequestKind) -> str:
    return json.dumps([str(decision_id), content_version, url, kind.value])
