"""What a platform says of a request, and the time, come in; the move, the reopening and what falls due go out. Pure; nothing is guessed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from schemas.outcome import Appeal, OutcomeAction, OutcomeStatus, RefusedReason, TakedownOutcome, UrlStatus
from schemas.reasons import Reason
from schemas.referral_vocabulary import ReferralStatus
from schemas.review import Opening
from services.referrer.lifecycle import Illegal, ReferralEvent, move_referral

DONE_SOMETHING = frozenset(OutcomeAction) - {
    OutcomeAction.NO_ACTION,
    OutcomeAction.ALREADY_REMOVED,
    OutcomeAction.NOT_FOUND,
}
# A duplicate or a wrong address says nothing about whether the content deserved a request.
SAYS_NOTHING = frozenset({RefusedReason.DUPLICATE, RefusedReason.WRONG_PROVIDER})
TAKEN_AWAY = frozenset({OutcomeAction.REMOVED, OutcomeAction.ACCESS_DISABLED_ALL, OutcomeAction.ACCOUNT_SUSPENDED})
WAITING = frozenset({ReferralStatus.ISSUED, ReferralStatus.RECEIVED, ReferralStatus.PROCESSING})
PROGRESS = {
    OutcomeStatus.QUEUED: ReferralEvent.RECEIVE,
    OutcomeStatus.RECEIVED: ReferralEvent.RECEIVE,
    OutcomeStatus.PROCESSING: ReferralEvent.PROCESS,
    OutcomeStatus.EXPIRED: ReferralEvent.EXPIRE,
    OutcomeStatus.WITHDRAWN: ReferralEvent.CONFIRM_WITHDRAWAL,
}
# What a report without an outcome can stand for.
UNSPECIFIED = frozenset({*PROGRESS.values(), ReferralEvent.REFUSE, ReferralEvent.REINSTATE})


class Followed(Protocol):
    """A request as far as following it needs it."""

    @property
    def referral_id(self) -> UUID:
        """Its id."""
        ...

    @property
    def root_referral_id(self) -> UUID:
        """The id of its chain."""
        ...

    @property
    def platform(self) -> str:
        """The platform that it went to."""
        ...

    @property
    def status(self) -> ReferralStatus:
        """Where it stands."""
        ...

    @property
    def issued_at(self) -> datetime:
        """When it was issued."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """Its deadline, if it has one."""
        ...


class Verdict(StrEnum):
    """What an outcome says of the request: it counts for or against whatever proposed it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVERSED = "reversed"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Applied:
    """What an outcome changes. `still_up` says that the content can be seen although the platform says it took it away."""

    event: ReferralEvent
    before: ReferralStatus
    after: ReferralStatus
    verdict: Verdict
    reopens: Opening | None
    late: bool
    still_up: bool


@dataclass(frozen=True, slots=True)
class Unclear:
    """An outcome that cannot be used: the member, the reason for the dead letters, and the rule."""

    member: str
    reason: Reason
    rule: str


def apply(outcome: TakedownOutcome, referral: Followed) -> Applied | Illegal | Unclear:
    """What one report means for the referral that it names, as it stands now."""
    if (outcome.referral_id, outcome.root_referral_id) != (referral.referral_id, referral.root_referral_id):
        return Unclear("referral_id", Reason.UNKNOWN_REFERRAL, "the referral belongs to another chain")
    if outcome.platform != referral.platform:
        return Unclear("platform", Reason.UNKNOWN_REFERRAL, "the referral went to another platform")
    event = event_of(outcome)
    if isinstance(event, Unclear):
        return event
    after = move_referral(referral.status, event)
    if isinstance(after, Illegal):
        return after
    acted_at = outcome.acted_at or outcome.reported_at
    return Applied(
        event=event,
        before=referral.status,
        after=after,
        verdict=verdict_of(outcome, event),
        # Content that comes back because the desk took its request back needs no further decision.
        reopens=None if referral.status is ReferralStatus.WITHDRAWN else reopening(outcome, event),
        late=event in (ReferralEvent.ACTION, ReferralEvent.REFUSE) and is_late(acted_at, referral.due_at),
        still_up=outcome.outcome in TAKEN_AWAY and outcome.observed_url_status is UrlStatus.ACTIVE,
    )


