"""What is older than its age goes, what is not stays, and a look changes nothing."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from schemas.review import CaseState, Decision
from schemas.topics import RANKED, TAKEDOWN_OUTCOME
from schemas.vocabulary import Band, Change
from services.cli import app
from services.ingest.identity import Secret, author_key
from services.referrer.adapters.database import SqlDatabase
from services.referrer.books import Books
from services.referrer.declined import Declined
from services.referrer.exercises import Golden
from services.referrer.records import Case, Referral
from services.referrer.retaining import Retaining
from services.referrer.retention import Kind, load_retention
from services.referrer.roles import Role
from services.runtime.errors import Fatal
from tests.builders import key_of, normalised, ranked
from tests.desk import ADesk, an_outcome, declined

AGES = load_retention()


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def days(kind: Kind) -> int:
    found = AGES.kinds[kind].days
    assert found is not None
    return found


def later(desk: ADesk, kind: Kind, by: int = 1) -> None:
    """So much later that what is there now is that many days too old, or still short of it."""
    desk.clock.at += timedelta(days=days(kind) + by)


def run(desk: ADesk) -> dict[Kind, int]:
    return Retaining(desk.database, AGES, desk.clock).run()


def waiting(desk: ADesk) -> dict[Kind, int]:
    return {due.kind: due.number for due in Retaining(desk.database, AGES, desk.clock).look() if due.number}


def background(desk: ADesk) -> str:
    """Content that no case came of."""
    content = ranked(normalised("a mild remark", content_id="mild"), risk=0.1, band=Band.NONE)
    desk.take(content)
    return content.content.content_key


def seen(desk: ADesk, key: str) -> int:
    return len(desk.database.read(lambda books: books.sightings.of([key])).get(key, ()))


def published(desk: ADesk) -> None:
    desk.database.write(
        lambda books: books.outbox.mark_sent([number for number, _ in books.outbox.waiting(1_000)], desk.clock.now())
    )


@pytest.mark.parametrize(("by", "left"), [(-1, 1), (1, 0)])
def test_content_without_a_case_goes_when_it_was_last_seen_long_ago(desk: ADesk, by: int, left: int) -> None:
    key = background(desk)
    later(desk, Kind.CONTENT, by)
    run(desk)
    assert seen(desk, key) == left


def test_content_that_was_seen_again_stays_whole(desk: ADesk) -> None:
    key = background(desk)
    later(desk, Kind.CONTENT)
    again = normalised("a mild remark", content_id="mild", observed_at=desk.clock.now())
    desk.take(ranked(again, risk=0.1, band=Band.NONE))
    run(desk)
    assert seen(desk, key) == 2


def test_content_that_was_seen_several_times_goes_once_and_whole(desk: ADesk) -> None:
    key = background(desk)
    for hours in (1, 2):
        again = normalised("a mild remark", content_id="mild", observed_at=desk.clock.now() + timedelta(hours=hours))
        desk.take(ranked(again, risk=0.1, band=Band.NONE))
    assert seen(desk, key) == 3
    later(desk, Kind.CONTENT)
    age = AGES.age(Kind.CONTENT, desk.clock.now())
    assert age is not None
    first = desk.database.read(lambda books: books.retention.due(Kind.CONTENT, age, 1))
    second = desk.database.read(lambda books: books.retention.due(Kind.CONTENT, age, 1, first.last))
    assert (first.keys, second.keys, waiting(desk)[Kind.CONTENT]) == ([key], [], 1)
    run(desk)
    assert seen(desk, key) == 0


def test_content_of_a_case_stays_as_long_as_the_case(desk: ADesk) -> None:
    case = desk.case()
    later(desk, Kind.CONTENT)
    run(desk)
    assert seen(desk, case.content_key) == 1


def test_a_refused_case_loses_content_address_and_note_and_keeps_its_decision(desk: ADesk) -> None:
    made = desk.decide(desk.person(), desk.case(), Decision.REFUSE, note="a quotation")
    later(desk, Kind.CASES_WITHOUT_REQUEST)
    assert run(desk)[Kind.CASES_WITHOUT_REQUEST] == 1
    assert seen(desk, made.case.content_key) == 0
    assert desk.database.read(lambda books: books.cases.locations(made.case.case_id)) == []
    (decision,) = desk.database.read(lambda books: books.cases.decisions(made.case.case_id))
    assert (decision.decision, decision.note) == (Decision.REFUSE, "")


def test_a_look_at_a_case_without_content_says_so(desk: ADesk) -> None:
    made = desk.decide(desk.person(), desk.case(), Decision.REFUSE)
    later(desk, Kind.CASES_WITHOUT_REQUEST)
    run(desk)
    assert declined(desk.desk.view(desk.person(), made.case.case_id)).code == "content_removed"


def test_a_case_that_nobody_ever_decided_goes_whole_but_not_out_of_somebodys_hands(desk: ADesk) -> None:
    kept, gone = desk.case(), desk.case(ranked(normalised("and another one entirely", content_id="p-2")))
    later(desk, Kind.CASES_WITHOUT_REQUEST)
    held = desk.desk.lease(desk.person(), kept.case_id)
    assert not isinstance(held, Declined)
    run(desk)
    assert desk.now(kept.case_id).state is CaseState.LEASED
    assert desk.database.read(lambda books: books.cases.get(gone.case_id)) is None


def test_bare_decisions_go_in_the_end(desk: ADesk) -> None:
    made = desk.decide(desk.person(), desk.case(), Decision.REFUSE)
    later(desk, Kind.DECISIONS)
    run(desk)
    assert desk.database.read(lambda books: books.cases.get(made.case.case_id)) is None


def requested(desk: ADesk) -> Referral:
    referral = desk.approved()
    desk.outcome(an_outcome(referral))
    return referral


@pytest.mark.parametrize(("by", "left"), [(-1, 1), (2, 0)])
def test_a_request_is_kept_until_the_day_that_it_names(desk: ADesk, by: int, left: int) -> None:
    referral = requested(desk)
    later(desk, Kind.REQUESTS, by)
    run(desk)
    assert len(desk.database.read(lambda books: books.referrals.of_case(referral.case_id))) == left
    assert seen(desk, referral.content_key) == left


def test_a_case_with_a_request_outlives_those_without(desk: ADesk) -> None:
    referral = requested(desk)
    later(desk, Kind.CASES_WITHOUT_REQUEST)
    run(desk)
    assert seen(desk, referral.content_key) == 1


def again(desk: ADesk, referral: Referral) -> Case:
    """What the platform was asked about long ago is seen again, graver than before."""
    later(desk, Kind.REQUESTS, 10)
    back = normalised("gonna get you", observed_at=desk.clock.now(), change=Change.RECOUNTED)
    desk.take(ranked(back, risk=0.95, band=Band.P1))
    return desk.now(referral.case_id)


def test_a_case_that_was_opened_anew_stays_before_people_however_old_its_request(desk: ADesk) -> None:
    case = again(desk, requested(desk))
    desk.clock.forward(hours=1)
    assert (waiting(desk).get(Kind.REQUESTS), run(desk)[Kind.REQUESTS]) == (None, 0)
    assert [each.case_id for each in desk.queue()] == [case.case_id]
    assert desk.decide(desk.person(), case).referrals


def test_a_case_that_was_opened_anew_and_never_touched_goes_when_it_is_as_old_itself(desk: ADesk) -> None:
    case = again(desk, requested(desk))
    later(desk, Kind.REQUESTS, 10)
    assert run(desk)[Kind.REQUESTS] == 1
    assert desk.queue() == []
    assert desk.now(case.case_id).state is CaseState.MOOT


@pytest.mark.parametrize("decision", [Decision.ESCALATE, Decision.DEFER])
@pytest.mark.parametrize("asked_before", [True, False])
def test_what_a_person_escalated_or_deferred_waits_for_a_decision_however_long(
    desk: ADesk, decision: Decision, asked_before: bool
) -> None:
    case = again(desk, requested(desk)) if asked_before else desk.case()
    put_off = desk.decide(desk.person(), case, decision).case
    later(desk, Kind.REQUESTS, 10)
    run(desk)
    assert desk.now(case.case_id) == put_off
    assert seen(desk, case.content_key)


def test_published_records_go_and_unpublished_ones_never(desk: ADesk) -> None:
    desk.approved()
    published(desk)
    desk.case(ranked(normalised("a case of later", content_id="p-2")))
    unsent = desk.outbox()
    later(desk, Kind.OUTBOX)
    assert run(desk)[Kind.OUTBOX] > 0
    assert desk.outbox() == unsent


@pytest.mark.parametrize("kind", [Kind.INBOX_CONTENT, Kind.INBOX_OUTCOMES])
def test_marks_of_records_go_after_the_topic_has_lost_the_records(desk: ADesk, kind: Kind) -> None:
    requested(desk)
    later(desk, kind)
    assert run(desk)[kind] == 1


def test_a_name_goes_with_the_person_and_the_pseudonym_stays(desk: ADesk) -> None:
    person = desk.person("r-9", Role.LEAD)
    gone: dict[str, Any] = {"name": "Ada Example", "revoked_at": desk.clock.now()}
    desk.database.write(lambda books: books.people.put(replace(person, **gone)))
    later(desk, Kind.STAFF_NAMES)
    run(desk)
    found = desk.database.read(lambda books: books.people.by_pseudonym("r-9"))
    assert found is not None
    assert (found.name, found.role) == ("r-9", Role.LEAD)


def test_golden_cases_go_in_the_end(desk: ADesk) -> None:
    golden = Golden(uuid4(), Decision.REFUSE, None, Band.P3, desk.clock.now(), b"{}")
    desk.database.write(lambda books: books.exercises.add_golden([golden]))
    later(desk, Kind.GOLDEN)
    assert run(desk)[Kind.GOLDEN] == 1
    assert desk.database.read(lambda books: books.exercises.unseen("r-1")) == []


def test_a_look_counts_what_would_go_and_changes_nothing(desk: ADesk) -> None:
    background(desk)
    desk.decide(desk.person(), desk.case(), Decision.REFUSE)
    later(desk, Kind.CASES_WITHOUT_REQUEST)
    found = waiting(desk)
    assert (found[Kind.CONTENT], found[Kind.CASES_WITHOUT_REQUEST], found[Kind.INBOX_CONTENT]) == (1, 1, 2)
    assert waiting(desk) == found
    run(desk)
    assert waiting(desk) == {}


@pytest.mark.parametrize("kind", [kind for kind in Kind if AGES.kinds[kind].days is not None])
def test_looking_on_from_place_to_place_meets_everything_that_is_too_old_once(desk: ADesk, kind: Kind) -> None:
    for number in range(3):
        content = ranked(normalised(f"a case called {number}", content_id=f"c-{number}"))
        desk.decide(desk.person(), desk.case(content), Decision.APPROVE)
        desk.decide(
            desk.person(), desk.case(ranked(normalised(f"no {number}", content_id=f"n-{number}"))), Decision.REFUSE
        )
        mild = normalised(f"a mild remark of {number}", content_id=f"m-{number}")
        desk.take(ranked(mild, risk=0.1, band=Band.NONE))
    published(desk)
    later(desk, kind, by=2)
    if kind is Kind.DECISIONS:
        later(desk, Kind.CASES_WITHOUT_REQUEST)
        run(desk)
        later(desk, kind)
    age = AGES.age(kind, desk.clock.now())
    assert age is not None
    met: list[Any] = []
    after = None
    while (found := desk.database.read(lambda books, at=after: books.retention.due(kind, age, 2, at))).keys:  # type: ignore[misc]
        met += found.keys
        after = found.last
    assert len(met) == len(set(met)) == desk.database.read(lambda books: books.retention.count(kind, age))


def test_the_ledger_says_what_went_and_stays_itself(desk: ADesk) -> None:
    background(desk)
    before = len(desk.ledger())
    later(desk, Kind.CONTENT)
    run(desk)
    assert set(desk.ledger()[before:]) == {"removed"}


def test_afterwards_sqlite_knows_how_much_there_is_of_everything(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    desk = ADesk(database)
    background(desk)
    run(desk)
    with database.engine.connect() as connection:
        counted = set(connection.exec_driver_sql("SELECT tbl FROM sqlite_stat1").scalars())
    database.close()
    assert {"sightings", "memory"} <= counted


def test_it_is_due_once_a_day(desk: ADesk) -> None:
    retaining = Retaining(desk.database, AGES, desk.clock)
    assert retaining.due_today()
    retaining.run()
    assert not retaining.due_today()
    desk.clock.forward(days=1)
    assert retaining.due_today()


def test_marks_outlive_the_records_of_their_topic() -> None:
    assert days(Kind.INBOX_CONTENT) > RANKED.retention_days
    assert days(Kind.INBOX_OUTCOMES) > TAKEDOWN_OUTCOME.retention_days


def test_content_outlives_the_longest_context() -> None:
    assert days(Kind.CONTENT) > 30


def test_by_command(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    database = SqlDatabase(sqlite_url)
    desk = ADesk(database)
    author = "k1:" + key_of("author", "mild")
    desk.take(ranked(normalised("a mild remark", content_id="mild"), risk=0.1, band=Band.NONE))
    dry = CliRunner().invoke(app, ["retention", "run", "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert "cases_without_request" in dry.output
    exported = CliRunner().invoke(app, ["subject", "export", "--author-key", author])
    assert (exported.exit_code, "a mild remark" in exported.output) == (0, True)

    first = CliRunner().invoke(app, ["erase", "--author-key", author, "--reason", "7/2026"])
    again = CliRunner().invoke(app, ["erase", "--author-key", author, "--reason", "7/2026"])
    assert (first.exit_code, again.exit_code) == (0, 3), first.output
    assert CliRunner().invoke(app, ["subject", "export", "--author-key", author]).exit_code == 3
    database.close()


def test_the_key_of_an_author_is_the_one_that_ingest_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_AUTHOR_SECRET", "s" * 40)
    made = CliRunner().invoke(app, ["subject", "key", "--platform", "bluesky", "--author-id", "did:plc:a"])
    expected = author_key(Secret("k1", b"s" * 40), "bluesky", None, "did:plc:a")
    assert (made.exit_code, made.output) == (0, f"{expected}\n")


def test_the_old_key_of_an_author_is_made_also_when_the_rotation_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_AUTHOR_SECRET", "n" * 40)
    monkeypatch.setenv("INGEST_AUTHOR_SECRET_ID", "k2")
    monkeypatch.setenv("INGEST_PREVIOUS_AUTHOR_SECRET", "s" * 40)
    monkeypatch.setenv("INGEST_PREVIOUS_AUTHOR_SECRET_ID", "k1")
    monkeypatch.setenv("INGEST_PREVIOUS_AUTHOR_SECRET_UNTIL", "2020-01-01T00:00:00Z")
    made = CliRunner().invoke(app, ["subject", "key", "--platform", "bluesky", "--author-id", "did:plc:a"])
    secrets = (Secret("k2", b"n" * 40), Secret("k1", b"s" * 40))
    assert made.output.split() == [author_key(secret, "bluesky", None, "did:plc:a") for secret in secrets]


@pytest.mark.parametrize(
    ("changed", "option"),
    [(("Bluesky", "did:plc:a", "a.example"), "--platform"), (("mastodon", "", "a.example"), "--author-id"),
     (("mastodon", "1", "https://a.example"), "--instance"), (("mastodon", "1", "A.example"), "--instance")],
)  # fmt: skip
def test_no_key_is_made_of_an_author_whom_no_content_could_name(
    monkeypatch: pytest.MonkeyPatch, changed: tuple[str, str, str], option: str
) -> None:
    monkeypatch.setenv("INGEST_AUTHOR_SECRET", "s" * 40)
    platform, author_id, instance = changed
    words = ["subject", "key", "--platform", platform, "--author-id", author_id, "--instance", instance]
    made = CliRunner().invoke(app, words)
    assert isinstance(made.exception, Fatal)
    assert str(made.exception).startswith(option)


def test_a_case_that_somebody_is_just_taking_is_not_removed(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    desk = ADesk(database)
    case, person = desk.case(), desk.person()
    later(desk, Kind.CASES_WITHOUT_REQUEST)
    with ThreadPoolExecutor() as pool:
        begun: list[Future[dict[Kind, int]]] = []

        def take(books: Books) -> None:
            held = books.cases.locked(case.case_id)
            assert held is not None
            begun.append(pool.submit(run, desk))
            wait(begun, timeout=0.5)
            until = desk.clock.now() + timedelta(minutes=15)
            books.cases.put([replace(held, state=CaseState.LEASED, lease_holder=person.pseudonym, lease_until=until)])

        database.write(take)
        assert Kind.CASES_WITHOUT_REQUEST not in {kind for kind, number in begun[0].result().items() if number}
    assert desk.now(case.case_id).state is CaseState.LEASED
    assert seen(desk, case.content_key) == 1
    database.close()


def test_what_a_batch_remembers_of_content_that_is_being_removed_does_not_stay_behind(postgres_url: str) -> None:
    """Nothing would lead to it any more: no later removal, and no erasure of its author."""
    database = SqlDatabase(postgres_url)
    desk = ADesk(database)
    key = background(desk)
    later(desk, Kind.CONTENT)
    before = database.read(lambda books: books.memory.kept([key])[key])
    with ThreadPoolExecutor() as pool:
        begun: list[Future[dict[Kind, int]]] = []

        def hear(books: Books) -> None:
            books.memory.lock()
            begun.append(pool.submit(run, desk))
            wait(begun, timeout=0.5)
            books.memory.put([replace(before, this=before.this._replace(seen=before.this.seen + 1))])

        database.write(hear)
        begun[0].result()
    assert database.read(lambda books: books.memory.kept([key])) == {}
    assert database.read(lambda books: books.memory.of_author(before.this.authors[0])) == []
    database.close()
