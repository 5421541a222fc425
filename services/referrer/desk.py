"""What a person asks of the desk comes in; what the desk answers, with its trace in the ledger, goes out: one transaction each.

Console and HTTP interface call the same methods. What may not be is a `Declined`, not an exception.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from schemas.review import CaseState
from services.referrer import blindness
from services.referrer.accounts import CONNECTOR_PREFIX, PERSON_PREFIX, owner
from services.referrer.books import Books, Database
from services.referrer.case_file import File, exercise_file, file_of, opinions
from services.referrer.changes import changes
from services.referrer.declined import FOR_A_LEAD, GONE, NO_CASE, NO_REVIEWER, Declined, Why, illegal, not_allowed
from services.referrer.exercises import marked, mixed
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.lifecycle import CaseEvent, Illegal, move_case
from services.referrer.practice import Practice
from services.referrer.records import Case, Connector, Person, QueueFilter, QueueKey
from services.referrer.roles import Action, may
from services.referrer.settling import Opinion, escalated
from services.runtime.clock import Clock

MAXIMUM_PAGE = 200
SWEEP = 200


Done = tuple[Case, Happened] | Declined
# What was said of the case since it was opened goes along: an escalated one is a lead's.
Work = Callable[[Books, Person, Case, Sequence[Opinion]], Done]


class Desk:
    """Queue, cases and leases."""

    def __init__(self, database: Database, clock: Clock, lease: timedelta, practice: Practice | None = None) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease
        self._practice = practice

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
        most = min(limit, MAXIMUM_PAGE)

        def look(books: Books) -> list[Case]:
            found = blindness.queue(books, person, wanted, after, most)
            decides = may(person.role, Action.DECIDE)
            mixed_in = books.exercises.visible(person.pseudonym, wanted, after) if decides else []
            return mixed(found, [exercise.case for exercise in mixed_in], most)

        return self._database.read(look)

    def view(self, person: Person, case_id: UUID) -> File | Declined:
        """Everything about one case; the look is recorded."""
        if (refused := not_allowed(person, Action.VIEW_CONTENT)) is not None:
            return refused
        return self._database.write(lambda books: self._view(books, person, case_id))

    def _view(self, books: Books, person: Person, case_id: UUID) -> File | Declined:
        case = books.cases.get(case_id)
        if case is None:
            return self._view_exercise(books, person, case_id)
        if not blindness.opens(books, person, case_id, case.state):
            return NO_CASE
        if books.sightings.record(case.observation_id) is None:
            return GONE
        file = file_of(books, case)
        before = books.looks.last(case_id, person.pseudonym)
        books.looks.put(case_id, person.pseudonym, file.look)
        # Last, because everybody else who has something to record waits until this transaction ends.
        seen = {"case_id": case_id, "content_version": case.content_version}
        books.ledger.append([Happened(self._clock.now(), LedgerKind.VIEWED, person.pseudonym, seen)])
        return replace(file, changed=changes(before, file.look) if before is not None else ())

    def _view_exercise(self, books: Books, person: Person, case_id: UUID) -> File | Declined:
        exercise = books.exercises.get(case_id)
        if exercise is None or not exercise.may_have(person.pseudonym):
            return NO_CASE
        if not (record := books.exercises.record(case_id)):
            return GONE
        seen = {"case_id": case_id, "content_version": exercise.case.content_version, "exercise": exercise.sort.value}
        books.ledger.append([Happened(self._clock.now(), LedgerKind.VIEWED, person.pseudonym, seen)])
        return exercise_file(exercise, record)

    def lease(self, person: Person, case_id: UUID) -> Case | Declined:
        """Take a case; only its holder can decide it until the lease ends. The holder's own lease is renewed."""
        return self._change(person, Action.LEASE, case_id, self._leased)

    def _leased(self, books: Books, person: Person, case: Case, said: Sequence[Opinion]) -> Done:
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
        if escalated(said) and not may(person.role, Action.TAKE_UP_ESCALATED):
            return FOR_A_LEAD
        until_at = now + self._lease
        leased = replace(case, state=moved, lease_holder=person.pseudonym, lease_until=until_at)
        if self._practice is not None and case.lease_holder != person.pseudonym:
            self._practice.taken(books, person.pseudonym, case.band)
        return leased, Happened(now, LedgerKind.LEASED, person.pseudonym, {"case_id": case.case_id, "until": until_at})

    def release(self, person: Person, case_id: UUID) -> Case | Declined:
        """Give a lease back; a lead may end another's."""
        return self._change(person, Action.LEASE, case_id, self._released)

    def _released(self, _books: Books, person: Person, case: Case, said: Sequence[Opinion]) -> Done:
        if (refused := self._not_holder(person, case, Action.END_ANOTHERS_LEASE)) is not None:
            return refused
        return self._free(case, person.pseudonym, said)

    def _free(self, case: Case, actor: str, said: Sequence[Opinion]) -> Done:
        # What only a lead may decide goes back to where leads look for it, not to everybody.
        moved = move_case(case.state, CaseEvent.ESCALATE if escalated(said) else CaseEvent.RELEASE)
        if isinstance(moved, Illegal):
            return illegal(moved)
        freed = replace(case, state=moved, lease_holder=None, lease_until=None)
        body = {"case_id": case.case_id, "holder": case.lease_holder}
        return freed, Happened(self._clock.now(), LedgerKind.RELEASED, actor, body)

    def hand_over(self, person: Person, case_id: UUID, to: str) -> Case | Declined:
        """Pass a lease to another person who may decide."""

        def work(books: Books, giver: Person, case: Case, said: Sequence[Opinion]) -> Done:
            if (refused := self._not_holder(giver, case, Action.END_ANOTHERS_LEASE)) is not None:
                return refused
            taker = books.people.by_pseudonym(to)
            if taker is None or taker.revoked_at is not None or not may(taker.role, Action.DECIDE):
                return NO_REVIEWER
            if escalated(said) and not may(taker.role, Action.TAKE_UP_ESCALATED):
                return replace(FOR_A_LEAD, why=Why.INVALID, pointer="/to")
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

    def _change(self, person: Person, action: Action, case_id: UUID, work: Work) -> Case | Declined:
        """Lock the case, change it, record it."""
        if (refused := not_allowed(person, action)) is not None:
            return refused

        def run(books: Books) -> Case | Declined:
            case = books.cases.locked(case_id)
            if case is None:
                return self._change_exercise(books, person, case_id, work)
            if blindness.spoils(books, person, case):
                return NO_CASE
            done = work(books, person, case, _said(books, case))
            return done if isinstance(done, Declined) else self._stored(books, *done)

        return self._database.write(run)

    def _change_exercise(self, books: Books, person: Person, case_id: UUID, work: Work) -> Case | Declined:
        """The same with a case that is there to be learned from."""
        exercise = books.exercises.locked(case_id)
        if exercise is None or not exercise.may_have(person.pseudonym):
            return NO_CASE
        done = work(books, person, exercise.case, opinions(exercise.case, exercise.decisions))
        if isinstance(done, Declined):
            return done
        changed, happened = done
        holder = changed.lease_holder
        if holder is not None and holder != person.pseudonym:
            if holder in exercise.not_for:
                return NO_REVIEWER
            exercise = replace(exercise, only_for=exercise.only_for and holder)
        after = replace(changed, revision=changed.revision + 1, changed_at=self._clock.now())
        books.exercises.put(replace(exercise, case=after))
        books.ledger.append([marked(happened, exercise)])
        return after

    def _stored(self, books: Books, case: Case, happened: Happened) -> Case:
        after = replace(case, revision=case.revision + 1, changed_at=self._clock.now())
        books.cases.put([after])
        books.ledger.append([happened])
        return after

    def sweep(self) -> int:
        """Free the cases whose lease has run out; gives how many.

        Each in a transaction of its own: whoever holds the ledger's end must not wait for a case.
        """
        now = self._clock.now()
        expired = self._database.read(
            lambda books: [
                (self._expire, books.cases.expired_leases(now, SWEEP)),
                (self._expire_exercise, books.exercises.expired_leases(now, SWEEP)),
            ]
        )
        return sum(self._database.write(partial(free, case_id=each)) for free, ids in expired for each in ids)

    def _expire(self, books: Books, case_id: UUID) -> bool:
        case, now = books.cases.locked(case_id), self._clock.now()
        # Between the look and the lock somebody may have decided or renewed.
        if case is None or case.state is not CaseState.LEASED or (case.lease_until or now) > now:
            return False
        done = self._free(case, "clock", _said(books, case))
        if isinstance(done, Declined):
            return False
        self._stored(books, *done)
        return True

    def _expire_exercise(self, books: Books, case_id: UUID) -> bool:
        exercise, now = books.exercises.locked(case_id), self._clock.now()
        if exercise is None or exercise.case.state is not CaseState.LEASED or (exercise.case.lease_until or now) > now:
            return False
        done = self._free(exercise.case, "clock", opinions(exercise.case, exercise.decisions))
        if isinstance(done, Declined):
            return False
        books.exercises.put(replace(exercise, case=done[0]))
        books.ledger.append([marked(done[1], exercise)])
        return True


def _said(books: Books, case: Case) -> Sequence[Opinion]:
    return opinions(case, books.cases.decisions(case.case_id))
