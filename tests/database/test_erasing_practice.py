"""An erased author leaves no word among the cases to be learned from, and is shown what stands there."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from schemas.review import Decision
from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.database import SqlDatabase
from services.referrer.desk import Desk
from services.referrer.erasing import Erasing, Erasure
from services.referrer.exercises import Golden
from services.referrer.practice import Practice
from tests.builders import key_of
from tests.desk import SETTINGS, ADesk, declined
from tests.practice import GOLDEN_ONLY, a_desk, a_golden, fresh, with_golden

AUTHOR = "k1:" + key_of("the-one")


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return a_desk(database, GOLDEN_ONLY)


def erase(desk: ADesk) -> Erasure:
    desk.database.write(
        lambda books: books.outbox.mark_sent([number for number, _ in books.outbox.waiting(1_000)], desk.clock.now())
    )
    return Erasing(desk.database, desk.reviewing, desk.clock).erase(AUTHOR, "request 7", "operator")


def export(desk: ADesk) -> dict[str, Any]:
    return dict(Erasing(desk.database, desk.reviewing, desk.clock).export(AUTHOR, "operator"))


def golden(desk: ADesk, name: str = "quokkaish", author: str = AUTHOR) -> Golden:
    made = a_golden(name, author_key=author)
    Practice(desk.database, GOLDEN_ONLY, desk.clock).add([made], "operator")
    return made


def left(desk: ADesk) -> list[str]:
    """In which tables a word of the author stands."""
    assert isinstance(desk.database, SqlDatabase)
    found = set()
    with desk.database.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                held = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
                if b"quokkaish" in held or AUTHOR.encode() in held:
                    found.add(str(table.name))
    return sorted(found)


@pytest.mark.parametrize("decided", [False, True])
def test_no_word_of_an_erased_author_is_left_in_what_people_learn_from(desk: ADesk, decided: bool) -> None:
    golden(desk)
    reviewer = desk.person()
    exercise = with_golden(desk, reviewer)
    if decided:
        desk.decide(reviewer, exercise, Decision.REFUSE, note="quokkaish")
    assert left(desk) == ["exercise_words", "exercises", "golden"]
    assert erase(desk).erased.removed["exercises"] == 1
    assert left(desk) == []
    assert declined(desk.desk.view(reviewer, exercise.case_id)).code in ("unknown_case", "content_removed")


def test_an_exercise_of_a_golden_case_that_is_gone_already_goes_with_its_author(desk: ADesk) -> None:
    golden(desk)
    with_golden(desk, desk.person())
    assert isinstance(desk.database, SqlDatabase)
    with desk.database.engine.begin() as connection:
        connection.execute(sa.delete(metadata.tables["golden"]))
    erase(desk)
    assert left(desk) == []


def test_what_is_learned_from_others_stays(desk: ADesk) -> None:
    golden(desk, "wolverhamptonite", "k1:" + key_of("somebody-else"))
    reviewer = desk.person()
    exercise = with_golden(desk, reviewer)
    assert erase(desk).nothing
    assert not hasattr(desk.desk.view(reviewer, exercise.case_id), "code")


def test_an_export_shows_golden_cases_and_exercises_and_nobody_of_the_desk(desk: ADesk) -> None:
    golden(desk)
    reviewer = desk.person("r-unlikely")
    exercise = with_golden(desk, reviewer)
    desk.decide(reviewer, exercise)
    held = export(desk)
    assert {name for name, rows in held.items() if rows} == {"golden", "exercises", "exercise_words"}
    (shown,) = held["exercises"]
    assert shown["record"]["content"]["author_key"] == AUTHOR
    without_notice = orjson.dumps({**shown, "facts": {**shown["facts"], "notices": []}}, default=str)
    assert b"r-unlikely" not in without_notice


def test_after_an_erasure_an_export_shows_nothing(desk: ADesk) -> None:
    golden(desk)
    reviewer = desk.person()
    desk.decide(reviewer, with_golden(desk, reviewer), Decision.REFUSE)
    erase(desk)
    assert not any(export(desk).values())


def test_an_erasure_takes_along_the_exercise_that_is_just_being_made_of_a_golden_case(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    desk = a_desk(database, GOLDEN_ONLY)
    golden(desk)
    case = fresh(desk)
    with ThreadPoolExecutor() as pool:
        begun: list[Future[Erasure]] = []

        def new_id() -> UUID:
            begun.append(pool.submit(erase, desk))
            wait(begun, timeout=0.5)
            return uuid4()

        taking = Practice(database, GOLDEN_ONLY, desk.clock, new_id)
        desk.desk = Desk(database, desk.clock, SETTINGS.lease(), taking)
        desk.held(desk.person(), case)
        assert begun[0].result().erased.removed["exercises"] == 1
    assert left(desk) == []
    database.close()
