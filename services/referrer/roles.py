"""A role comes in; what a person of it may ask of the desk goes out. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from schemas.review import Amendment


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
AMENDING: Mapping[Amendment, Action] = MappingProxyType(
    {Amendment.WITHDRAW: Action.WITHDRAW, Amendment.CORRECT: Action.CORRECT}
)


def may(role: Role, action: Action) -> bool:
    """Whether a role may ask for an action."""
    return action in ALLOWED[role]
