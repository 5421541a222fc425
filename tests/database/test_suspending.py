"""Too many refusals or reversals suspend whoever proposed, the case file says so, and a lead lets it propose again."""

from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from schemas.outcome import RefusedReason
from services.cli import app
from services.referrer.adapters.database import SqlDatabase
from services.referrer.declined import Declined
from services.referrer.following import Following
from services.referrer.handlers import Handling
from services.referrer.pages import case_file
from services.referrer.records import Referral
from services.referrer.roles import Role
from services.referrer.suspending import in_force, lift
from services.referrer.suspension import Scope, ScopeKind, SuspensionRules, load_suspension
from services.runtime.errors import Fatal
from tests.builders import NOON, normalised, ranked
from tests.desk import ADesk, an_outcome

COLLECTOR = Scope(ScopeKind.COLLECTOR, "desk")
RULE = Scope(ScopeKind.RULE, "direct_threat")
PLATFORM = Scope(ScopeKind.PLATFORM, "bluesky")
REFUSED: dict[str, Any] = {"outcome": None, "refused_reason": RefusedReason.NOT_TOS}


def strict() -> SuspensionRules:
    """The packaged thresholds, from two answers on."""
    rules = load_suspension()
    few = {"minimum": 2, "minimum_accepted": 2}
    changed = {kind.value: rules.of(kind).model_copy(update=few) for kind in ScopeKind}
    return rules.model_copy(update=changed)


def a_strict_desk(database: SqlDatabase) -> ADesk:
    desk = ADesk(database)
    desk.following = Following(database, desk.clock, frozenset({"bluesky"}), strict())
    desk.handling = Handling(database, desk.following, desk.reviewing, desk.clock, structlog.get_logger())
    return desk


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return a_strict_desk(database)


def asked(desk: ADesk, name: str, **changes: Any) -> Referral:
    text = f"a text that is all of its own and says {name} in so many words"
    return desk.approved(desk.case(ranked(normalised(text, content_id=name, **changes))))


def answered(desk: ADesk, *names: str, **changes: Any) -> list[Referral]:
    referrals = [asked(desk, name) for name in names]
    for number, referral in enumerate(referrals):
        desk.outcome(an_outcome(referral, outcome_id=f"{names[number]}-answer", **changes))
    return referrals


def suspended(desk: ADesk) -> set[Scope]:
    rows = desk.database.read(lambda books: books.suspensions.every())
    return {row.scope for row in rows if row.lifted_at is None}


def test_refusals_suspend_rule_collector_and_platform(desk: ADesk) -> None:
    answered(desk, "one", "two", **REFUSED)
    assert suspended(desk) == {RULE, COLLECTOR, PLATFORM}
    assert desk.ledger()[-3:] == ["suspended"] * 3


def test_one_refusal_says_little(desk: ADesk) -> None:
    answered(desk, "one", **REFUSED)
    assert suspended(desk) == set()


def test_answers_that_accept_suspend_nobody(desk: ADesk) -> None:
    answered(desk, "one", "two", "three")
    assert suspended(desk) == set()


def test_content_that_was_put_back_counts_against_the_rule_that_made_the_request(desk: ADesk) -> None:
    first, _ = answered(desk, "one", "two")
    desk.outcome(an_outcome(first, outcome_id="back", outcome=None, reinstated_at=NOON))
    assert RULE in suspended(desk)
    why = desk.database.read(lambda books: in_force(books, [RULE]))[0].why
    assert "1 of 2 actions were put back" in why


def test_many_reports_about_one_request_count_once(desk: ADesk) -> None:
    (referral,) = answered(desk, "one")
    for number in range(3):
        desk.outcome(an_outcome(referral, outcome_id=f"again-{number}"))
    desk.outcome(an_outcome(asked(desk, "two"), outcome_id="no", **REFUSED))
    tally = desk.database.read(lambda books: books.suspensions.tally(RULE, NOON))
    assert (tally.accepted, tally.refused) == (1, 1)


def test_tests_count_nowhere(desk: ADesk) -> None:
    for name in ("one", "two"):
        desk.outcome(an_outcome(asked(desk, name, test=True), outcome_id=name, **REFUSED))
    assert suspended(desk) == set()


def test_what_was_long_ago_counts_no_more(desk: ADesk) -> None:
    answered(desk, "one", **REFUSED)
    desk.clock.forward(days=31)
    answered(desk, "two", **REFUSED)
    assert suspended(desk) == set()


def test_the_case_file_warns_where_the_proposer_is_suspended(desk: ADesk) -> None:
    answered(desk, "one", "two", **REFUSED)
    case = desk.case(
        ranked(normalised("one more thing that is said and that nobody has seen so far", content_id="new"))
    )
    file = desk.desk.view(desk.person(), case.case_id)
    assert not isinstance(file, Declined)
    assert any(caution.startswith("collector desk: 2 of 2 requests were refused") for caution in file.cautions)
    assert case_file(file, [], ()).cautions == file.cautions


def test_a_case_of_others_carries_no_warning(desk: ADesk) -> None:
    file = desk.desk.view(desk.person(), desk.case().case_id)
    assert not isinstance(file, Declined)
    assert file.cautions == ()


def test_a_lead_lets_it_propose_again_and_old_answers_count_no_more(desk: ADesk) -> None:
    answered(desk, "one", "two", **REFUSED)
    lead = desk.person("lead", Role.LEAD)
    desk.clock.forward(hours=1)
    desk.database.write(lambda books: lift(books, RULE, lead, "looked at each of them", desk.clock.now()))
    assert RULE not in suspended(desk)
    answered(desk, "three", **REFUSED)
    assert RULE not in suspended(desk)
    answered(desk, "four", **REFUSED)
    assert RULE in suspended(desk)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.LEAD])
def test_nobody_but_a_lead_lifts(desk: ADesk, role: Role) -> None:
    answered(desk, "one", "two", **REFUSED)
    person = desk.person("other", role)
    with pytest.raises(Fatal, match="a lead does"):
        desk.database.write(lambda books: lift(books, RULE, person, "why not", desk.clock.now()))
    assert RULE in suspended(desk)


def test_by_command(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    database = SqlDatabase(sqlite_url)
    desk = a_strict_desk(database)
    assert CliRunner().invoke(app, ["suspensions", "list"]).exit_code == 0
    answered(desk, "one", "two", **REFUSED)
    desk.person("lead", Role.LEAD)
    listed = CliRunner().invoke(app, ["suspensions", "list"])
    assert (listed.exit_code, "direct_threat" in listed.output) == (3, True)
    for kind, name in (("rule", "direct_threat"), ("collector", "desk"), ("platform", "bluesky")):
        words = ["suspensions", "lift", kind, name, "--lead", "lead", "--reason", "looked at"]
        assert CliRunner().invoke(app, words).exit_code == 0
    assert CliRunner().invoke(app, ["suspensions", "list"]).exit_code == 0
    again = CliRunner().invoke(app, ["suspensions", "lift", "rule", "direct_threat", "--lead", "lead", "--reason", "x"])
    assert "is not suspended" in str(again.exception)
    database.close()
