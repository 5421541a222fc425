"""Where golden cases and blind second reviews stand in the queue, by which words they are found, and by whom."""

from uuid import UUID

from schemas.review import Decision
from schemas.vocabulary import Band
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.exercise_book import ExerciseBook
from services.referrer.declined import Declined
from services.referrer.finding import Finding
from services.referrer.records import Case, Found, Person, QueueFilter, QueueKey
from services.referrer.roles import Role
from tests.builders import normalised, ranked
from tests.desk import ADesk, declined
from tests.practice import fresh, seen_by, with_golden

pytest_plugins = ["tests.database.practice_fixture"]


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