def event_of(outcome: TakedownOutcome) -> ReferralEvent | Unclear:
    """The one event that a report stands for; contradictions and gaps are named, not resolved."""
    if outcome.status is not OutcomeStatus.COMPLETED:
        if outcome.outcome is not None or outcome.refused_reason is not None:
            return _unclear("status", f"{outcome.status.value} has no outcome yet; only completed has one")
        if outcome.reinstated_at is not None or outcome.appeal is Appeal.OVERTURNED:
            return _unclear("status", "content that was put back is reported with status completed")
        return PROGRESS[outcome.status]
    if outcome.reinstated_at is not None or outcome.appeal is Appeal.OVERTURNED:
        return ReferralEvent.REINSTATE
    if outcome.outcome is None and outcome.refused_reason is None:
        return _unclear("outcome", "completed needs an outcome or a refused_reason")
    refuses = outcome.outcome in (None, OutcomeAction.NO_ACTION)
    if not refuses and outcome.refused_reason is not None:
        return _unclear("refused_reason", "a request that was acted on was not refused")
    return ReferralEvent.REFUSE if refuses else ReferralEvent.ACTION


def _unclear(member: str, rule: str) -> Unclear:
    return Unclear(member, Reason.SCHEMA_VIOLATION, rule)


def verdict_of(outcome: TakedownOutcome, event: ReferralEvent) -> Verdict:
    """Whether a report speaks for the request, against it, or not at all."""
    if event is ReferralEvent.REINSTATE:
        return Verdict.REVERSED
    if event is ReferralEvent.ACTION and outcome.outcome in DONE_SOMETHING:
        return Verdict.ACCEPTED
    if event is ReferralEvent.REFUSE and outcome.refused_reason not in SAYS_NOTHING:
        return Verdict.REFUSED
    return Verdict.SILENT


def reopening(outcome: TakedownOutcome, event: ReferralEvent) -> Opening | None:
    """Why the case comes before a person again: the poster's appeal, or content that was put back."""
    if outcome.appeal in (Appeal.FILED, Appeal.OVERTURNED):
        return Opening.APPEALED
    return Opening.REINSTATED if event is ReferralEvent.REINSTATE else None


def is_late(at: datetime, due_at: datetime | None) -> bool:
    """Whether something came after its deadline; on the dot is in time."""
    return due_at is not None and at > due_at


class StepKind(StrEnum):
    """What falls due for a request that waits for its platform."""

    REMINDER = "reminder"
    LAST_REMINDER = "last_reminder"
    BREACH = "breach"
    FOLLOW_UP = "follow_up"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that falls due at a moment, once."""

    kind: StepKind
    at: datetime


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """When the desk reminds, as shares of the time that a platform has, and how long it waits after that."""

    reminder: float = 0.5
    last_reminder: float = 0.9
    expiry_after_breach: timedelta = timedelta(days=7)
    expiry_without_deadline: timedelta = timedelta(days=30)


def steps(
    issued_at: datetime, due_at: datetime | None, follow_up_hours: float, rules: DeadlineRules
) -> tuple[Step, ...]:
    """Everything that falls due while a platform stays silent, in order of time."""
    if due_at is None:
        follow_up = Step(StepKind.FOLLOW_UP, issued_at + timedelta(hours=follow_up_hours))
        expiry = Step(StepKind.EXPIRY, issued_at + rules.expiry_without_deadline)
        return (follow_up, expiry) if follow_up.at < expiry.at else (expiry,)
    given = due_at - issued_at
    return (
        Step(StepKind.REMINDER, issued_at + given * rules.reminder),
        Step(StepKind.LAST_REMINDER, issued_at + given * rules.last_reminder),
        Step(StepKind.BREACH, due_at),
        Step(StepKind.EXPIRY, due_at + rules.expiry_after_breach),
    )


def falls_due(
    referral: Followed, follow_up_hours: float, rules: DeadlineRules, taken: Collection[StepKind], now: datetime
) -> tuple[Step, ...]:
    """Steps whose time has come and that were not taken yet."""
    every = steps(referral.issued_at, referral.due_at, follow_up_hours, rules)
    open_steps = every if referral.status in WAITING else ()
    return tuple(step for step in open_steps if step.at <= now and step.kind not in taken)


class Kept(StrEnum):
    """How a request stands to its deadline."""

    NO_DEADLINE = "no_deadline"
    RUNNING = "running"
    KEPT = "kept"
    BREACHED = "breached"


def deadline(due_at: datetime | None, answered_at: datetime | None, now: datetime) -> Kept:
    """Whether the platform answered in time; `answered_at` is when it acted or refused."""
    if due_at is None:
        return Kept.NO_DEADLINE
    if is_late(answered_at or now, due_at):
        return Kept.BREACHED
    return Kept.RUNNING if answered_at is None else Kept.KEPT
