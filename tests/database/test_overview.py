"""What leads, platforms' contacts and auditors are shown, counted on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from schemas.outcome import OutcomeAction, RefusedReason
from schemas.referral_vocabulary import ReferralStatus
from schemas.review import CaseState, Decision
from schemas.vocabulary import Band
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.tables import referrals
from services.referrer.books import Books
from services.referrer.ledger import Break
from services.referrer.outcomes import Verdict
from services.referrer.overview import AuditPage, Overview, PlatformRow, Team
from services.referrer.overview_ports import LedgerFilter, Load
from services.referrer.roles import Role
from tests.builders import NOON, normalised, ranked
from tests.desk import DIRECTORY, ADesk, an_outcome, declined


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


@pytest.fixture
def overview(desk: ADesk) -> Overview:
    return Overview(desk.database, DIRECTORY, desk.clock)


def team(overview: Overview, desk: ADesk) -> Team:
    found = overview.team(desk.person("lead", Role.LEAD))
    assert isinstance(found, Team)
    return found


def platform(overview: Overview, desk: ADesk, name: str = "bluesky") -> PlatformRow:
    found = overview.platforms(desk.person("lead", Role.LEAD))
    assert isinstance(found, list)
    row: PlatformRow = next(row for row in found if row.name == name)
    return row


def audit(overview: Overview, desk: ADesk, wanted: LedgerFilter | None = None, check: int = 1_000) -> AuditPage:
    found = overview.audit(desk.person("dara", Role.AUDITOR), wanted or LedgerFilter(), check)
    assert isinstance(found, AuditPage)
    return found


def test_load_counts_what_is_not_decided_with_its_age(overview: Overview, desk: ADesk) -> None:
    cases = [desk.case(ranked(normalised(f"t {n}", content_id=f"p-{n}"))) for n in range(3)]
    desk.decide(desk.person("ada"), cases[0], Decision.ESCALATE)
    desk.decide(desk.person("ada"), cases[1], Decision.REFUSE)
    assert team(overview, desk).load == [
        Load(CaseState.ESCALATED, Band.P3, 1, cases[0].waiting_since),
        Load(CaseState.OPEN, Band.P3, 1, cases[2].waiting_since),
    ]


def test_exposure_counts_looks_of_one_day(overview: Overview, desk: ADesk) -> None:
    ada, case = desk.person("ada"), desk.case()
    desk.desk.view(ada, case.case_id)
    desk.clock.forward(hours=25)
    for _ in range(2):
        desk.desk.view(ada, case.case_id)
    desk.decide(ada, case)
    (row,) = [row for row in team(overview, desk).colleagues if row.pseudonym == "ada"]
    assert (row.views, row.holds, row.decided) == (2, 0, {Decision.APPROVE: 1})


def ways(url: str, work: Callable[[Books], object]) -> list[str]:
    """How SQLite finds what each question of this work asks for."""
    database, asked = SqlDatabase(url), []

    def remember(_connection: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    sa.event.listen(database.engine, "before_cursor_execute", remember)
    database.read(work)
    sa.event.remove(database.engine, "before_cursor_execute", remember)
    with database.engine.connect() as connection:
        found = [
            " ".join(str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", values))
            for each, values in asked
            if each.startswith("SELECT")
        ]
    database.close()
    return found


def test_looks_of_one_day_and_agreement_are_counted_from_indexes_alone(sqlite_url: str) -> None:
    views, tally = ways(sqlite_url, lambda books: (books.overview.views(NOON), books.exercises.tally(NOON)))
    assert "COVERING INDEX ix_ledger_kind_at" in views
    assert "COVERING INDEX ix_exercises_decided_at" in tally


# What SQLite counted at a desk of 20,000 cases: by it, and not by the few rows of a test, it chooses its ways.
COUNTED = (
    ("outcomes", "ix_outcomes_answer", "9600 1 1 1 1 1 1"),
    ("referrals", "ix_referrals_status_due_at", "12642 401 2 2"),
    ("referrals", "ix_referrals_platform_issued_at", "11560 401 2 2 2"),
    ("referrals", "ix_referrals_issued_at", "11220 2 2 2 2 1"),
    ("referrals", "sqlite_autoindex_referrals_1", "5734 1"),
)


def test_requests_and_deadlines_of_platforms_are_counted_from_indexes_alone(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    database.write(lambda books: books.retention.count_anew())
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sqlite_stat1")
        connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", list(COUNTED))
    database.close()
    found = ways(
        sqlite_url,
        lambda books: (
            books.overview.requests(NOON), books.overview.verdicts(NOON), books.overview.seconds_to_action(NOON, 100),
            books.overview.overdue(NOON), books.deadlines.next_due(),
        ),
    )  # fmt: skip
    assert len(found) == 5
    assert [way for way in found if "INDEX" in way.replace("COVERING INDEX", "")] == []


def test_without_a_second_look_there_is_no_agreement(overview: Overview, desk: ADesk) -> None:
    found = team(overview, desk)
    assert (found.blind.pairs, found.blind.kappa, found.golden.pairs) == (0, None, 0)


def test_acceptance_time_refusals_and_reinstatements_of_a_platform(overview: Overview, desk: ADesk) -> None:
    asked = [desk.approved(desk.case(ranked(normalised(f"t {n}", content_id=f"p-{n}")))) for n in range(4)]
    times = [NOON + timedelta(minutes=minutes) for minutes in (10, 30)]
    for number, (referral, at) in enumerate(zip(asked, times, strict=False)):
        desk.outcome(an_outcome(referral, outcome_id=f"o-{number}", acted_at=at, reported_at=at))
    refusal = {"outcome": OutcomeAction.NO_ACTION, "refused_reason": RefusedReason.NOT_TOS}
    desk.outcome(an_outcome(asked[2], outcome_id="o-2", **refusal))
    row = platform(overview, desk)
    assert (row.requests, row.median_seconds) == (4, 1_200.0)
    assert row.acceptance == pytest.approx(2 / 3)
    assert row.verdicts == {Verdict.ACCEPTED: 2, Verdict.REFUSED: 1}
    assert row.statuses[ReferralStatus.ISSUED] == 1


def test_a_request_counts_once_per_verdict_however_often_it_is_reported(overview: Overview, desk: ADesk) -> None:
    referral = desk.approved()
    desk.outcome(*(an_outcome(referral, outcome_id=f"o-{number}") for number in range(3)))
    desk.outcome(an_outcome(referral, outcome_id="o-3", outcome=None, reinstated_at=NOON))
    row = platform(overview, desk)
    assert (row.verdicts, row.acceptance) == ({Verdict.ACCEPTED: 1, Verdict.REVERSED: 1}, 0.5)


def test_a_platform_without_an_answer_has_no_acceptance(overview: Overview, desk: ADesk) -> None:
    desk.approved()
    row = platform(overview, desk)
    assert (row.requests, row.acceptance, row.median_seconds, row.overdue) == (1, None, None, 0)
    assert platform(overview, desk, "reddit").requests == 0


def test_what_is_past_its_deadline_is_counted_until_it_is_answered(
    overview: Overview, desk: ADesk, database: SqlDatabase
) -> None:
    referral = desk.approved()
    with database.engine.begin() as connection:
        connection.execute(sa.update(referrals).values(due_at=NOON + timedelta(hours=24)))
    assert platform(overview, desk).overdue == 0
    desk.clock.forward(hours=25)
    assert platform(overview, desk).overdue == 1
    desk.outcome(an_outcome(referral, reported_at=desk.clock.at))
    assert platform(overview, desk).overdue == 0


def test_the_ledger_is_shown_newest_first_and_in_pages(overview: Overview, desk: ADesk) -> None:
    case, ada = desk.case(), desk.person("ada")
    for _ in range(150):
        desk.desk.view(ada, case.case_id)
    desk.desk.lease(desk.person("cleo"), case.case_id)
    page = audit(overview, desk)
    assert ([entry.seq for entry in page.entries], page.checked.broken) == (list(range(151, 51, -1)), None)
    older = audit(overview, desk, LedgerFilter(before=52))
    assert [entry.seq for entry in older.entries] == list(range(51, 0, -1))
    assert [entry.seq for entry in audit(overview, desk, LedgerFilter(kind="leased")).entries] == [151]
    assert [entry.seq for entry in audit(overview, desk, LedgerFilter(actor="cleo")).entries] == [151]


def test_a_changed_entry_is_located(overview: Overview, desk: ADesk, database: SqlDatabase) -> None:
    case, ada = desk.case(), desk.person("ada")
    for _ in range(5):
        desk.desk.view(ada, case.case_id)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger SET actor = 'x' WHERE seq = 4")
    assert audit(overview, desk).checked.broken == Break(4, "its content does not have its hash")
    assert audit(overview, desk, check=1).checked.broken is None


@pytest.mark.parametrize(("ask", "role"), [("team", Role.REVIEWER), ("team", Role.ADMIN), ("audit", Role.LEAD)])
def test_a_role_that_may_not_is_told_which_may(overview: Overview, desk: ADesk, ask: str, role: Role) -> None:
    person = desk.person("x", role)
    refused = declined(overview.team(person) if ask == "team" else overview.audit(person, LedgerFilter()))
    assert (refused.code, role.value in refused.allowed) == ("role", False)
