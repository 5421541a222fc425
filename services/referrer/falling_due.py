"""When a request was issued and is due, and the time, come in; what falls due, and whether a deadline was kept, goes out. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from schemas.referral_vocabulary import ReferralStatus

WAITING = frozenset({ReferralStatus.ISSUED, ReferralStatus.RECEIVED, ReferralStatus.PROCESSING})


class Waits(Protocol):
    """A request as far as waiting for its platform needs it."""

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
    referral: Waits, follow_up_hours: float, rules: DeadlineRules, taken: Collection[StepKind], now: datetime
) -> tuple[Step, ...]:
    """Steps whose time has come and that were not taken yet."""
    every = steps(referral.issued_at, referral.due_at, follow_up_hours, rules)
    if referral.status is ReferralStatus.EXPIRED:
        # Giving up before the deadline does not keep it; but nobody is reminded of what was given up.
        every = tuple(step for step in every if step.kind is StepKind.BREACH)
    elif referral.status not in WAITING:
        every = ()
    return tuple(step for step in every if step.at <= now and step.kind not in taken)


class Kept(StrEnum):
    """How a request stands to its deadline."""

    NO_DEADLINE = "no_deadline"
    RUNNING = "running"
    KEPT = "kept"
    BREACHED = "breached"


def deadline(
    due_at: datetime | None, answered_at: datetime | None, now: datetime, ended_at: datetime | None = None
) -> Kept:
    """Whether the platform answered in time; `answered_at` is when it acted or refused.

    `ended_at` is when the desk took the request back or corrected it: a deadline that still ran then is nobody's to keep.
    """
    if due_at is None:
        return Kept.NO_DEADLINE
    if ended_at is not None and not is_late(ended_at, due_at) and (answered_at is None or answered_at > ended_at):
        return Kept.NO_DEADLINE
    if is_late(answered_at or now, due_at):
        return Kept.BREACHED
    return Kept.RUNNING if answered_at is None else Kept.KEPT


def is_late(at: datetime, due_at: datetime | None) -> bool:
    """Whether something came after its deadline; on the dot is in time."""
    return due_at is not None and at > due_at
