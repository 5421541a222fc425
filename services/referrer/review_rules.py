"""What is known of a case and what a person says of it come in; whether that may stand, and what follows, goes out. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from schemas.review import Amendment, Decision, ReasonCode
from schemas.vocabulary import Band, Exemption
from services.referrer.lifecycle import CaseEvent


class Role(StrEnum):
    """What a person at the desk is there for."""

    REVIEWER = "reviewer"
    LEAD = "lead"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Action(StrEnum):
    """What a person can ask of the desk."""

    VIEW_QUEUE = "view_queue"
    VIEW_CONTENT = "view_content"
    LEASE = "lease"
    DECIDE = "decide"
    HAND_OVER = "hand_over"
    TAKE_UP_ESCALATED = "take_up_escalated"
    END_ANOTHERS_LEASE = "end_anothers_lease"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    RECORD_OUTCOME = "record_outcome"
    LIFT_SUSPENSION = "lift_suspension"
    VIEW_PLATFORMS = "view_platforms"
    VIEW_TEAM = "view_team"
    VIEW_AUDIT = "view_audit"
    EXPORT = "export"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_PLATFORMS = "manage_platforms"
    ERASE = "erase"


_REVIEWER = frozenset(
    {
        Action.VIEW_QUEUE,
        Action.VIEW_CONTENT,
        Action.LEASE,
        Action.DECIDE,
        Action.HAND_OVER,
        Action.VIEW_PLATFORMS,
    }
)
# Whoever decides does not audit, and whoever manages accounts does not decide: no one person can make and hide a decision.
ALLOWED: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.REVIEWER: _REVIEWER,
        Role.LEAD: _REVIEWER
        | {
            Action.TAKE_UP_ESCALATED,
            Action.END_ANOTHERS_LEASE,
            Action.WITHDRAW,
            Action.CORRECT,
            Action.RECORD_OUTCOME,
            Action.LIFT_SUSPENSION,
            Action.VIEW_TEAM,
            Action.EXPORT,
        },
        Role.AUDITOR: frozenset(
            {
                Action.VIEW_QUEUE,
                Action.VIEW_CONTENT,
                Action.VIEW_PLATFORMS,
                Action.VIEW_TEAM,
                Action.VIEW_AUDIT,
                Action.EXPORT,
            }
        ),
        Role.ADMIN: frozenset({Action.VIEW_PLATFORMS, Action.MANAGE_PEOPLE, Action.MANAGE_PLATFORMS, Action.ERASE}),
    }
)

REASONS: Mapping[Decision, tuple[ReasonCode, ...]] = MappingProxyType(
    {
        Decision.APPROVE: (
            ReasonCode.THREAT_TO_LIFE,
            ReasonCode.THREAT_OF_VIOLENCE,
            ReasonCode.INCITEMENT_TO_VIOLENCE,
            ReasonCode.TAUNT_LIKELY_TO_PROVOKE,
            ReasonCode.GLORIFIES_VIOLENCE,
            ReasonCode.WEAPONS_CONTENT,
            ReasonCode.ATTACK_FOOTAGE,
            ReasonCode.RECRUITMENT_TO_VIOLENCE,
        ),
        Decision.REFUSE: (
            ReasonCode.NOT_VIOLENT,
            ReasonCode.ART_OR_LYRICS,
            ReasonCode.NEWS,
            ReasonCode.QUOTATION_OR_COUNTER_SPEECH,
            ReasonCode.GRIEF,
            ReasonCode.VICTIM_ACCOUNT,
            ReasonCode.FICTION,
            ReasonCode.SPORT_OR_GAME,
            ReasonCode.FIGURE_OF_SPEECH,
            ReasonCode.EDUCATION,
            ReasonCode.WRONG_PERSON_OR_PLACE,
            ReasonCode.ALREADY_GONE,
        ),
        Decision.ESCALATE: (ReasonCode.NEEDS_SENIOR, ReasonCode.THREAT_TO_LIFE),
        Decision.DEFER: (ReasonCode.NEEDS_MORE_CONTEXT,),
    }
)

AMENDING_REASONS: Mapping[Amendment, tuple[ReasonCode, ...]] = MappingProxyType(
    {
        # What would have kept the request from leaving takes it back.
        Amendment.WITHDRAW: (ReasonCode.ISSUED_IN_ERROR, *REASONS[Decision.REFUSE]),
        # What stands corrected still says why the content is to go.
        Amendment.CORRECT: REASONS[Decision.APPROVE],
    }
)
AMENDING: Mapping[Amendment, Action] = MappingProxyType(
    {Amendment.WITHDRAW: Action.WITHDRAW, Amendment.CORRECT: Action.CORRECT}
)

# Speech about violence that is protected more often than not: one person alone must not send a request about it.
SECOND_REVIEW_EXEMPTIONS = (
    Exemption.ART_OR_LYRICS,
    Exemption.NEWS,
    Exemption.QUOTATION_OR_COUNTER_SPEECH,
    Exemption.GRIEF,
    Exemption.VICTIM_ACCOUNT,
    Exemption.FICTION,
    Exemption.SPORT_OR_GAME,
)
MINOR_SUSPECTED = "minor_suspected"
# Set low: a second look costs minutes, a wrong request somebody's say.
EXEMPTION_HIGH = 0.3


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """What a desk may set; rates are shares in [0, 1]."""

    exemption_high: float = EXEMPTION_HIGH
    p1_minutes: int = 15
    p1_warning_minutes: int = 5
    golden_rate: float = 0.02
    blind_rate: float = 0.05


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person said of one case since it was last opened."""

    decision_id: UUID
    reviewer: str
    role: Role
    decision: Decision
    reason_code: ReasonCode
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of the case; `reviewers` are the people whose agreement carries an approval, in order."""

    event: CaseEvent
    reviewers: tuple[str, ...]
    second_review: bool = False

    @property
    def awaits_second_review(self) -> bool:
        """True where a second, different reviewer has to agree before anything leaves."""
        return self.event is CaseEvent.PROPOSE


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A decision that may not stand, and the rule that says so."""

    rule: str
    allowed: tuple[str, ...] = ()


