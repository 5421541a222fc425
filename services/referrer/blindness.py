"""A person who may decide comes in; which decided cases stay out of sight while their blind second review waits goes out.

Whoever knows how a case was decided reviews it no longer blindly: so the case is in nobody's lists who may still review it,
whoever holds the review does not get to see it at all, and whoever opens it by its address no longer gets the review.
"""

from collections.abc import Set
from dataclasses import replace
from uuid import UUID

from schemas.review import CaseState
from services.referrer.books import Books
from services.referrer.exercises import Exercise
from services.referrer.records import Case, Person, QueueFilter, QueueKey
from services.referrer.roles import Action, may

FINAL = frozenset({CaseState.APPROVED, CaseState.REFUSED})
# So much room do the names of those have who shall not get a review; more than that is most of a desk.
ROOM = 250


def out_of_sight(books: Books, person: Person) -> Set[UUID]:
    """Cases whose second review waits, and may become this person's."""
    if not may(person.role, Action.DECIDE):
        return frozenset()
    return books.exercises.originals_for(person.pseudonym)


def in_sight(books: Books, person: Person, case: Case) -> bool:
    """Whether the person may stumble on a case: one that is worked on always, a decided one unless its review waits."""
    return case.state not in FINAL or case.case_id not in out_of_sight(books, person)


def queue(books: Books, person: Person, wanted: QueueFilter, after: QueueKey | None, limit: int) -> list[Case]:
    """A page of the queue without those; it is as long as any other."""
    hidden = out_of_sight(books, person) if FINAL & {*wanted.states} else frozenset()
    found: list[Case] = []
    while True:
        page = books.cases.queue(wanted, after, limit)
        found += [case for case in page if case.state not in FINAL or case.case_id not in hidden]
        if len(page) < limit or len(found) >= limit:
            return found[:limit]
        last = page[-1]
        after = QueueKey(last.band, last.risk, last.waiting_since, last.case_id)


def opens(books: Books, person: Person, case_id: UUID, state: CaseState) -> bool:
    """Whether the person may see what was decided; who sees it does not review it any more."""
    if not may(person.role, Action.DECIDE):
        return True
    waiting = [each for each in books.exercises.copies_of(case_id) if each.may_have(person.pseudonym)]
    # A case that was brought up again is work, and goes before practice.
    if state in FINAL and any(each.case.lease_holder == person.pseudonym for each in waiting):
        return False
    for each in waiting:
        _keep_from(books, each, person.pseudonym)
    return True


def spoils(books: Books, person: Person, case: Case) -> bool:
    """Whether a refusal to change a decided case would tell its blind reviewer how it was decided."""
    return case.state in FINAL and not opens(books, person, case.case_id, case.state)


def _keep_from(books: Books, exercise: Exercise, reviewer: str) -> None:
    people = (*exercise.not_for, reviewer)
    if sum(len(name) + 3 for name in people) > ROOM:
        books.exercises.drop(exercise.case.case_id)
    else:
        books.exercises.put(replace(exercise, not_for=people))
