"""What a person asks of the desk comes in; what the desk answers, with its trace in the ledger, goes out: one transaction each.

Console and HTTP interface call the same methods. What may not be is a `Declined`, not an exception.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from schemas.review import CaseState, ReasonCode
from schemas.scoring import ContentRanked
from services.referrer.accounts import CONNECTOR_PREFIX, PERSON_PREFIX, owner
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.lifecycle import CaseEvent, Illegal, move_case
from services.referrer.ports import Books, Database
from services.referrer.records import (
    Case,
    Connector,
    DecisionRow,
    Location,
    Person,
    QueueFilter,
    QueueKey,
    Referral,
)
from services.referrer.review_rules import ALLOWED, Action, Opinion, Role, may
from services.runtime.clock import Clock
from services.runtime.codec import decode

MAXIMUM_PAGE = 200
SWEEP = 200


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


@dataclass(frozen=True, slots=True)
class File:
    """Everything about one case."""

    case: Case
    content: ContentRanked
    locations: Sequence[Location]
    contents: Sequence[ContentRanked]
    decisions: Sequence[DecisionRow]
    referrals: Sequence[Referral]


NO_CASE = Declined(Why.NOT_FOUND, "unknown_case", "No case has this id.")
GONE = Declined(
    Why.NOT_FOUND, "content_removed", "The content of this case is gone: its time was over, or its author was erased."
)


class Desk:
    """Queue, cases and leases."""

    def __init__(self, database: Database, clock: Clock, lease: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease

    def person(self, token: str) -> Person | None:
        """Whose token this is."""
        return self._database.read(lambda books: owner(token, PERSON_PREFIX, books.people.by_token))

    def connector(self, token: str) -> Connector | None:
        """Which platform's system this token belongs to."""
        return self._database.read(lambda books: owner(token, CONNECTOR_PREFIX, books.people.connector_by_token))

    def queue(self, person: Person, wanted: QueueFilter, after: QueueKey | None, limit: int) -> list[Case] | Declined:
        """Cases in order of band, risk, age; at most 200."""
        if (refused := not_allowed(person, Action.VIEW_QUEUE)) is not None:
            return refused
        return self._database.read(lambda books: books.cases.queue(wanted, after, min(limit, MAXIMUM_PAGE)))

    def view(self, person: Person, case_id: UUID) -> File | Declined:
        """Everything about one case; the look is recorded."""
        if (refused := not_allowed(person, Action.VIEW_CONTENT)) is not None:
            return refused
        return self._database.write(lambda books: self._view(books, person, case_id))

    def _view(self, books: Books, person: Person, case_id: UUID) -> File | Declined:
        case = books.cases.get(case_id)
        if case is None:
            return NO_CASE
        if books.sightings.record(case.observation_id) is None:
            return GONE
        seen = {"case_id": case_id, "content_version": case.content_version}
        books.ledger.append([Happened(self._clock.now(), LedgerKind.VIEWED, person.pseudonym, seen)])
        return file_of(books, case)

    def lease(self, person: Person, case_id: UUID) -> Case | Declined:
        """Take a case; only its holder can decide it until the lease ends. The holder's own lease is renewed."""
        return self._change(person, Action.LEASE, case_id, self._leased)

    def _leased(self, _books: Books, person: Person, case: Case) -> tuple[Case, Happened] | Declined:
        now = self._clock.now()
        state = case.state
        if state is CaseState.LEASED:
            if case.lease_holder == person.pseudonym or (case.lease_until is not None and case.lease_until <= now):
                state = CaseState.OPEN
            else:
                until = f"{case.lease_until:%H:%M} UTC" if case.lease_until else "later"
                return Declined(Why.CONFLICT, "leased", f"{case.lease_holder} holds this case until {until}.")
        if state is CaseState.ESCALATED and (refused := not_allowed(person, Action.TAKE_UP_ESCALATED)) is not None:
            return refused
        if state in (CaseState.ESCALATED, CaseState.DEFERRED):
            returned = move_case(state, CaseEvent.RETURN)
            state = state if isinstance(returned, Illegal) else returned
        moved = move_case(state, CaseEvent.LEASE)
        if isinstance(moved, Illegal):
            return illegal(moved)
        until_at = now + self._lease
        leased = replace(case, state=moved, lease_holder=person.pseudonym, lease_until=until_at)
        return leased, Happened(now, LedgerKind.LEASED, person.pseudonym, {"case_id": case.case_id, "until": until_at})

    def release(self, person: Person, case_id: UUID) -> Case | Declined:
        """Give a lease back; a lead may end another's."""
        return self._change(person, Action.LEASE, case_id, self._released)

    def _released(self, _books: Books, person: Person, case: Case) -> tuple[Case, Happened] | Declined:
        if (refused := self._not_holder(person, case, Action.END_ANOTHERS_LEASE)) is not None:
            return refused
        return self._free(case, person.pseudonym)

    def _free(self, case: Case, actor: str) -> tuple[Case, Happened] | Declined:
        moved = move_case(case.state, CaseEvent.RELEASE)
        if isinstance(moved, Illegal):
            return illegal(moved)
        freed = replace(case, state=moved, lease_holder=None, lease_until=None)
        body = {"case_id": case.case_id, "holder": case.lease_holder}
        return freed, Happened(self._clock.now(), LedgerKind.RELEASED, actor, body)

    def hand_over(self, person: Person, case_id: UUID, to: str) -> Case | Declined:
        """Pass a lease to another person who may decide."""

        def work(books: Books, giver: Person, case: Case) -> tuple[Case, Happened] | Declined:
            if (refused := self._not_holder(giver, case, Action.END_ANOTHERS_LEASE)) is not None:
                return refused
            taker = books.people.by_pseudonym(to)
            if taker is None or taker.revoked_at is not None or not may(taker.role, Action.DECIDE):
                return Declined(Why.INVALID, "no_such_reviewer", "Nobody of that name can decide.", pointer="/to")
            moved = move_case(case.state, CaseEvent.HAND_OVER)
            if isinstance(moved, Illegal):
                return illegal(moved)
            now = self._clock.now()
            passed = replace(case, state=moved, lease_holder=to, lease_until=now + self._lease)
            return passed, Happened(now, LedgerKind.HANDED_OVER, giver.pseudonym, {"case_id": case.case_id, "to": to})

        return self._change(person, Action.HAND_OVER, case_id, work)

    def _not_holder(self, person: Person, case: Case, unless: Action) -> Declined | None:
        if case.state is not CaseState.LEASED:
            return Declined(Why.CONFLICT, "not_leased", "Nobody holds this case.")
        if case.lease_holder != person.pseudonym and not may(person.role, unless):
            return Declined(Why.CONFLICT, "leased", f"{case.lease_holder} holds this case.")
        return None

    def _change(
        self,
        person: Person,
        action: Action,
        case_id: UUID,
        work: Callable[[Books, Person, Case], tuple[Case, Happened] | Declined],
    ) -> Case | Declined:
        """Lock the case, change it, record it."""
        if (refused := not_allowed(person, action)) is not None:
            return refused

        def run(books: Books) -> Case | Declined:
            case = books.cases.locked(case_id)
            if case is None:
                return NO_CASE
            done = work(books, person, case)
            return done if isinstance(done, Declined) else self._stored(books, *done)

        return self._database.write(run)

    def _stored(self, books: Books, case: Case, happened: Happened) -> Case:
        after = replace(case, revision=case.revision + 1, changed_at=self._clock.now())
        books.cases.put([after])
        books.ledger.append([happened])
        return after

    def sweep(self) -> int:
        """Free the cases whose lease has run out; gives how many."""

        def run(books: Books) -> int:
            now, freed = self._clock.now(), 0
            for case_id in books.cases.expired_leases(now, SWEEP):
                case = books.cases.locked(case_id)
                # Between the look and the lock somebody may have decided or renewed.
                if case is None or case.state is not CaseState.LEASED or (case.lease_until or now) > now:
                    continue
                done = self._free(case, "clock")
                if not isinstance(done, Declined):
                    self._stored(books, *done)
                    freed += 1
            return freed

        return self._database.write(run)


