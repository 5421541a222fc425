"""What may not be comes in; the sentence that says why, and what would be allowed instead, goes out. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from services.referrer.lifecycle import Illegal
from services.referrer.records import Person
from services.referrer.roles import ALLOWED, Action, Role, may


class Why(StrEnum):
    """Why the desk declines; HTTP and console say it each in their way."""

    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Declined:
    """Something that may not be, the sentence that says why, and what would be allowed instead."""

    why: Why
    code: str
    detail: str
    allowed: tuple[str, ...] = ()
    pointer: str | None = None


NO_CASE = Declined(Why.NOT_FOUND, "unknown_case", "No case has this id.")
GONE = Declined(
    Why.NOT_FOUND, "content_removed", "The content of this case is gone: its time was over, or its author was erased."
)
NO_REVIEWER = Declined(Why.INVALID, "no_such_reviewer", "Nobody of that name can decide.", pointer="/to")
# A conflict, as with a case that somebody holds: whoever takes what comes next goes on to the one after it.
FOR_A_LEAD = Declined(Why.CONFLICT, "escalated", "An escalated case is decided by a lead.", (Role.LEAD.value,))


def not_allowed(person: Person, action: Action) -> Declined | None:
    """A refusal where the person's role may not ask for this."""
    if may(person.role, action):
        return None
    roles = tuple(role.value for role in Role if action in ALLOWED[role])
    return Declined(Why.NOT_ALLOWED, "role", f"The role {person.role.value} may not {action.value}.", roles)


def illegal(move: Illegal) -> Declined:
    """A move that the state does not allow."""
    return Declined(Why.CONFLICT, "state", f"{move}.", move.allowed)