def may(role: Role, action: Action) -> bool:
    """Whether a role may ask for an action."""
    return action in ALLOWED[role]


def second_review_causes(
    exemptions: Mapping[Exemption, float], minor_suspected: bool, rules: ReviewRules
) -> tuple[str, ...]:
    """Why an approval needs a second, different reviewer; empty where one is enough."""
    high = tuple(
        exemption.value
        for exemption in SECOND_REVIEW_EXEMPTIONS
        if exemptions.get(exemption, 0.0) >= rules.exemption_high
    )
    return (*high, MINOR_SUSPECTED) if minor_suspected else high


def settle(said: Sequence[Opinion], now_said: Opinion, second_review_for: tuple[str, ...]) -> Settled | Forbidden:
    """What a further opinion means after those already given since the case was opened, oldest first."""
    forbidden = _forbidden(said, now_said)
    if forbidden is not None:
        return forbidden
    if now_said.decision is Decision.APPROVE:
        return _approve(said, now_said, bool(second_review_for))
    disagrees = any(each.decision is Decision.APPROVE for each in said)
    if now_said.decision is Decision.REFUSE and disagrees and now_said.role is not Role.LEAD:
        return Settled(CaseEvent.ESCALATE, (now_said.reviewer,))
    event = {
        Decision.REFUSE: CaseEvent.REFUSE,
        Decision.ESCALATE: CaseEvent.ESCALATE,
        Decision.DEFER: CaseEvent.DEFER,
    }[now_said.decision]
    return Settled(event, (now_said.reviewer,))


