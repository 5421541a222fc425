"""Golden cases and blind second reviews are decided like any case, nothing ever leaves of them, and agreement is measured by them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from schemas.review import CaseState, Decision
from schemas.topics import REVIEW_DECIDED, REVIEW_REQUESTED, TAKEDOWN_REQUESTED
from schemas.vocabulary import Band
from services.cli import app
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.exercise_book import ExerciseBook
from services.referrer.adapters.oversight_tables import exercises
from services.referrer.adapters.tables import cases, decisions, locations, referrals
from services.referrer.exercises import Golden, Sort, agreed, agreement
from services.referrer.ledger import first_break
from services.referrer.practice import Practice
from services.referrer.records import Case, Person
from services.referrer.roles import Role
from services.runtime import metrics
from services.runtime.codec import encode
from tests.builders import NOON, normalised, ranked, received_value
from tests.desk import ADesk, asked, declined, made
from tests.practice import (
    ALWAYS,
    BLIND_ONLY,
    GOLDEN_ONLY,
    a_desk,
    a_golden,
    exercise_for,
    fresh,
    left,
    seen_by,
)

pytest_plugins = ["tests.database.practice_fixture"]


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


def test_an_exercise_whose_content_is_gone_cannot_be_decided(
    database: SqlDatabase, practised: tuple[ADesk, Person, Case]
) -> None:
    desk, person, exercise = practised
    desk.decide(person, exercise, Decision.DEFER)
    held = desk.held(person, exercise)
    with database.engine.begin() as connection:
        ExerciseBook(connection).blank([exercise.case_id])
    assert declined(desk.deciding.decide(person, exercise.case_id, asked(held))).code == "content_removed"


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


def test_more_golden_cases_than_one_statement_can_name_are_imported(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    practice = Practice(database, GOLDEN_ONLY, ADesk(database).clock)
    many = [Golden(UUID(int=n), Decision.REFUSE, None, Band.P3, NOON, b"{}") for n in range(66_000)]
    assert practice.add(many, "operator") == len(many)
    assert practice.add(many[:1], "operator") == 0
    database.close()


def test_import_by_command(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("INGEST_AUTHOR_SECRET", "s" * 40)
    monkeypatch.setenv("SCORER_CLASSIFIER", "lexicon")
    as_ranked = encode(ranked(normalised("a line of a song", content_id="song"))).decode()
    raw = orjson.dumps(received_value(content_id="raw", texts=[{"role": "body", "text": "gonna get you"}])).decode()
    file = tmp_path / "golden.jsonl"
    file.write_text(
        f'{{"content": {as_ranked}, "decision": "refuse", "reason_code": "art_or_lyrics"}}\n'
        f'{{"content": {raw}, "decision": "approve"}}\n',
        encoding="utf-8-sig",
    )
    first = CliRunner().invoke(app, ["golden", "import", str(file)])
    assert (first.exit_code, first.stdout) == (0, "2 new golden cases, 0 were there already\n"), first.output
    assert CliRunner().invoke(app, ["golden", "import", str(file)]).stdout.startswith("0 new golden cases, 2 were")
    assert CliRunner().invoke(app, ["agreement"]).exit_code == 0
    file.write_text('{"content": {}, "decision": "refuse"}\n{"content": 1}\n')
    bad = CliRunner().invoke(app, ["golden", "import", str(file)])
    assert (bad.exit_code, "line 1:" in bad.stderr, "line 2:" in bad.stderr) == (4, True, True)
