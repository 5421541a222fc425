"""A golden case or a blind second review tells nobody what it is: before and after a decision it says what any case says."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from schemas.desk import CaseSummary
from schemas.review import CaseState, Decision
from schemas.topics import TAKEDOWN_REQUESTED
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.exercise_book import ExerciseBook
from services.referrer.adapters.oversight_tables import exercises
from services.referrer.declined import Declined
from services.referrer.finding import Finding
from services.referrer.pages import case_file, decision_answer, referral_file, summary
from services.referrer.practice import Practice
from services.referrer.records import Case, Found, Person
from tests.desk import ADesk, asked, declined
from tests.practice import ALWAYS, fresh, left

pytest_plugins = ["tests.database.practice_fixture"]

TIMES = re.compile(r"[0-9a-f-]{36}|[0-9]{4}-[0-9-]+ [0-9:]+")


def shape_of(value: Any) -> Any:
    """What a value is made of, without what it says."""
    if isinstance(value, dict):
        return {name: shape_of(member) for name, member in sorted(value.items())}
    if isinstance(value, list):
        return [shape_of(value[0])] if value else []
    return type(value).__name__


@dataclass(frozen=True)
class Told:
    """Everything that a reviewer is told of a case after a decision, without what it says."""

    answer: Any
    page: Any
    listed: bool
    found: bool
    line: tuple[int, tuple[str, ...]]
    again: tuple[str, str] | None
    retaken: str
    request: Any


def told(desk: ADesk, person: Person, case: Case, **asks: Any) -> Told:
    """Decide a case and look at it from every side: the answer, the page, the lists, a second try, the request."""
    done = desk.decide(person, case, **asks)
    file = desk.desk.view(person, case.case_id)
    assert not isinstance(file, Declined)
    page = case_file(file, desk.deciding.drafts(file, person), ()).model_dump(exclude_none=True, mode="json")
    listed = [each.case_id for each in desk.queue(person, states=(done.case.state,))]
    finding = Finding(desk.database)
    found = finding.search(person, str(case.case_id))
    assert isinstance(found, Found)
    glances = finding.glance(person, [done.case])
    assert not isinstance(glances, Declined)
    line = glances[case.case_id]
    second = desk.deciding.decide(person, case.case_id, asked(case))
    sent = [desk.amending.view(person, each.referral_id) for each in done.referrals]
    retaken = desk.desk.lease(person, case.case_id)
    return Told(
        shape_of(decision_answer(done).model_dump(exclude_none=True, mode="json")) | {"state": done.case.state},
        shape_of(page),
        case.case_id in listed,
        [each.case_id for each in found.cases] == [case.case_id],
        (line.copies, line.approved_by),
        (second.code, TIMES.sub("", second.detail)) if isinstance(second, Declined) else None,
        retaken.detail if isinstance(retaken, Declined) else retaken.state.value,
        [shape_of(referral_file(each).model_dump(mode="json")) for each in sent if not isinstance(each, Declined)],
    )


def test_in_the_list_and_on_the_page_an_exercise_says_the_same_things_as_a_case(
    practised: tuple[ADesk, Person, Case],
) -> None:
    desk, person, exercise = practised
    real = fresh(desk, "another")
    shown = []
    for case in (exercise, real):
        file = desk.desk.view(person, case.case_id)
        assert not isinstance(file, Declined)
        page = case_file(file, desk.deciding.drafts(file, person), ())
        shown.append(page.model_dump(exclude_none=True, mode="json"))
    assert shape_of(shown[0]) == shape_of(shown[1])
    names = [sorted(summary(case).model_dump(exclude_none=True)) for case in (exercise, real)]
    assert names[0] == names[1]
    assert "golden" not in CaseSummary.model_fields


@pytest.mark.parametrize("decision", Decision)
def test_after_a_decision_an_exercise_says_the_same_things_as_a_case(
    practised: tuple[ADesk, Person, Case], decision: Decision
) -> None:
    desk, person, exercise = practised
    real = fresh(desk, "another")
    assert told(desk, person, exercise, decision=decision) == told(desk, person, real, decision=decision)


def test_a_proposal_on_an_exercise_waits_for_a_second_reviewer_as_any_other(
    practised: tuple[ADesk, Person, Case],
) -> None:
    desk, person, exercise = practised
    real = fresh(desk, "another")
    minor = {"notice": {"minor_suspected": True}}
    said = [told(desk, person, case, **minor) for case in (exercise, real)]
    assert said[0] == said[1]
    assert said[0].answer["state"] is CaseState.OPEN
    assert said[0].line == (0, (person.pseudonym,))
    assert left(desk, TAKEDOWN_REQUESTED.name) == 0


def waits_for_somebody(desk: ADesk, person: Person, case: Case, asks: dict[str, Any]) -> bool:
    """Decide it, and say whether it still stands with what waits, as it does for a case."""
    state = desk.decide(person, case, **asks).case.state
    assert state in (CaseState.OPEN, CaseState.ESCALATED)
    return case.case_id in [each.case_id for each in desk.queue(person, states=(state,))]


@pytest.mark.parametrize("asks", [{"notice": {"minor_suspected": True}}, {"decision": Decision.ESCALATE}])
def test_an_exercise_that_waits_for_somebody_else_does_not_wait_for_ever(
    practised: tuple[ADesk, Person, Case], asks: dict[str, Any]
) -> None:
    """Nobody else sees it: a proposal that stays in one person's queue alone says what it is."""
    desk, person, exercise = practised
    assert waits_for_somebody(desk, person, exercise, asks)
    before = desk.ledger(), len(desk.outbox())
    desk.clock.forward(minutes=40)
    next_one = desk.held(person, fresh(desk, "another"))
    everything = {each.case_id: each for each in desk.queue(person, states=tuple(CaseState))}
    assert everything[exercise.case_id].state is CaseState.MOOT
    assert exercise.case_id not in [each.case_id for each in desk.queue(person)]
    assert (desk.ledger(), len(desk.outbox())) == ([*before[0], "leased"], before[1] + 1)
    assert next_one.lease_holder == person.pseudonym
    (pair,) = Practice(desk.database, ALWAYS, desk.clock).pairs()
    assert pair.said is (asks.get("decision") or Decision.APPROVE)


