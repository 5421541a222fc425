"""Ids of decisions, reviewers and cases come in; whether a review is checked by a golden case or a second reviewer goes out. Pure."""

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

from services.referrer.review_rules import ReviewRules


def chosen(purpose: str, ids: Sequence[str], rate: float) -> bool:
    """Whether these ids fall into the share `rate`: the same ids always do or never do, and other ids are independent."""
    digest = hashlib.blake2b(json.dumps([purpose, *ids]).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < rate * 2**64


def blind_second_review(decision_id: UUID, rules: ReviewRules) -> bool:
    """Whether a decided case is shown to a second reviewer who does not know of the first; no request can come of it."""
    return chosen("blind", (str(decision_id),), rules.blind_rate)


def golden_due(reviewer: str, leases_so_far: int, rules: ReviewRules) -> bool:
    """Whether the next case that a reviewer leases is one whose right answer is known."""
    return chosen("golden", (reviewer, str(leases_so_far)), rules.golden_rate)


def golden_case(reviewer: str, unseen: Sequence[UUID]) -> UUID | None:
    """Which of the golden cases that a reviewer has not seen comes next; an order of its own for every reviewer."""
    return min(unseen, key=lambda case: hashlib.blake2b(f"{reviewer}/{case}".encode()).digest(), default=None)
