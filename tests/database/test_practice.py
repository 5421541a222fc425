"""Golden cases and blind second reviews look like any case, are decided like any case, and nothing ever leaves of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from schemas.desk import CaseSummary, CorrectionAsked, WithdrawalAsked
from schemas.review import CaseState, Decision, ReasonCode
from schemas.topics import REVIEW_DECIDED, REVIEW_REQUESTED, TAKEDOWN_REQUESTED
from schemas.vocabulary import Band, Exemption
from services.cli import app
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.exercise_book import ExerciseBook
from services.referrer.adapters.oversight_tables import exercises
from services.referrer.adapters.tables import cases, decisions, locations, referrals
from services.referrer.amending import Amended, DraftedCorrection
from services.referrer.deciding import Deciding
from services.referrer.desk import Declined, Desk
from services.referrer.exercises import Golden, Sort, agreed, agreement
from services.referrer.finding import Finding
from services.referrer.ledger import first_break
from services.referrer.pages import case_file, decision_answer, referral_file, summary
from services.referrer.practice import Practice
from services.referrer.records import Case, Found, Person, QueueFilter, QueueKey
from services.referrer.roles import Role
from services.runtime import metrics
from services.runtime.codec import encode
from tests.builders import NOON, normalised, ranked, received_value, scored
from tests.desk import DIRECTORY, SETTINGS, ADesk, an_outcome, asked, declined, made

ALWAYS = replace(SETTINGS.rules(), golden_rate=1.0, blind_rate=1.0)
GOLDEN_ONLY = replace(ALWAYS, blind_rate=0.0)
BLIND_ONLY = replace(ALWAYS, golden_rate=0.0)


def a_desk(database: SqlDatabase, rules: Any) -> ADesk:
    desk = ADesk(database)
    practice = Practice(database, rules, desk.clock)
    desk.desk = Desk(database, desk.clock, SETTINGS.lease(), practice)
    desk.deciding = Deciding(database, DIRECTORY, SETTINGS.identity(), rules, desk.clock, practice=practice)
    return desk


@pytest.fixture
def golden_desk(database: SqlDatabase) -> ADesk:
    desk = a_desk(database, GOLDEN_ONLY)
    Practice(database, GOLDEN_ONLY, desk.clock).add([a_golden()], "operator")
    return desk


@pytest.fixture
def blind_desk(database: SqlDatabase) -> ADesk:
    return a_desk(database, BLIND_ONLY)


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


@pytest.fixture(params=["golden", "blind"])
def practised(request: pytest.FixtureRequest, database: SqlDatabase) -> Iterator[tuple[ADesk, Person, Case]]:
    """A desk, a person and an exercise of that person: golden, then blind."""
    if request.param == "golden":
        desk = a_desk(database, GOLDEN_ONLY)
        Practice(database, GOLDEN_ONLY, desk.clock).add([a_golden()], "operator")
        person = desk.person("r-2")
        yield desk, person, with_golden(desk, person)
    else:
        desk = a_desk(database, BLIND_ONLY)
        person = desk.person("r-2")
        yield desk, person, with_blind(desk, person)


@pytest.mark.parametrize("decision", Decision)
def test_no_decision_on_an_exercise_ever_leaves_anything(
    practised: tuple[ADesk, Person, Case], decision: Decision
) -> None:
    desk, person, exercise = practised
    topics = (TAKEDOWN_REQUESTED, REVIEW_DECIDED, REVIEW_REQUESTED)
    before = [left(desk, topic.name) for topic in topics], len(desk.outbox())
    desk.decide(person, exercise, decision)
    assert ([left(desk, topic.name) for topic in topics], len(desk.outbox())) == before


def test_an_exercise_stands_in_no_table_that_a_request_is_made_from(
    database: SqlDatabase, practised: tuple[ADesk, Person, Case]
) -> None:
    desk, person, exercise = practised
    desk.decide(person, exercise)

    with database.engine.connect() as connection:
        for table in (cases, locations, decisions, referrals):
            of_it = sa.select(sa.func.count()).where(table.c.case_id == exercise.case_id)
            assert connection.execute(of_it).scalar_one() == 0


def test_the_ledger_marks_what_happens_to_an_exercise(practised: tuple[ADesk, Person, Case]) -> None:
    desk, person, exercise = practised
    desk.desk.view(person, exercise.case_id)
    desk.decide(person, exercise)
    entries = desk.database.read(lambda books: books.ledger.entries())
    mine = [(entry.kind, orjson.loads(entry.body)) for entry in entries]
    marks = [(kind, body["exercise"]) for kind, body in mine if body.get("case_id") == str(exercise.case_id)]
    assert [kind for kind, _ in marks] == ["viewed", "leased", "decided"]
    assert len({mark for _, mark in marks}) == 1
    assert first_break(entries) is None


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
    assert _shape(shown[0]) == _shape(shown[1])
    names = [sorted(summary(case).model_dump(exclude_none=True)) for case in (exercise, real)]
    assert names[0] == names[1]
    assert "golden" not in CaseSummary.model_fields


def _shape(value: Any) -> Any:
    """What a value is made of, without what it says."""
    if isinstance(value, dict):
        return {name: _shape(member) for name, member in sorted(value.items())}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return type(value).__name__


def words_find(desk: ADesk, person: Person, question: str) -> list[UUID]:
    found = Finding(desk.database).search(person, question)
    assert isinstance(found, Found)
    return [case.case_id for case in found.cases]


def words_on(desk: ADesk, person: Person, case: Case) -> str:
    """What the case says, and where."""
    file = desk.desk.view(person, case.case_id)
    assert not isinstance(file, Declined)
    content = file.content.content
    return f"{content.url} {content.texts[0].original}"


def test_a_search_by_words_finds_an_exercise_and_not_the_case_that_it_repeats(
    practised: tuple[ADesk, Person, Case],
) -> None:
    desk, person, exercise = practised
    question = words_on(desk, person, exercise)
    assert words_find(desk, person, question) == [exercise.case_id]
    desk.decide(person, exercise)
    assert words_find(desk, person, question) == [exercise.case_id]


def test_nobody_else_finds_an_exercise_by_its_words(practised: tuple[ADesk, Person, Case]) -> None:
    desk, person, exercise = practised
    question = words_on(desk, person, exercise)
    for other in (desk.person("r-1"), desk.person("auditor", Role.AUDITOR)):
        assert exercise.case_id not in words_find(desk, other, question)


def test_an_exercise_whose_content_is_gone_is_found_by_no_word(
    database: SqlDatabase, practised: tuple[ADesk, Person, Case]
) -> None:
    desk, person, exercise = practised
    question = words_on(desk, person, exercise)
    desk.decide(person, exercise)
    with database.engine.begin() as connection:
        ExerciseBook(connection).blank([exercise.case_id])
    assert exercise.case_id not in words_find(desk, person, question)


def test_an_exercise_stands_where_its_band_and_risk_put_it(golden_desk: ADesk) -> None:
    person = golden_desk.person("r-2")
    exercise = with_golden(golden_desk, person)
    urgent = golden_desk.case(
        ranked(normalised("a threat that cannot wait for anybody", content_id="urgent"), 0.97, Band.P1)
    )
    mild = golden_desk.case(ranked(normalised("a remark that can wait for long", content_id="mild"), 0.3, Band.P4))
    found = seen_by(golden_desk, person)
    order = [found.index(case) for case in (urgent.case_id, exercise.case_id, mild.case_id)]
    assert order == sorted(order)


def test_pages_of_a_queue_hold_every_case_once(golden_desk: ADesk) -> None:
    person = golden_desk.person("r-2")
    with_golden(golden_desk, person)
    for number in range(5):
        fresh(golden_desk, f"number-{number}")
    whole = seen_by(golden_desk, person)
    paged: list[UUID] = []
    after = None
    while True:
        page = golden_desk.desk.queue(person, QueueFilter(), after, 2)
        assert not isinstance(page, Declined)
        if not page:
            break
        paged += [case.case_id for case in page]
        last = page[-1]
        after = QueueKey(last.band, last.risk, last.waiting_since, last.case_id)
    assert paged == whole


def test_a_golden_case_is_for_one_person(golden_desk: ADesk) -> None:
    mine, other = golden_desk.person("r-2"), golden_desk.person("r-3")
    exercise = with_golden(golden_desk, mine)
    assert exercise.case_id not in seen_by(golden_desk, other)
    assert declined(golden_desk.desk.view(other, exercise.case_id)).code == "unknown_case"
    assert declined(golden_desk.desk.lease(other, exercise.case_id)).code == "unknown_case"


def test_nobody_gets_the_same_golden_case_twice(golden_desk: ADesk) -> None:
    person = golden_desk.person("r-2")
    golden_desk.decide(person, with_golden(golden_desk, person), Decision.REFUSE)
    golden_desk.held(person, fresh(golden_desk, "more"))
    real = {case.case_id for case in golden_desk.queue(golden_desk.person("r-3"))}
    assert set(seen_by(golden_desk, person)) == real


def test_a_golden_case_looks_as_if_it_had_just_come_in(golden_desk: ADesk) -> None:
    golden_desk.clock.forward(days=90)
    person = golden_desk.person("r-2")
    exercise = with_golden(golden_desk, person)
    file = golden_desk.desk.view(person, exercise.case_id)
    assert not isinstance(file, Declined)
    age = golden_desk.clock.now() - file.content.content.observed_at
    assert 0 < age.total_seconds() < 600
    assert exercise.first_seen_at == file.content.content.observed_at


def test_who_decided_first_never_gets_the_blind_review(blind_desk: ADesk) -> None:
    first, other = blind_desk.person("r-1"), blind_desk.person("r-2")
    exercise = with_blind(blind_desk, other)
    assert exercise.case_id not in seen_by(blind_desk, first)
    assert declined(blind_desk.desk.lease(first, exercise.case_id)).code == "unknown_case"
    blind_desk.held(other, exercise)
    refused = declined(blind_desk.desk.hand_over(other, exercise.case_id, "r-1"))
    assert refused.code == "no_such_reviewer"


def test_a_blind_review_says_nothing_of_the_first_decision(blind_desk: ADesk) -> None:
    other = blind_desk.person("r-2")
    exercise = with_blind(blind_desk, other)
    file = blind_desk.desk.view(other, exercise.case_id)
    assert not isinstance(file, Declined)
    assert (list(file.decisions), list(file.referrals)) == ([], [])
    assert (exercise.state, exercise.round, exercise.decided_at) == (CaseState.OPEN, 1, None)


def test_an_auditor_sees_real_cases_alone(blind_desk: ADesk) -> None:
    with_blind(blind_desk, blind_desk.person("r-2"))
    assert seen_by(blind_desk, blind_desk.person("auditor", Role.AUDITOR)) == []


def test_a_proposal_is_not_reviewed_blindly_before_it_stands(blind_desk: ADesk) -> None:
    content = normalised("a song about a feud that everybody knows by heart")
    lyrics = ranked(content, scored=scored(content, exemptions={Exemption.ART_OR_LYRICS: 0.9}))
    proposed = blind_desk.decide(blind_desk.person("r-1"), blind_desk.case(lyrics))
    assert proposed.decision.awaits_second_review
    assert seen_by(blind_desk, blind_desk.person("r-3")) == [proposed.case.case_id]
    blind_desk.decide(blind_desk.person("r-2"), blind_desk.now(proposed.case.case_id))
    for decider in ("r-1", "r-2"):
        assert seen_by(blind_desk, blind_desk.person(decider)) == []
    assert len(seen_by(blind_desk, blind_desk.person("r-3"))) == 1


def test_an_exercise_is_held_to_the_same_rules(practised: tuple[ADesk, Person, Case]) -> None:
    desk, person, exercise = practised
    not_held = desk.deciding.decide(person, exercise.case_id, asked(exercise))
    assert declined(not_held).code == "state"
    held = desk.held(person, exercise)
    unfit = desk.deciding.decide(person, exercise.case_id, asked(held, good_faith=False))
    assert declined(unfit).code == "notice_unfit"
    wrong = desk.deciding.decide(person, exercise.case_id, asked(held, reason_code="news"))
    assert declined(wrong).code == "rule"
    made(desk.deciding.decide(person, exercise.case_id, asked(held)))
    again = desk.deciding.decide(person, exercise.case_id, asked(held))
    assert declined(again).code == "state"


def test_a_lease_on_an_exercise_ends_like_any_other(practised: tuple[ADesk, Person, Case]) -> None:
    desk, person, exercise = practised
    desk.held(person, exercise)
    desk.clock.forward(hours=1)
    assert desk.desk.sweep() >= 1
    assert exercise.case_id in seen_by(desk, person)


@pytest.mark.parametrize("decision", [Decision.ESCALATE, Decision.DEFER])
def test_one_opinion_is_enough_and_nobody_else_is_asked(
    practised: tuple[ADesk, Person, Case], decision: Decision
) -> None:
    desk, person, exercise = practised
    desk.decide(person, exercise, decision)
    for who in (desk.person("lead", Role.LEAD), desk.person("r-3")):
        assert exercise.case_id not in [case.case_id for case in desk.queue(who, states=tuple(CaseState))]


def test_the_first_opinion_counts_whatever_is_said_later(practised: tuple[ADesk, Person, Case]) -> None:
    desk, person, exercise = practised
    desk.decide(person, exercise, Decision.DEFER)
    desk.decide(person, exercise, Decision.REFUSE)
    (pair,) = Practice(desk.database, ALWAYS, desk.clock).pairs()
    assert (pair.said, pair.reviewer) == (Decision.DEFER, person.pseudonym)


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
        _shape(decision_answer(done).model_dump(exclude_none=True, mode="json")) | {"state": done.case.state},
        _shape(page),
        case.case_id in listed,
        [each.case_id for each in found.cases] == [case.case_id],
        (line.copies, line.approved_by),
        (second.code, TIMES.sub("", second.detail)) if isinstance(second, Declined) else None,
        retaken.detail if isinstance(retaken, Declined) else retaken.state.value,
        [_shape(referral_file(each).model_dump(mode="json")) for each in sent if not isinstance(each, Declined)],
    )


TIMES = re.compile(r"[0-9a-f-]{36}|[0-9]{4}-[0-9-]+ [0-9:]+")


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


def test_tests_are_not_practised_on(blind_desk: ADesk) -> None:
    blind_desk.decide(blind_desk.person("r-1"), blind_desk.case(ranked(normalised("gonna get you", test=True))))
    assert seen_by(blind_desk, blind_desk.person("r-2")) == []


def test_the_decided_case_itself_is_left_as_it_is(blind_desk: ADesk) -> None:
    case = fresh(blind_desk)
    decided = blind_desk.decide(blind_desk.person("r-1"), case)
    other = blind_desk.person("r-2")
    exercise = exercise_for(blind_desk, other)
    blind_desk.decide(other, exercise, Decision.REFUSE)
    assert blind_desk.now(case.case_id) == decided.case
    assert left(blind_desk, TAKEDOWN_REQUESTED.name) == 1


def browsed(desk: ADesk, person: Person, *states: CaseState) -> list[UUID]:
    """What the person meets page by page, two cases on each."""
    met: list[UUID] = []
    after = None
    while True:
        page = desk.desk.queue(person, QueueFilter(states), after, 2)
        assert not isinstance(page, Declined)
        met += [case.case_id for case in page]
        if len(page) < 2:
            return met
        after = QueueKey(page[-1].band, page[-1].risk, page[-1].waiting_since, page[-1].case_id)


@dataclass(frozen=True)
class Blind:
    """A desk on which r-1 approved five cases; r-2 may review any of them blindly, and holds the review of one."""

    desk: ADesk
    other: Person
    copy: Case
    original: Case
    referral_id: UUID
    rest: tuple[Case, ...]


@pytest.fixture
def blind(blind_desk: ADesk) -> Blind:
    first, other = blind_desk.person("r-1"), blind_desk.person("r-2")
    done = [blind_desk.decide(first, fresh(blind_desk, f"number-{number}")) for number in range(5)]
    copy = blind_desk.held(other, exercise_of(blind_desk, other, done[0].case))
    rest = tuple(each.case for each in done[1:])
    return Blind(blind_desk, other, copy, done[0].case, done[0].referrals[0].referral_id, rest)


def exercise_of(desk: ADesk, person: Person, original: Case) -> Case:
    return next(case for case in desk.queue(person) if case.content_key == original.content_key)


def test_no_list_shows_how_a_case_was_decided_that_this_person_may_review_blindly(blind: Blind) -> None:
    desk, other = blind.desk, blind.other
    everything = {blind.original.case_id, *(case.case_id for case in blind.rest)}
    assert set(browsed(desk, desk.person("r-1"), CaseState.APPROVED)) == everything
    assert browsed(desk, other, CaseState.APPROVED) == []
    desk.decide(other, blind.copy, Decision.REFUSE)
    assert blind.original.case_id in browsed(desk, other, CaseState.APPROVED)
    assert browsed(desk, desk.person("dara", Role.AUDITOR), CaseState.APPROVED) != []


def test_pages_are_full_where_cases_between_them_stay_out_of_sight(blind: Blind) -> None:
    desk, other = blind.desk, blind.other
    own = [desk.decide(other, fresh(desk, f"own-{number}")).case.case_id for number in range(3)]
    assert sorted(browsed(desk, other, CaseState.APPROVED)) == sorted(own)


def test_who_holds_a_blind_review_sees_neither_case_nor_request_of_the_first_until_it_is_decided(blind: Blind) -> None:
    desk, other, case_id = blind.desk, blind.other, blind.original.case_id
    assert declined(desk.desk.view(other, case_id)).code == "unknown_case"
    assert declined(desk.amending.view(other, blind.referral_id)).code == "unknown_referral"
    found = Finding(desk.database).search(other, str(case_id))
    assert isinstance(found, Found)
    assert found.cases == ()
    desk.decide(other, blind.copy, Decision.REFUSE)
    assert not isinstance(desk.desk.view(other, case_id), Declined)
    assert not isinstance(desk.amending.view(other, blind.referral_id), Declined)


def test_who_holds_a_blind_review_neither_amends_the_request_of_the_first_nor_learns_of_it_by_trying(
    blind: Blind,
) -> None:
    desk, lead = blind.desk, blind.desk.person("r-2", Role.LEAD)
    case_id, referral_id = blind.original.case_id, blind.referral_id
    back = WithdrawalAsked(reason_code=ReasonCode.ISSUED_IN_ERROR)
    anew = CorrectionAsked(reason_code=ReasonCode.THREAT_OF_VIOLENCE, good_faith=True)
    tried = (
        desk.amending.withdraw(lead, referral_id, back), desk.amending.correct(lead, referral_id, anew),
        desk.amending.draft(lead, referral_id, anew), desk.desk.lease(lead, case_id), desk.desk.release(lead, case_id),
        desk.deciding.decide(lead, case_id, asked(blind.original)),
    )  # fmt: skip
    assert [declined(each).code for each in tried] == ["unknown_referral"] * 3 + ["unknown_case"] * 3
    desk.decide(lead, blind.copy, Decision.REFUSE)
    assert isinstance(desk.amending.withdraw(lead, referral_id, back), Amended)


def test_who_drafts_a_correction_does_not_get_the_blind_review(blind: Blind) -> None:
    desk, lead, original = blind.desk, blind.desk.person("r-2", Role.LEAD), blind.rest[0]
    (referral,) = desk.database.read(lambda books: books.referrals.of_case(original.case_id))
    review = exercise_of(desk, lead, original)
    anew = CorrectionAsked(reason_code=ReasonCode.THREAT_OF_VIOLENCE, good_faith=True)
    assert isinstance(desk.amending.draft(lead, referral.referral_id, anew), DraftedCorrection)
    assert review.case_id not in seen_by(desk, lead)


@pytest.mark.parametrize("by", ["case", "request"])
def test_who_saw_a_decision_does_not_get_its_blind_review_and_somebody_else_does(blind: Blind, by: str) -> None:
    desk, curious = blind.desk, blind.other
    original = blind.rest[0]
    (referral,) = desk.database.read(lambda books: books.referrals.of_case(original.case_id))
    review = exercise_of(desk, curious, original)
    if by == "case":
        assert not isinstance(desk.desk.view(curious, original.case_id), Declined)
    else:
        assert not isinstance(desk.amending.view(curious, referral.referral_id), Declined)
    assert review.case_id not in seen_by(desk, curious)
    assert declined(desk.desk.lease(curious, review.case_id)).code == "unknown_case"
    assert original.case_id in browsed(desk, curious, CaseState.APPROVED)
    assert review.case_id in seen_by(desk, desk.person("r-3"))


def test_a_review_that_most_of_the_desk_knows_the_answer_to_is_dropped(blind: Blind) -> None:
    desk, original = blind.desk, blind.rest[0]
    for number in range(8):
        desk.desk.view(desk.person(f"a-reviewer-with-a-long-pseudonym-{number}"), original.case_id)
    assert original.content_key not in [case.content_key for case in desk.queue(desk.person("r-3"))]


def test_who_holds_a_blind_review_still_works_on_the_case_when_it_comes_up_again(blind: Blind) -> None:
    desk, other = blind.desk, blind.other
    (referral,) = desk.database.read(lambda books: books.referrals.of_case(blind.original.case_id))
    desk.outcome(an_outcome(referral))
    desk.outcome(an_outcome(referral, outcome_id="o-9", outcome=None, reinstated_at=NOON))
    assert desk.now(blind.original.case_id).state is CaseState.OPEN
    assert blind.original.case_id in browsed(desk, other, CaseState.OPEN)
    assert not isinstance(desk.desk.view(other, blind.original.case_id), Declined)
    assert blind.copy.case_id not in browsed(desk, other, CaseState.OPEN, CaseState.LEASED)


def test_agreement_is_measured_between_people_and_with_golden_cases(database: SqlDatabase) -> None:
    desk = a_desk(database, BLIND_ONLY)
    practice = Practice(database, BLIND_ONLY, desk.clock)
    other = desk.person("r-2")
    for number, (first, second) in enumerate(
        [(Decision.REFUSE, Decision.REFUSE), (Decision.APPROVE, Decision.APPROVE), (Decision.REFUSE, Decision.APPROVE)]
    ):
        desk.decide(desk.person("r-1"), fresh(desk, f"number-{number}"), first)
        desk.decide(other, exercise_for(desk, other), second)
    found = agreement(practice.pairs(), Sort.BLIND)
    counted = database.read(lambda books: books.exercises.tally(desk.clock.now() - timedelta(days=90)))
    assert agreed(counted, Sort.BLIND) == found
    # 2 of 3 agree; by chance (2/3)(1/3) + (1/3)(2/3) = 4/9 would: (6/9 - 4/9) / (5/9).
    assert found.pairs == 3
    assert found.kappa == pytest.approx(0.4)
    practice.measure()
    assert metrics.REGISTRY.get_sample_value("hub_reviewer_agreement_kappa") != pytest.approx(0.4)
    Practice(database, BLIND_ONLY, desk.clock, fewest=3).measure()
    assert metrics.REGISTRY.get_sample_value("hub_reviewer_agreement_kappa") == pytest.approx(0.4)


def test_rates_of_nothing_bring_nothing(database: SqlDatabase) -> None:
    desk = a_desk(database, replace(ALWAYS, golden_rate=0.0, blind_rate=0.0))
    Practice(database, GOLDEN_ONLY, desk.clock).add([a_golden()], "operator")
    desk.decide(desk.person("r-1"), fresh(desk), Decision.REFUSE)
    assert seen_by(desk, desk.person("r-2")) == []
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(exercises)).all() == []


def test_import_by_command(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("INGEST_AUTHOR_SECRET", "s" * 40)
    monkeypatch.setenv("SCORER_CLASSIFIER", "lexicon")
    as_ranked = encode(ranked(normalised("a line of a song", content_id="song"))).decode()
    raw = orjson.dumps(received_value(content_id="raw", texts=[{"role": "body", "text": "gonna get you"}])).decode()
    file = tmp_path / "golden.jsonl"
    file.write_text(
        f'{{"content": {as_ranked}, "decision": "refuse", "reason_code": "art_or_lyrics"}}\n'
        f'{{"content": {raw}, "decision": "approve"}}\n'
    )
    first = CliRunner().invoke(app, ["golden", "import", str(file)])
    assert (first.exit_code, first.stdout) == (0, "2 new golden cases, 0 were there already\n"), first.output
    assert CliRunner().invoke(app, ["golden", "import", str(file)]).stdout.startswith("0 new golden cases, 2 were")
    assert CliRunner().invoke(app, ["agreement"]).exit_code == 0
    file.write_text('{"content": {}, "decision": "refuse"}\n{"content": 1}\n')
    bad = CliRunner().invoke(app, ["golden", "import", str(file)])
    assert (bad.exit_code, "line 1:" in bad.stderr, "line 2:" in bad.stderr) == (4, True, True)
