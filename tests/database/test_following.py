"""Outcomes move referrals, once each; what cannot be is named, and nothing is guessed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from schemas.desk import CorrectionAsked, WithdrawalAsked
from schemas.outcome import Appeal, OutcomeAction, OutcomeStatus
from schemas.reasons import Reason
from schemas.referral import ReferralState
from schemas.referral_vocabulary import ReferralStatus
from schemas.review import CaseState, Opening, ReasonCode, ReviewRequested
from schemas.topics import REFERRAL_STATE, REVIEW_REQUESTED, TAKEDOWN_OUTCOME
from services.referrer.adapters.database import SqlDatabase
from services.referrer.amending import Amended, Sent
from services.referrer.records import Ended, Referral
from services.referrer.roles import Role
from services.runtime.codec import decode, encode
from services.runtime.dead_letters import reason_of
from services.runtime.envelope import Incoming, Source
from services.runtime.errors import Rejected
from tests.builders import NOON, normalised, ranked
from tests.desk import ADesk, an_outcome


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


@pytest.fixture
def referral(desk: ADesk) -> Referral:
    return desk.approved()


def states(desk: ADesk) -> list[ReferralStatus]:
    return [decode(ReferralState, record.value).status for record in desk.outbox(REFERRAL_STATE.name)]


def reasons(desk: ADesk) -> list[Reason | None]:
    letters = desk.outbox(TAKEDOWN_OUTCOME.dlq)
    return [reason_of(Incoming(Source(r.topic, 0, 0), r.key, r.value, tuple(r.headers))) for r in letters]


def test_an_outcome_moves_its_referral_and_says_so(desk: ADesk, referral: Referral) -> None:
    processing = an_outcome(referral, outcome_id="o-0", status=OutcomeStatus.PROCESSING, outcome=None)
    endings = desk.outcome(processing, an_outcome(referral))
    assert [ending.ended for ending in endings] == [Ended.RECORDED] * 2
    assert states(desk) == [ReferralStatus.ISSUED, ReferralStatus.PROCESSING, ReferralStatus.ACTIONED]
    assert desk.ledger()[-2:] == ["outcome", "outcome"]


def test_the_same_report_again_changes_nothing(desk: ADesk, referral: Referral) -> None:
    endings = desk.outcome(an_outcome(referral), an_outcome(referral))
    assert [ending.ended for ending in endings] == [Ended.RECORDED, Ended.DUPLICATE]
    assert states(desk) == [ReferralStatus.ISSUED, ReferralStatus.ACTIONED]


def test_a_report_whose_id_one_about_another_request_has_is_no_repeat_and_is_not_passed_over(
    desk: ADesk, referral: Referral
) -> None:
    other = desk.approved(desk.case(ranked(normalised("a threat with wholly other words", content_id="other"))))
    desk.outcome(an_outcome(referral))
    assert [ending.ended for ending in desk.outcome(an_outcome(other))] == [Ended.DEAD_LETTERED]
    assert reasons(desk) == [Reason.SCHEMA_VIOLATION]
    assert [ending.ended for ending in desk.outcome(an_outcome(other, outcome_id="o-2"))] == [Ended.RECORDED]


REINSTATED: dict[str, Any] = {"outcome": None, "reinstated_at": NOON}


def test_another_report_under_the_id_of_a_known_one_is_not_passed_over_as_its_repeat(
    desk: ADesk, referral: Referral
) -> None:
    endings = desk.outcome(an_outcome(referral), an_outcome(referral, **REINSTATED))
    assert [ending.ended for ending in endings] == [Ended.RECORDED, Ended.DEAD_LETTERED]
    assert reasons(desk) == [Reason.IMPOSSIBLE_MOVE]
    _, connector = desk.connector()
    with pytest.raises(Rejected) as why:
        desk.following.report(connector, an_outcome(referral, **REINSTATED))
    assert (why.value.reason, why.value.pointer) == (Reason.IMPOSSIBLE_MOVE, "/outcome_id")
    assert desk.following.report(connector, an_outcome(referral, outcome_id="o-2", **REINSTATED)).fresh


def test_a_repeat_that_is_sent_later_is_a_repeat(desk: ADesk, referral: Referral) -> None:
    again = an_outcome(referral, reported_at=NOON + timedelta(minutes=5))
    assert [each.ended for each in desk.outcome(an_outcome(referral), again)] == [Ended.RECORDED, Ended.DUPLICATE]


def amended(desk: ADesk, referral: Referral, *, corrects: bool) -> Referral:
    """The record that corrects it, or takes it back, five minutes later."""
    desk.clock.forward(minutes=5)
    lead = desk.person("lead", Role.LEAD)
    back = WithdrawalAsked(reason_code=ReasonCode.ISSUED_IN_ERROR)
    anew = CorrectionAsked(reason_code=ReasonCode.THREAT_OF_VIOLENCE, good_faith=True)
    found = (
        desk.amending.correct(lead, referral.referral_id, anew)
        if corrects
        else desk.amending.withdraw(lead, referral.referral_id, back)
    )
    assert isinstance(found, Amended), found
    return found.record


@pytest.mark.parametrize("corrects", [True, False])
def test_a_removal_that_crosses_a_withdrawal_or_a_correction_is_kept_and_shown(
    desk: ADesk, referral: Referral, *, corrects: bool
) -> None:
    """The desk has to learn that something is down, under whichever id."""
    amended(desk, referral, corrects=corrects)
    (ending,) = desk.outcome(an_outcome(referral, acted_at=NOON + timedelta(minutes=4)))
    assert ending.ended is Ended.RECORDED
    shown = desk.amending.view(desk.person("looker"), referral.referral_id)
    assert isinstance(shown, Sent)
    assert shown.referral.status is (ReferralStatus.CORRECTED if corrects else ReferralStatus.WITHDRAWN)
    assert shown.outcome is not None
    assert shown.outcome.outcome is OutcomeAction.REMOVED


def test_the_last_state_of_a_chain_stays_its_corrections(desk: ADesk, referral: Referral) -> None:
    amended(desk, referral, corrects=True)
    desk.outcome(an_outcome(referral))
    assert states(desk) == [ReferralStatus.ISSUED, ReferralStatus.CORRECTED, ReferralStatus.ISSUED]


def test_a_withdrawal_stays_withdrawn_whatever_is_said_of_it(desk: ADesk, referral: Referral) -> None:
    record = amended(desk, referral, corrects=False)
    confirmed = an_outcome(record, outcome_id="o-3", status=OutcomeStatus.WITHDRAWN, outcome=None)
    endings = desk.outcome(an_outcome(record, **REINSTATED), an_outcome(record, outcome_id="o-2"), confirmed)
    assert [each.ended for each in endings] == [Ended.DEAD_LETTERED, Ended.DEAD_LETTERED, Ended.RECORDED]
    assert reasons(desk) == [Reason.IMPOSSIBLE_MOVE] * 2
    assert {r.status for r in desk.database.read(lambda books: books.referrals.of_case(referral.case_id))} == {
        ReferralStatus.WITHDRAWN
    }


def test_a_report_whose_id_holds_a_nul_is_set_aside_as_badly_written(desk: ADesk, referral: Referral) -> None:
    raw = encode(an_outcome(referral)).replace(b'"o-1"', b'"a\\u0000b"')
    assert [each.ended for each in desk.outcome(raw)] == [Ended.DEAD_LETTERED]
    assert reasons(desk) == [Reason.SCHEMA_VIOLATION]


def test_a_removal_that_lies_years_ahead_hides_nothing(desk: ADesk, referral: Referral) -> None:
    """It would be in force for years: content that is seen again would open no case."""
    far = NOON + timedelta(days=3_650)
    desk.outcome(an_outcome(referral, acted_at=far), an_outcome(referral, outcome_id="o-2", reported_at=far))
    assert (states(desk), reasons(desk)) == ([ReferralStatus.ISSUED], [Reason.SCHEMA_VIOLATION] * 2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"referral_id": uuid4()}, Reason.UNKNOWN_REFERRAL),
        ({"root_referral_id": uuid4()}, Reason.UNKNOWN_REFERRAL),
        ({"platform": "reddit"}, Reason.UNKNOWN_REFERRAL),
        ({"status": OutcomeStatus.WITHDRAWN, "outcome": None}, Reason.IMPOSSIBLE_MOVE),
        ({"outcome": None}, Reason.SCHEMA_VIOLATION),
    ],
)
def test_what_cannot_be_is_dead_lettered_with_its_reason(
    desk: ADesk, referral: Referral, changes: dict[str, Any], reason: Reason
) -> None:
    endings = desk.outcome(an_outcome(referral, **changes), an_outcome(referral))
    assert [ending.ended for ending in endings] == [Ended.DEAD_LETTERED, Ended.RECORDED]
    assert reasons(desk) == [reason]


@pytest.mark.parametrize(
    ("changes", "opening"),
    [
        ({"outcome": None, "reinstated_at": NOON}, Opening.REINSTATED),
        ({"outcome": OutcomeAction.REMOVED, "appeal": Appeal.FILED}, Opening.APPEALED),
    ],
)
def test_a_reinstatement_or_an_appeal_brings_the_case_back(
    desk: ADesk, referral: Referral, changes: dict[str, Any], opening: Opening
) -> None:
    desk.outcome(an_outcome(referral), an_outcome(referral, outcome_id="o-2", **changes))
    case = desk.now(referral.case_id)
    assert (case.state, case.opening, case.round) == (CaseState.OPEN, opening, 2)
    assert decode(ReviewRequested, desk.outbox(REVIEW_REQUESTED.name)[-1].value).opening is opening


def test_a_connector_reports_for_its_own_platform_alone(desk: ADesk, referral: Referral) -> None:
    _, other = desk.connector("reddit")
    with pytest.raises(Rejected) as why:
        desk.following.report(other, an_outcome(referral))
    assert why.value.reason is Reason.PLATFORM_NOT_ALLOWED
    assert states(desk) == [ReferralStatus.ISSUED]


def test_an_outcome_over_http_is_the_same_as_one_over_kafka(desk: ADesk, referral: Referral) -> None:
    _, connector = desk.connector()
    followed = desk.following.report(connector, an_outcome(referral))
    assert (followed.fresh, followed.referral.status) == (True, ReferralStatus.ACTIONED)
    assert [ending.ended for ending in desk.outcome(an_outcome(referral))] == [Ended.DUPLICATE]