def not_allowed(person: Person, action: Action) -> Declined | None:
    """A refusal where the person's role may not ask for this."""
    if may(person.role, action):
        return None
    roles = tuple(role.value for role in Role if action in ALLOWED[role])
    return Declined(Why.NOT_ALLOWED, "role", f"The role {person.role.value} may not {action.value}.", roles)


def illegal(move: Illegal) -> Declined:
    """A move that the state does not allow."""
    return Declined(Why.CONFLICT, "state", f"{move}.", move.allowed)


def file_of(books: Books, case: Case) -> File:
    """Everything about one case, from its books."""
    locations = books.cases.locations(case.case_id)
    contents = [_content(books, location.observation_id) for location in locations]
    return File(
        case,
        _content(books, case.observation_id),
        locations,
        contents,
        books.cases.decisions(case.case_id),
        books.referrals.of_case(case.case_id),
    )


def _content(books: Books, observation_id: str) -> ContentRanked:
    return decode(ContentRanked, books.sightings.record(observation_id))


def opinions(case: Case, decisions: Sequence[DecisionRow]) -> list[Opinion]:
    """What counts: said in this round, and an approval only of the version that stands there now."""
    return [
        Opinion(d.decision_id, d.reviewer, d.role, d.decision, ReasonCode(d.reason_code), d.decided_at)
        for d in decisions
        if d.round == case.round and (not d.awaits_second_review or d.content_version == case.content_version)
    ]


def lease_end(case: Case, now: datetime) -> datetime | None:
    """When the lease of a case ends; None where nobody holds it."""
    if case.state is not CaseState.LEASED or case.lease_until is None or case.lease_until <= now:
        return None
    return case.lease_until
