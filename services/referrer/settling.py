"""What people said of a case, and what one says now, come in; whether that may stand, and what becomes of the case, goes out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.review import Decision, ReasonCode
from services.referrer.decision_reasons import REASONS
from services.referrer.lifecycle import CaseEvent
from services.referrer.roles import Action, Role, may


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person said of one case since it was last opened; `agreed` names what an approval asks for, each notice by its digest."""

    decision_id: UUID
    reviewer: str
    role: Role
    decision: Decision
    reason_code: ReasonCode
    decided_at: datetime
    agreed: frozenset[str] = frozenset()


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


def settle(said: Sequence[Opinion], now_said: Opinion, second_review_for: tuple[str, ...]) -> Settled | Forbidden:
    """What a further opinion means after those already given since the case was opened, oldest first."""
    forbidden = _forbidden(said, now_said)
    if forbidden is not None:
        return forbidden
    if now_said.decision is Decision.APPROVE:
        # Whoever proposed once needs somebody else for anything in this round: what made it a proposal may have been a word of theirs.
        proposed = any(each.decision is Decision.APPROVE and each.reviewer == now_said.reviewer for each in said)
        return _approve(said, now_said, bool(second_review_for) or proposed)
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
    agreeing = _agreeing(said, now_said) if now_said.decision is Decision.APPROVE else []
    if {each.reviewer for each in agreeing} == {now_said.reviewer}:
        return Forbidden("the second review needs a different reviewer")
    return None


def _approve(said: Sequence[Opinion], now_said: Opinion, second_needed: bool) -> Settled:
    agreeing = tuple(dict.fromkeys(each.reviewer for each in (*_agreeing(said, now_said), now_said)))
    if second_needed and len(agreeing) < 2:
        return Settled(CaseEvent.PROPOSE, agreeing)
    return Settled(CaseEvent.APPROVE, agreeing, second_review=len(agreeing) > 1)


def _agreeing(said: Sequence[Opinion], now_said: Opinion) -> list[Opinion]:
    """The approvals that asked for all that this one asks for: whoever agreed to less agreed to something else."""
    return [each for each in said if each.decision is Decision.APPROVE and now_said.agreed <= each.agreed]


def said_all(waiting: Sequence[Opinion], reviewer: str) -> bool:
    """Whether a person approved all that the other approvals that wait ask for, so that somebody else has to complete one.

    An approval of which nobody knows what it named covers nothing: it has to be given again.
    """
    own = [each.agreed for each in waiting if each.reviewer == reviewer and each.agreed]
    others = [each.agreed for each in waiting if each.reviewer != reviewer]
    return bool(own) and all(any(theirs <= mine for mine in own) for theirs in others)


def escalated(said: Sequence[Opinion]) -> bool:
    """Whether only a lead may decide: somebody asked for one, or two reviewers disagree."""
    decisions = {each.decision for each in said}
    return Decision.ESCALATE in decisions or {Decision.APPROVE, Decision.REFUSE} <= decisions
