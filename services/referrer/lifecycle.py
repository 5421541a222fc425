"""A state and an event of a case or a referral come in; the next state, or the reason why there is none, goes out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from schemas.referral_vocabulary import ReferralStatus
from schemas.review import CaseState


class CaseEvent(StrEnum):
    """What can happen to a case."""

    LEASE = "lease"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    PROPOSE = "propose"
    APPROVE = "approve"
    REFUSE = "refuse"
    ESCALATE = "escalate"
    DEFER = "defer"
    RETURN = "return"
    VANISH = "vanish"
    REOPEN = "reopen"


class ReferralEvent(StrEnum):
    """What can happen to a referral: the first five are the platform's or a later check's, the others the desk's or the clock's."""

    RECEIVE = "receive"
    PROCESS = "process"
    ACTION = "action"
    REFUSE = "refuse"
    REINSTATE = "reinstate"
    CONFIRM_WITHDRAWAL = "confirm_withdrawal"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    CORRECT = "correct"


CASE_MEANING: Mapping[CaseEvent, str] = MappingProxyType(
    {
        CaseEvent.LEASE: "a reviewer takes the case; nobody else can until the lease ends",
        CaseEvent.RELEASE: "the lease ran out or was given back",
        CaseEvent.HAND_OVER: "the lease passes to another reviewer",
        CaseEvent.PROPOSE: "approved by one reviewer, but a second, different one has to agree",
        CaseEvent.APPROVE: "approved by as many people as the rules demand",
        CaseEvent.REFUSE: "a reviewer decided that nothing leaves",
        CaseEvent.ESCALATE: "the case needs a lead, or two reviewers disagree",
        CaseEvent.DEFER: "the case has to wait for something",
        CaseEvent.RETURN: "the wait is over, or the lead takes the escalated case up",
        CaseEvent.VANISH: "the content is gone, so there is nothing left to decide",
        CaseEvent.REOPEN: "re-upload, edit, reinstatement or appeal",
    }
)
REFERRAL_MEANING: Mapping[ReferralEvent, str] = MappingProxyType(
    {
        ReferralEvent.RECEIVE: "the platform has the request, or has it in its queue",
        ReferralEvent.PROCESS: "the platform looks at it",
        ReferralEvent.ACTION: "the platform did something, or the content was already gone",
        ReferralEvent.REFUSE: "the platform looked and did nothing",
        ReferralEvent.REINSTATE: "the platform put the content back",
        ReferralEvent.CONFIRM_WITHDRAWAL: "the platform confirms a withdrawal: all that can be reported about the withdrawal itself",
        ReferralEvent.EXPIRE: "the deadline passed with its grace, or the platform let the request lapse",
        ReferralEvent.WITHDRAW: "the desk takes the request back",
        ReferralEvent.CORRECT: "a correction stands in its place, under the same root",
    }
)

C, E = CaseState, CaseEvent
CASE_MOVES: Mapping[tuple[CaseState, CaseEvent], CaseState] = MappingProxyType(
    {
        (C.OPEN, E.LEASE): C.LEASED,
        (C.OPEN, E.VANISH): C.MOOT,
        (C.LEASED, E.RELEASE): C.OPEN,
        (C.LEASED, E.HAND_OVER): C.LEASED,
        (C.LEASED, E.PROPOSE): C.OPEN,
        (C.LEASED, E.APPROVE): C.APPROVED,
        (C.LEASED, E.REFUSE): C.REFUSED,
        (C.LEASED, E.ESCALATE): C.ESCALATED,
        (C.LEASED, E.DEFER): C.DEFERRED,
        (C.LEASED, E.VANISH): C.MOOT,
        (C.ESCALATED, E.RETURN): C.OPEN,
        (C.ESCALATED, E.VANISH): C.MOOT,
        (C.DEFERRED, E.RETURN): C.OPEN,
        (C.DEFERRED, E.VANISH): C.MOOT,
        (C.APPROVED, E.REOPEN): C.OPEN,
        (C.REFUSED, E.REOPEN): C.OPEN,
        (C.MOOT, E.REOPEN): C.OPEN,
    }
)
CASE_START = CaseState.OPEN

S, R = ReferralStatus, ReferralEvent
REFERRAL_MOVES: Mapping[tuple[ReferralStatus, ReferralEvent], ReferralStatus] = MappingProxyType(
    {
        # Platforms skip steps: many say nothing before they have acted.
        (S.ISSUED, R.RECEIVE): S.RECEIVED,
        (S.ISSUED, R.PROCESS): S.PROCESSING,
        (S.ISSUED, R.ACTION): S.ACTIONED,
        (S.ISSUED, R.REFUSE): S.REFUSED_BY_PLATFORM,
        (S.ISSUED, R.EXPIRE): S.EXPIRED,
        (S.ISSUED, R.WITHDRAW): S.WITHDRAWN,
        (S.ISSUED, R.CORRECT): S.CORRECTED,
        (S.RECEIVED, R.RECEIVE): S.RECEIVED,
        (S.RECEIVED, R.PROCESS): S.PROCESSING,
        (S.RECEIVED, R.ACTION): S.ACTIONED,
        (S.RECEIVED, R.REFUSE): S.REFUSED_BY_PLATFORM,
        (S.RECEIVED, R.EXPIRE): S.EXPIRED,
        (S.RECEIVED, R.WITHDRAW): S.WITHDRAWN,
        (S.RECEIVED, R.CORRECT): S.CORRECTED,
        (S.PROCESSING, R.PROCESS): S.PROCESSING,
        (S.PROCESSING, R.ACTION): S.ACTIONED,
        (S.PROCESSING, R.REFUSE): S.REFUSED_BY_PLATFORM,
        (S.PROCESSING, R.EXPIRE): S.EXPIRED,
        (S.PROCESSING, R.WITHDRAW): S.WITHDRAWN,
        (S.PROCESSING, R.CORRECT): S.CORRECTED,
        # A label can be followed by a removal, and a removal can turn out to have been wrong.
        (S.ACTIONED, R.ACTION): S.ACTIONED,
        (S.ACTIONED, R.REINSTATE): S.REINSTATED,
        (S.ACTIONED, R.WITHDRAW): S.WITHDRAWN,
        (S.REFUSED_BY_PLATFORM, R.ACTION): S.ACTIONED,
        (S.REFUSED_BY_PLATFORM, R.WITHDRAW): S.WITHDRAWN,
        # Late is not never: what comes after the deadline still counts, as late.
        (S.EXPIRED, R.ACTION): S.ACTIONED,
        (S.EXPIRED, R.REFUSE): S.REFUSED_BY_PLATFORM,
        (S.EXPIRED, R.WITHDRAW): S.WITHDRAWN,
        (S.REINSTATED, R.ACTION): S.ACTIONED,
        (S.WITHDRAWN, R.CONFIRM_WITHDRAWAL): S.WITHDRAWN,
        # What a withdrawal is for: the content comes back.
        (S.WITHDRAWN, R.REINSTATE): S.REINSTATED,
        # A report may cross the desk's own step: what the platform did is written down, and the request stays what it became.
        (S.WITHDRAWN, R.ACTION): S.WITHDRAWN,
        (S.WITHDRAWN, R.REFUSE): S.WITHDRAWN,
        (S.CORRECTED, R.ACTION): S.CORRECTED,
        (S.CORRECTED, R.REFUSE): S.CORRECTED,
        (S.CORRECTED, R.REINSTATE): S.CORRECTED,
    }
)
REFERRAL_START = ReferralStatus.ISSUED


@dataclass(frozen=True, slots=True)
class Illegal:
    """A move that there is not, and the events that the state does allow."""

    state: str
    event: str
    allowed: tuple[str, ...]

    def __str__(self) -> str:
        """One sentence for a problem's detail."""
        allowed = ", ".join(self.allowed) or "nothing"
        return f"{self.event} cannot follow {self.state}; allowed: {allowed}"


State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


def move_case(state: CaseState, event: CaseEvent) -> CaseState | Illegal:
    """The state of a case after an event."""
    return _move(CASE_MOVES, state, event)


def move_referral(status: ReferralStatus, event: ReferralEvent) -> ReferralStatus | Illegal:
    """The status of a referral after an event."""
    return _move(REFERRAL_MOVES, status, event)


def allowed_case_events(state: CaseState) -> tuple[CaseEvent, ...]:
    """Events that a case in this state allows."""
    return _allowed(CASE_MOVES, state)


def allowed_referral_events(status: ReferralStatus) -> tuple[ReferralEvent, ...]:
    """Events that a referral in this status allows."""
    return _allowed(REFERRAL_MOVES, status)


def _move(moves: Mapping[tuple[State, Event], State], state: State, event: Event) -> State | Illegal:
    after = moves.get((state, event))
    if after is None:
        return Illegal(state.value, event.value, tuple(each.value for each in _allowed(moves, state)))
    return after


def _allowed(moves: Mapping[tuple[State, Event], State], state: State) -> tuple[Event, ...]:
    return tuple(event for before, event in moves if before is state)
