"""When a case was opened and decided comes in; how it stands to the clock of threats to life goes out. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from schemas.vocabulary import Band
from services.referrer.review_rules import ReviewRules


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
