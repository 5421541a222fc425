"""A report counts what happened, without content, and the ledger counts the same."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from schemas.desk import CorrectionAsked, WithdrawalAsked
from schemas.outcome import OutcomeAction, RefusedReason
from schemas.referral_vocabulary import Profile
from schemas.review import Decision, ReasonCode
from services.cli import app
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.tables import decisions, ledger, outcomes
from services.referrer.amending import Amended
from services.referrer.exports.transparency import Head, as_csv, as_html, as_json
from services.referrer.records import Referral
from services.referrer.reporting import Reporting
from services.referrer.roles import Role
from services.referrer.transparency import Line, Period, report
from tests.builders import NOON, normalised, ranked
from tests.desk import ADesk, an_outcome

DAY = timedelta(days=1)


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def content(name: str, **changes: Any) -> Any:
    return ranked(
        normalised(f"a text that is all of its own and says {name} in so many words", content_id=name, **changes)
    )


def worked(desk: ADesk) -> ADesk:
    """One request acted on and put back, one refused, one without an answer, one of a test, one refused case."""
    person = desk.person()
    acted, refused, _, test = (
        desk.decide(person, desk.case(content(name, test=name == "test"))).referrals[0]
        for name in ("acted", "refused", "silent", "test")
    )
    desk.clock.forward(hours=2)
    desk.outcome(an_outcome(acted, acted_at=NOON + timedelta(hours=1)))
    desk.outcome(an_outcome(acted, outcome_id="o-2", outcome=None, reinstated_at=NOON + DAY))
    desk.outcome(an_outcome(refused, outcome_id="o-3", outcome=None, refused_reason=RefusedReason.NOT_TOS))
    desk.outcome(an_outcome(test, outcome_id="o-4"))
    desk.decide(person, desk.case(content("harmless")), Decision.REFUSE)
    return desk


def period(desk: ADesk, start: Any = NOON - DAY, end: Any = NOON + DAY) -> Period:
    return Reporting(desk.database).period(start, end, desk.clock.now())


def numbers(lines: list[Line], section: str, name: str = "all") -> dict[str, float]:
    return {line.measure: line.value for line in lines if (line.section, line.name) == (section, name)}


def test_it_counts_requests_and_what_came_of_them(desk: ADesk) -> None:
    total = numbers(report(period(worked(desk)), desk.clock.now()), "total")
    assert {name: total[name] for name in ("requests", "ever_reinstated", "refused_by_platform", "issued")} == {
        "requests": 3, "ever_reinstated": 1, "refused_by_platform": 1, "issued": 1,
    }  # fmt: skip
    assert total["seconds_to_action_median"] == 3_600


def test_it_counts_by_platform_ground_type_reason_and_outcome(desk: ADesk) -> None:
    lines = report(period(worked(desk)), desk.clock.now())
    assert numbers(lines, "platform", "bluesky")["requests"] == 3
    assert numbers(lines, "decision", "approve/threat_of_violence") == {"number": 3}
    assert numbers(lines, "decision", "refuse/not_violent") == {"number": 1}
    assert numbers(lines, "outcome", f"bluesky/{OutcomeAction.REMOVED.value}") == {"number": 1}
    assert numbers(lines, "refused_reason", "bluesky/not_tos") == {"number": 1}
    assert numbers(lines, "violence_type", "direct_threat")["requests"] == 3
    assert [line.name for line in lines if line.section == "ground"]


def noticed(desk: ADesk) -> Referral:
    """A notice that has to be answered within 48 hours, and ten minutes that go by."""
    case = desk.case(content("weapons", platform="example", url="https://example.com/1"))
    notice = {"profile": Profile.UK_CPA2026_S21}
    referral = desk.decide(desk.person(), case, reason_code=ReasonCode.WEAPONS_CONTENT, notice=notice).referrals[0]
    assert referral.due_at == NOON + 2 * DAY
    desk.clock.forward(minutes=10)
    return referral


def deadlines(desk: ADesk) -> tuple[float, float]:
    """How many were kept, and how many broken, as seen long after."""
    total = numbers(report(period(desk), NOON + 60 * DAY), "total")
    return total["deadlines_kept"], total["deadlines_breached"]


def test_a_platform_breaks_no_deadline_of_a_notice_that_was_taken_back(desk: ADesk) -> None:
    referral, lead = noticed(desk), desk.person("lead", Role.LEAD)
    assert deadlines(desk) == (0, 1)
    back = WithdrawalAsked(reason_code=ReasonCode.ISSUED_IN_ERROR)
    assert isinstance(desk.amending.withdraw(lead, referral.referral_id, back), Amended)
    assert deadlines(desk) == (0, 0)


def test_a_notice_that_was_taken_back_after_its_deadline_was_broken_before(desk: ADesk) -> None:
    referral, lead = noticed(desk), desk.person("lead", Role.LEAD)
    desk.clock.forward(days=3)
    back = WithdrawalAsked(reason_code=ReasonCode.ISSUED_IN_ERROR)
    assert isinstance(desk.amending.withdraw(lead, referral.referral_id, back), Amended)
    assert deadlines(desk) == (0, 1)


def test_the_deadline_of_a_correction_counts_in_place_of_the_corrected_notices(desk: ADesk) -> None:
    referral, lead = noticed(desk), desk.person("lead", Role.LEAD)
    anew = CorrectionAsked(reason_code=ReasonCode.WEAPONS_CONTENT, good_faith=True)
    corrected = desk.amending.correct(lead, referral.referral_id, anew)
    assert isinstance(corrected, Amended)
    assert deadlines(desk) == (0, 1)
    desk.outcome(an_outcome(corrected.record, acted_at=NOON + timedelta(hours=1)))
    assert deadlines(desk) == (1, 0)


def test_another_period_holds_nothing(desk: ADesk) -> None:
    lines = report(period(worked(desk), NOON + DAY, NOON + 2 * DAY), desk.clock.now())
    assert numbers(lines, "total")["requests"] == 0


def test_the_ledger_counts_the_same(desk: ADesk) -> None:
    assert Reporting(desk.database).differences(period(worked(desk))) == []


def test_a_decision_that_was_changed_beside_the_ledger_is_named(database: SqlDatabase) -> None:
    desk = worked(ADesk(database))
    with database.engine.begin() as connection:
        one = connection.execute(sa.select(decisions.c.decision_id)).scalars().first()
        this = sa.update(decisions).where(decisions.c.decision_id == one)
        before = connection.execute(sa.select(decisions).where(decisions.c.decision_id == one)).one()
        connection.execute(this.values(reason_code="news"))
    assert Reporting(desk.database).differences(period(desk)) == [
        f"decision {one}: {before.decision}/{before.reason_code} in the ledger, {before.decision}/news in the tables"
    ]


def test_an_answer_that_was_taken_out_beside_the_ledger_is_named(database: SqlDatabase) -> None:
    desk = worked(ADesk(database))
    with database.engine.begin() as connection:
        connection.execute(sa.delete(outcomes).where(outcomes.c.outcome_id == "o-3"))
    (found,) = Reporting(desk.database).differences(period(desk))
    assert found == "outcome bluesky/o-3: the ledger has it (None), the tables do not"


def test_a_broken_ledger_is_named(database: SqlDatabase) -> None:
    desk = worked(ADesk(database))
    with database.engine.begin() as connection:
        connection.execute(sa.update(ledger).where(ledger.c.seq == 3).values(actor="somebody"))
    assert Reporting(desk.database).differences(period(desk)) == [
        "the ledger is broken at entry 3: its content does not have its hash"
    ]


def rendered(desk: ADesk) -> tuple[Head, list[Line]]:
    return Head("Example desk", NOON - DAY, NOON + DAY, NOON), report(period(worked(desk)), desk.clock.now())


def test_every_form_says_the_same_numbers(desk: ADesk) -> None:
    head, lines = rendered(desk)
    rows = list(csv.DictReader(io.StringIO(as_csv(lines))))
    sections = orjson.loads(as_json(head, lines))["sections"]
    assert len(rows) == len(lines)
    for row in rows:
        assert float(row["value"]) == sections[row["section"]][row["name"]][row["measure"]]
    assert sections["total"]["all"]["requests"] == 3


def test_no_form_holds_content_addresses_or_people(desk: ADesk) -> None:
    head, lines = rendered(desk)
    for text in (as_csv(lines), as_json(head, lines), as_html(head, lines)):
        for word in ("in so many words", "bsky.app", "r-1", "k1:"):
            assert word not in text


def test_the_page_fetches_nothing_and_draws_a_bar_for_every_platform(desk: ADesk) -> None:
    page = as_html(*rendered(desk))
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert page.count("<figure>") == 4
    assert "bluesky: 1 refused" in page


def test_by_command(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    database = SqlDatabase(sqlite_url)
    worked(ADesk(database))
    words = ["report", "transparency", "--from", "2026-05-31", "--to", "2026-06-02", "--reconcile"]
    page = tmp_path / "report.html"
    assert CliRunner().invoke(app, [*words, "--format", "html", "--out", str(page)]).exit_code == 0
    assert "<svg" in page.read_text()
    with database.engine.begin() as connection:
        connection.execute(sa.delete(outcomes))
    differs = CliRunner().invoke(app, words)
    assert (differs.exit_code, "outcome bluesky/o-1" in differs.stderr) == (4, True)
    assert CliRunner().invoke(app, ["report", "transparency", "--from", "x", "--to", "y"]).exception
    database.close()
