"""What a platform says of a request, and the time, come in; the move and the reopening go out. Pure; nothing is guessed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from schemas.outcome import Appeal, OutcomeAction, OutcomeStatus, RefusedReason, TakedownOutcome, UrlStatus
from schemas.reasons import Reason
from schemas.referral_vocabulary import ReferralStatus, RequestKind
from schemas.review import Opening
from services.referrer.blanking import blank_outcome
from services.referrer.falling_due import Waits, is_late
from services.referrer.lifecycle import Illegal, ReferralEvent, move_referral

DONE_SOMETHING = frozenset(OutcomeAction) - {
    OutcomeAction.NO_ACTION,
    OutcomeAction.ALREADY_REMOVED,
    OutcomeAction.NOT_FOUND,
}
# A duplicate or a wrong address says nothing about whether the content deserved a request.
SAYS_NOTHING = frozenset({RefusedReason.DUPLICATE, RefusedReason.WRONG_PROVIDER})
# Content that was gone already may have gone before anybody asked.
GONE_BEFORE = frozenset({OutcomeAction.ALREADY_REMOVED, OutcomeAction.NOT_FOUND})
TAKEN_AWAY = frozenset({OutcomeAction.REMOVED, OutcomeAction.ACCESS_DISABLED_ALL, OutcomeAction.ACCOUNT_SUSPENDED})
PROGRESS = {
    OutcomeStatus.QUEUED: ReferralEvent.RECEIVE,
    OutcomeStatus.RECEIVED: ReferralEvent.RECEIVE,
    OutcomeStatus.PROCESSING: ReferralEvent.PROCESS,
    OutcomeStatus.EXPIRED: ReferralEvent.EXPIRE,
    OutcomeStatus.WITHDRAWN: ReferralEvent.CONFIRM_WITHDRAWAL,
}
# What a report without an outcome can stand for.
UNSPECIFIED = frozenset({*PROGRESS.values(), ReferralEvent.REFUSE, ReferralEvent.REINSTATE})
ANSWERS = frozenset({ReferralEvent.ACTION, ReferralEvent.REFUSE})
# How far the clocks of a platform and of the desk may lie apart.
APART = timedelta(hours=1)


class Followed(Waits, Protocol):
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
    def kind(self) -> RequestKind:
        """What it is."""
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


def apply(outcome: TakedownOutcome, referral: Followed, now: datetime) -> Applied | Illegal | Unclear:
    """What one report that comes in `now` means for the referral that it names, as it stands."""
    if (outcome.referral_id, outcome.root_referral_id) != (referral.referral_id, referral.root_referral_id):
        return Unclear("referral_id", Reason.UNKNOWN_REFERRAL, "the referral belongs to another chain")
    if outcome.platform != referral.platform:
        return Unclear("platform", Reason.UNKNOWN_REFERRAL, "the referral went to another platform")
    event = event_of(outcome)
    if isinstance(event, Unclear):
        return event
    if (unclear := _of_a_withdrawal(event, referral) or _mistimed(outcome, event, referral, now)) is not None:
        return unclear
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
        late=event in ANSWERS and is_late(acted_at, referral.due_at),
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


def _of_a_withdrawal(event: ReferralEvent, referral: Followed) -> Unclear | None:
    if referral.kind is not RequestKind.WITHDRAWAL or event is ReferralEvent.CONFIRM_WITHDRAWAL:
        return None
    rule = "a withdrawal asks for nothing, so nothing but withdrawn, which confirms it, can be reported about it; "
    rule += "what became of the content belongs to the request that it takes back"
    return Unclear("status", Reason.IMPOSSIBLE_MOVE, rule)


def _mistimed(outcome: TakedownOutcome, event: ReferralEvent, referral: Followed, now: datetime) -> Unclear | None:
    """Times that cannot be, which would make an answer late or in time, or hide that content can be seen again."""
    acted_at, reported_at = outcome.acted_at, outcome.reported_at
    if reported_at > now + APART:
        return _unclear("reported_at", "it lies more than an hour ahead")
    if acted_at is not None and acted_at > min(reported_at, now) + APART:
        return _unclear("acted_at", "it lies more than an hour after the report")
    if event not in ANSWERS or outcome.outcome in GONE_BEFORE:
        return None
    if acted_at is not None and acted_at < referral.issued_at - APART:
        return _unclear("acted_at", "it lies before the request; what was gone before is already_removed")
    # It stands for the time of the action where none is given, so it must be able to.
    if acted_at is None and referral.due_at is not None and reported_at < referral.issued_at - APART:
        return _unclear("reported_at", "it lies before the request")
    return None


def repeats(outcome: TakedownOutcome, known: TakedownOutcome) -> bool:
    """Whether a report says what a known one of the same id says, no matter when it was sent, or with words erased since."""
    return _says(known) in (_says(outcome), _says(blank_outcome(outcome)))


def _says(outcome: TakedownOutcome) -> dict[str, object]:
    return outcome.model_dump(exclude={"schema_version", "reported_at"})


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
