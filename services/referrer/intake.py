"""How a content stands now and the case it has so far come in; the case as it must be, and whether to call for a person, go out. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from schemas.review import CaseState, Opening
from schemas.vocabulary import Band
from services.referrer.lifecycle import CASE_START, CaseEvent, Illegal, move_case
from services.referrer.records import Case, Location
from services.referrer.standing import Standing, needs_person

WAITING = frozenset({CaseState.OPEN, CaseState.LEASED, CaseState.ESCALATED, CaseState.DEFERRED})
DECIDED = frozenset({CaseState.APPROVED, CaseState.REFUSED})


@dataclass(frozen=True, slots=True)
class Part:
    """What a case is made of: how the content stands that it shows, risk and band with everything that is known.

    `newest_at` is when the latest of its live contents was first seen or edited, `live` how many they are. `reuploaded` says that
    a copy is live which the case did not have before, or that content came back after the decision.
    """

    stands: Standing
    risk: float
    band: Band
    newest_at: datetime
    live: int
    reuploaded: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A case that is new or differs from the stored one; `announce` says that a person must hear of it, and why."""

    case: Case
    announce: Opening | None = None
    first: bool = False


def change(part: Part, present: Case | None, now: datetime, new_id: Callable[[], UUID]) -> Change | None:
    """The case after what is known now; None where there is none, or nothing about it changed."""
    stands = part.stands
    wanted = needs_person(stands, part.band)
    if present is None:
        return _first(part, now, new_id()) if wanted else None
    shown = _shown(present, part, wanted)
    event = _event(present, part, wanted)
    if event is None:
        case = shown
    else:
        state = move_case(present.state, event)
        if isinstance(state, Illegal):
            raise ValueError(str(state))
        case = replace(shown, state=state, lease_holder=None, lease_until=None)
        if event is CaseEvent.REOPEN:
            case = _reopened(case, part, now)
    if case == present:
        return None
    if replace(case, newest_at=present.newest_at, live=present.live) != present:
        # One copy more alone is nothing that anybody decides by, and keeps no decided case from growing old.
        case = replace(case, revision=present.revision + 1, changed_at=now)
    return Change(case, _announce(present, case))


def merged(case: Case, now: datetime) -> Case:
    """A case that gives way to another one of the same content: nothing is left to decide in it."""
    moved = move_case(case.state, CaseEvent.VANISH)
    if isinstance(moved, Illegal):
        return case
    gone = replace(case, state=moved, band=Band.NONE, live=0, lease_holder=None, lease_until=None)
    return replace(gone, revision=case.revision + 1, changed_at=now)


def brought_again(case: Case, opening: Opening, now: datetime) -> Case | Illegal:
    """A decided case that comes before a person once more, whatever stands in it."""
    state = move_case(case.state, CaseEvent.REOPEN)
    if isinstance(state, Illegal):
        return state
    return replace(
        case, state=state, opening=opening, round=case.round + 1, revision=case.revision + 1, waiting_since=now,
        opened_at=now, changed_at=now, decision_id=None, decided_at=None,
    )  # fmt: skip


def _first(part: Part, now: datetime, case_id: UUID) -> Change:
    stands, current = part.stands, part.stands.current
    case = Case(
        case_id=case_id,
        state=CASE_START,
        opening=_opening(stands, None),
        round=1,
        revision=1,
        platform=current.platform,
        content_key=current.content_key,
        content_version=current.content_version,
        observation_id=current.observation_id,
        band=_band(part),
        risk=part.risk,
        event_time=stands.event_time,
        first_seen_at=stands.first_seen_at,
        waiting_since=_since(stands, None),
        opened_at=now,
        changed_at=now,
        traceparent=current.traceparent,
        test=current.test,
        newest_at=part.newest_at,
        live=part.live,
    )
    return Change(case, case.opening, first=True)