def _forbidden(said: Sequence[Opinion], now_said: Opinion) -> Forbidden | None:
    if not may(now_said.role, Action.DECIDE):
        return Forbidden(f"the role {now_said.role.value} decides no cases", (Role.REVIEWER.value, Role.LEAD.value))
    codes = REASONS[now_said.decision]
    if now_said.reason_code not in codes:
        return Forbidden(
            f"{now_said.reason_code.value} is no reason to {now_said.decision.value}",
            tuple(code.value for code in codes),
        )
    if escalated(said) and now_said.role is not Role.LEAD:
        return Forbidden("an escalated case is decided by a lead", (Role.LEAD.value,))
    pending = [each.reviewer for each in said if each.decision is Decision.APPROVE]
    if now_said.decision is Decision.APPROVE and now_said.reviewer in pending:
        return Forbidden("the second review needs a different reviewer")
    return None


def _approve(said: Sequence[Opinion], now_said: Opinion, second_needed: bool) -> Settled:
    agreeing = tuple(dict.fromkeys(each.reviewer for each in (*said, now_said) if each.decision is Decision.APPROVE))
    if second_needed and len(agreeing) < 2:
        return Settled(CaseEvent.PROPOSE, agreeing)
    return Settled(CaseEvent.APPROVE, agreeing, second_review=len(agreeing) > 1)


def escalated(said: Sequence[Opinion]) -> bool:
    """Whether only a lead may decide: somebody asked for one, or two reviewers disagree."""
    decisions = {each.decision for each in said}
    return Decision.ESCALATE in decisions or {Decision.APPROVE, Decision.REFUSE} <= decisions


class ClockState(StrEnum):
    """How a P1 case stands to its clock."""

    NOT_RUNNING = "not_running"
    RUNNING = "running"
    WARNING = "warning"
    BREACHED = "breached"


def p1_due(opened_at: datetime, rules: ReviewRules) -> datetime:
    """By when a person has to have decided a threat to life."""
    return opened_at + timedelta(minutes=rules.p1_minutes)


def p1_clock(
    band: Band, opened_at: datetime, decided_at: datetime | None, now: datetime, rules: ReviewRules
) -> ClockState:
    """The clock of a case: it runs for P1 alone, from opening to decision; a decision that came too late stays breached."""
    if band is not Band.P1:
        return ClockState.NOT_RUNNING
    due = p1_due(opened_at, rules)
    if (decided_at or now) >= due:
        return ClockState.BREACHED
    if decided_at is not None:
        return ClockState.NOT_RUNNING
    return ClockState.WARNING if now >= due - timedelta(minutes=rules.p1_warning_minutes) else ClockState.RUNNING


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


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far pairs of decisions agree. `kappa` is None without pairs, and where chance alone would agree fully."""

    pairs: int
    observed: float
    expected: float
    kappa: float | None


def cohens_kappa(pairs: Iterable[tuple[Decision, Decision]]) -> Agreement:
    """Agreement beyond chance (Cohen 1960): (observed - expected) / (1 - expected), with expected from both margins."""
    return kappa_of(Counter(pairs))


def kappa_of(counted: Mapping[tuple[Decision, Decision], int]) -> Agreement:
    """The same of pairs that were counted: how often each came."""
    n = sum(counted.values())
    if n == 0:
        return Agreement(0, 0.0, 0.0, None)
    agreeing = sum(number for (one, other), number in counted.items() if one is other)
    left: Counter[Decision] = Counter()
    right: Counter[Decision] = Counter()
    for (one, other), number in counted.items():
        left[one] += number
        right[other] += number
    # In whole numbers, so that full agreement is exactly 1 and chance is exactly 0.
    by_chance = sum(left[each] * right[each] for each in left)
    kappa = None if by_chance == n * n else (n * agreeing - by_chance) / (n * n - by_chance)
    return Agreement(n, agreeing / n, by_chance / (n * n), kappa)