def test_an_exercise_that_waits_for_somebody_else_waits_as_long_as_a_case_may(
    practised: tuple[ADesk, Person, Case],
) -> None:
    desk, person, exercise = practised
    desk.decide(person, exercise, notice={"minor_suspected": True})
    desk.clock.forward(minutes=9)
    desk.held(person, fresh(desk, "another"))
    assert exercise.case_id in [each.case_id for each in desk.queue(person)]


def test_what_a_person_left_to_somebody_else_is_found_by_itself(practised: tuple[ADesk, Person, Case]) -> None:
    desk, person, exercise = practised
    assert desk.database.read(lambda books: books.exercises.left_to_others(person.pseudonym)) == []
    desk.decide(person, exercise, notice={"minor_suspected": True})
    assert desk.database.read(lambda books: books.exercises.left_to_others(person.pseudonym)) == [exercise.case_id]
    assert desk.database.read(lambda books: books.exercises.left_to_others("r-9")) == []


def test_the_words_of_a_notice_that_never_left_go_with_the_content(
    database: SqlDatabase, practised: tuple[ADesk, Person, Case]
) -> None:
    desk, person, exercise = practised
    done = desk.decide(person, exercise, note="seen at the station")
    assert not isinstance(desk.amending.view(person, done.referrals[0].referral_id), Declined)
    with database.engine.begin() as connection:
        ExerciseBook(connection).blank([exercise.case_id])
        facts = connection.execute(sa.select(exercises.c.facts).where(exercises.c.case_id == exercise.case_id)).scalar()
    assert facts is not None
    assert b"excerpt" not in facts
    assert b"station" not in facts
    assert declined(desk.amending.view(person, done.referrals[0].referral_id)).code == "unknown_referral"