def _band(part: Part) -> Band:
    """What stays for a person because it was a threat to life stays at that band."""
    return Band.P1 if part.stands.ever_p1 and (part.band is Band.NONE or not part.stands.live) else part.band


def _shown(case: Case, part: Part, wanted: bool) -> Case:
    """The same case showing the current version of its content, of all copies the one that was said first."""
    stands = part.stands
    return replace(
        case,
        platform=stands.current.platform,
        content_key=stands.current.content_key,
        content_version=stands.current.content_version,
        observation_id=stands.current.observation_id,
        traceparent=stands.current.traceparent,
        band=_band(part) if wanted else part.band,
        risk=part.risk,
        event_time=stands.event_time,
        first_seen_at=stands.first_seen_at,
        waiting_since=case.waiting_since if case.decided_version is not None else _since(stands, None),
        opening=case.opening if case.decided_version is not None else _opening(stands, None),
        test=stands.current.test,
        newest_at=part.newest_at,
        live=part.live,
    )


def _since(stands: Standing, decided_version: str | None) -> datetime:
    """Since when there is something to decide; before any decision, a function of what was seen alone."""
    if decided_version is not None:
        return stands.version_since
    return stands.back_since or stands.first_seen_at


def _opening(stands: Standing, decided_version: str | None) -> Opening:
    """What brings it before a person."""
    if decided_version is not None:
        return Opening.EDITED
    return Opening.REUPLOADED if stands.back_since is not None else Opening.NEW


def _event(case: Case, part: Part, wanted: bool) -> CaseEvent | None:
    """What the new knowledge does to the case."""
    if not wanted:
        return CaseEvent.VANISH if case.state in WAITING else None
    if case.state is CaseState.MOOT:
        return CaseEvent.REOPEN
    # What was decided of a test reached nobody, so of the real thing nothing is decided yet.
    real_now = case.test and not part.stands.current.test
    said_anew = part.stands.current.content_version != case.decided_version or real_now
    # What was found harmless stays so however often it is copied; what was to be removed has to be removed there too.
    again = case.state is CaseState.APPROVED and part.reuploaded
    return CaseEvent.REOPEN if case.state in DECIDED and (said_anew or again) else None


def came_back(stands: Standing, case: Case, removed_at: datetime | None = None) -> bool:
    """Whether content that was gone is there again since the case was decided.

    Gone is what somebody saw deleted, and what the platform says it took away at `removed_at` where nobody saw it go.
    """
    if case.decided_at is None:
        return False
    if removed_at is not None and stands.live and stands.last_seen_at > max(removed_at, case.decided_at):
        return True
    return stands.back_since is not None and stands.back_since > case.decided_at


def _reopened(case: Case, part: Part, now: datetime) -> Case:
    stands = part.stands
    same = stands.current.content_version == case.decided_version
    # Of words that were decided already: what was gone is there again, or what was a test is none.
    opening = (
        Opening.REUPLOADED if part.reuploaded and same else _opening(stands, None if same else case.decided_version)
    )
    return replace(
        case,
        opening=opening,
        waiting_since=_since(stands, case.decided_version),
        round=case.round + 1,
        opened_at=now,
        decision_id=None,
        decided_at=None,
    )


def _announce(before: Case, after: Case) -> Opening | None:
    """A person hears of a case that opens again, and of one that became worse; P1 is the worst band."""
    if after.round > before.round:
        return after.opening
    worse = after.state in WAITING and after.band < before.band and after.band is not Band.NONE
    return after.opening if worse or (before.band is Band.NONE and after.band is not Band.NONE) else None


def location_of(case: Case, stands: Standing) -> Location:
    """Where one of a case's contents was seen."""
    return Location(
        content_key=stands.current.content_key,
        case_id=case.case_id,
        platform=stands.current.platform,
        url=stands.url,
        content_version=stands.current.content_version,
        observation_id=stands.current.observation_id,
        live=stands.live,
        first_seen_at=stands.first_seen_at,
    )
