"""Desks on which golden cases and blind second reviews are mixed in, and the exercises that a person meets on them."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from schemas.review import Decision
from schemas.vocabulary import Band
from services.referrer.adapters.database import SqlDatabase
from services.referrer.deciding import Deciding
from services.referrer.desk import Desk
from services.referrer.exercises import Golden
from services.referrer.practice import Practice
from services.referrer.records import Case, Person
from services.runtime.codec import encode
from tests.builders import NOON, normalised, ranked
from tests.desk import DIRECTORY, SETTINGS, ADesk

ALWAYS = replace(SETTINGS.rules(), golden_rate=1.0, blind_rate=1.0)
GOLDEN_ONLY = replace(ALWAYS, blind_rate=0.0)
BLIND_ONLY = replace(ALWAYS, golden_rate=0.0)


def a_desk(database: SqlDatabase, rules: Any) -> ADesk:
    desk = ADesk(database)
    practice = Practice(database, rules, desk.clock)
    desk.desk = Desk(database, desk.clock, SETTINGS.lease(), practice)
    desk.deciding = Deciding(database, DIRECTORY, SETTINGS.identity(), rules, desk.clock, practice=practice)
    return desk


def a_golden(name: str = "golden", decision: Decision = Decision.REFUSE, **changes: Any) -> Golden:
    content = normalised(f"lyrics of {name}, which everybody has heard", content_id=name, **changes)
    return Golden(uuid4(), decision, None, Band.P3, NOON, encode(ranked(content)))


def fresh(desk: ADesk, name: str = "work") -> Case:
    return desk.case(ranked(normalised(f"a case of {name} with words that no other one has", content_id=name)))


def seen_by(desk: ADesk, person: Person) -> list[UUID]:
    return [case.case_id for case in desk.queue(person)]


def exercise_for(desk: ADesk, person: Person) -> Case:
    """The one case in the person's queue that is no real one."""
    queue = desk.queue(person)
    real = desk.database.read(lambda books: {each.case_id for each in queue if books.cases.get(each.case_id)})
    (found,) = [case for case in queue if case.case_id not in real]
    return found


def exercise_of(desk: ADesk, person: Person, original: Case) -> Case:
    return next(case for case in desk.queue(person) if case.content_key == original.content_key)


def with_golden(desk: ADesk, person: Person) -> Case:
    """A golden case, which came because the person took another case."""
    desk.held(person, fresh(desk))
    return exercise_for(desk, person)


def with_blind(desk: ADesk, other: Person, decision: Decision = Decision.REFUSE) -> Case:
    """A case that r-1 decided, once more for somebody else."""
    desk.decide(desk.person("r-1"), fresh(desk), decision)
    return exercise_for(desk, other)


def left(desk: ADesk, topic: str) -> int:
    return len(desk.outbox(topic))
