"""What falls due for a request is marked once, and said where it belongs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from schemas.outcome import OutcomeAction, OutcomeStatus, RefusedReason
from schemas.referral import ReferralState
from schemas.referral_vocabulary import ReferralStatus
from schemas.review import CaseState, Decision, Opening
from schemas.scoring import ContentRanked
from schemas.topics import REFERRAL_STATE
from schemas.vocabulary import Band, Change
from services.referrer.adapters.database import SqlDatabase
from services.referrer.deadlines import Deadlines
from services.referrer.deciding import Deciding
from services.referrer.directory import Directory
from services.referrer.falling_due import DeadlineRules, StepKind
from services.referrer.records import Referral
from services.runtime import metrics
from services.runtime.codec import decode
from tests.builders import NOON, normalised, ranked
from tests.desk import DIRECTORY, SETTINGS, ADesk, an_outcome

R, L, B, E = StepKind.REMINDER, StepKind.LAST_REMINDER, StepKind.BREACH, StepKind.EXPIRY


def promising(hours: float | None) -> Directory:
    """A directory in which bluesky promises an answer within so many hours."""
    platforms = [
        p.model_copy(update={"deadline_hours": hours, "follow_up_hours": 48}) if p.name == "bluesky" else p
        for p in DIRECTORY.platforms
    ]
    return replace(DIRECTORY, platforms=tuple(platforms))


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    desk = ADesk(database)
    desk.deciding = Deciding(database, promising(24), SETTINGS.identity(), SETTINGS.rules(), desk.clock)
    return desk


@pytest.fixture
def referral(desk: ADesk) -> Referral:
    referral = desk.approved()
    assert referral.due_at == referral.issued_at + timedelta(hours=24)
    return referral


def deadlines(desk: ADesk, hours: float | None = 24) -> Deadlines:
    return Deadlines(desk.database, promising(hours), DeadlineRules(), desk.clock)


def after(desk: ADesk, hours: float) -> list[StepKind]:
    """What a leader marks that many hours after now."""
    desk.clock.forward(hours=hours)
    return [marked.step.kind for marked in deadlines(desk).sweep()]


def status(desk: ADesk, referral: Referral) -> ReferralStatus:
    return desk.database.read(lambda books: books.referrals.of_case(referral.case_id))[0].status


def test_a_platform_is_reminded_twice_then_late_then_given_up(desk: ADesk, referral: Referral) -> None:
    assert [after(desk, hours) for hours in (0, 12, 9.6, 2.4, 7 * 24)] == [[], [R], [L], [B], [E]]
    assert status(desk, referral) is ReferralStatus.EXPIRED


def test_each_step_is_marked_once(desk: ADesk, referral: Referral) -> None:
    assert after(desk, 13) == [R]
    assert after(desk, 1) == []
    assert after(desk, 11) == [L, B]
    assert after(desk, 1) == []


def test_a_leader_that_was_away_marks_everything_it_missed_in_order(desk: ADesk, referral: Referral) -> None:
    assert after(desk, 24 * 9) == [R, L, B, E]


def test_nothing_falls_due_after_an_answer(desk: ADesk, referral: Referral) -> None:
    assert after(desk, 13) == [R]
    desk.outcome(an_outcome(referral))
    assert after(desk, 24 * 9) == []


def test_a_receipt_is_no_answer(desk: ADesk, referral: Referral) -> None:
    desk.outcome(an_outcome(referral, status=OutcomeStatus.RECEIVED, outcome=None))
    assert after(desk, 25) == [R, L, B]


@pytest.mark.parametrize("before", [0.1, 13, 23])
def test_a_platform_that_gives_up_early_breaks_its_deadline_all_the_same(
    desk: ADesk, referral: Referral, before: float
) -> None:
    after(desk, before)
    at = desk.clock.now()
    desk.outcome(an_outcome(referral, status=OutcomeStatus.EXPIRED, outcome=None, reported_at=at))
    assert status(desk, referral) is ReferralStatus.EXPIRED
    assert [after(desk, 23.5 - before), after(desk, 1), after(desk, 24 * 9)] == [[], [B], []]


def test_what_was_done_in_time_after_it_was_given_up_breaks_nothing(desk: ADesk, referral: Referral) -> None:
    desk.outcome(an_outcome(referral, status=OutcomeStatus.EXPIRED, outcome=None))
    desk.clock.forward(hours=20)
    desk.outcome(an_outcome(referral, outcome_id="o-2", reported_at=desk.clock.now()))
    assert after(desk, 24 * 9) == []


def test_the_ledger_holds_every_step(desk: ADesk, referral: Referral) -> None:
    after(desk, 25)
    entries = desk.database.read(lambda books: books.ledger.entries())
    bodies = [orjson.loads(entry.body) for entry in entries if entry.kind == "deadline"]
    assert [(body["step"], body["referral_id"]) for body in bodies] == [
        (step.value, str(referral.referral_id)) for step in (R, L, B)
    ]


def test_an_expired_referral_says_so_and_a_late_answer_still_counts(desk: ADesk, referral: Referral) -> None:
    after(desk, 24 * 9)
    stated = [decode(ReferralState, record.value).status for record in desk.outbox(REFERRAL_STATE.name)]
    assert stated == [ReferralStatus.ISSUED, ReferralStatus.EXPIRED]
    desk.outcome(an_outcome(referral))
    assert status(desk, referral) is ReferralStatus.ACTIONED


def test_without_a_promise_the_desk_asks_again_and_gives_up_after_thirty_days(database: SqlDatabase) -> None:
    desk = ADesk(database)
    desk.approved()
    steps = []
    for hours in (47, 2, 24 * 27, 24 * 2):
        desk.clock.forward(hours=hours)
        steps.append([marked.step.kind for marked in deadlines(desk, None).sweep()])
    assert steps == [[], [StepKind.FOLLOW_UP], [], [E]]


def test_breaches_are_counted_and_the_next_deadline_is_measured(desk: ADesk, referral: Referral) -> None:
    def breaches() -> float:
        return metrics.REGISTRY.get_sample_value("hub_deadline_breaches_total", {"platform": "bluesky"}) or 0.0

    def remaining() -> float | None:
        deadlines(desk).measure()
        return metrics.REGISTRY.get_sample_value("hub_deadline_seconds_remaining", {"platform": "bluesky"})

    before = breaches()
    assert remaining() == 24 * 3_600
    after(desk, 25)
    assert (breaches() - before, remaining()) == (1, -3_600)
    desk.outcome(an_outcome(referral))
    assert remaining() is None


def said(name: str, change: Change, at: timedelta, risk: float = 0.7, band: Band = Band.P3) -> ContentRanked:
    """One post as it stood so long after noon."""
    text = "gonna get you, said at some length, so that it is known when it comes back"
    return ranked(normalised(text, content_id=name, change=change, observed_at=NOON + at, event_time=NOON), risk, band)


HOUR = timedelta(hours=1)


def removed(desk: ADesk) -> UUID:
    """A case whose content the platform took away, as a collector saw too."""
    case = desk.case(said("p-1", Change.CREATED, timedelta()))
    desk.outcome(an_outcome(desk.approved(case)))
    desk.clock.forward(hours=2)
    desk.take(said("p-1", Change.DELETED, HOUR, 0.0, Band.NONE))
    return case.case_id


def test_removed_content_that_is_there_again_comes_before_a_person_again(desk: ADesk) -> None:
    case_id = removed(desk)
    assert desk.now(case_id).state is CaseState.APPROVED
    desk.take(said("p-1", Change.CREATED, 2 * HOUR))
    case = desk.now(case_id)
    assert (case.state, case.opening, case.round) == (CaseState.OPEN, Opening.REUPLOADED, 2)
    again = desk.decide(desk.person("r-2"), case).referrals[0]
    assert again.root_referral_id != again.referral_id
    desk.take(said("p-1", Change.RECOUNTED, 2 * HOUR + timedelta(minutes=5)))
    assert desk.now(case_id).state is CaseState.APPROVED


def taken_away(desk: ADesk) -> UUID:
    """A case whose content the platform says it took away after an hour; nobody saw it go."""
    case = desk.case(said("p-1", Change.CREATED, timedelta()))
    desk.outcome(an_outcome(desk.approved(case), acted_at=NOON + HOUR, reported_at=NOON + HOUR))
    desk.clock.forward(hours=2)
    return case.case_id


def test_content_that_is_seen_after_its_removal_comes_before_a_person_again(desk: ADesk) -> None:
    """A platform that says removed and goes on showing it: no deletion is ever seen, and a person has to hear of it."""
    case_id = taken_away(desk)
    desk.take(said("p-1", Change.RECOUNTED, 2 * HOUR))
    case = desk.now(case_id)
    assert (case.state, case.opening, case.round) == (CaseState.OPEN, Opening.REUPLOADED, 2)


def test_once_it_was_decided_again_the_same_removal_opens_nothing_more(desk: ADesk) -> None:
    case_id = taken_away(desk)
    desk.take(said("p-1", Change.RECOUNTED, 2 * HOUR))
    second = desk.decide(desk.person("r-2"), desk.now(case_id)).referrals[0]
    desk.take(said("p-1", Change.RECOUNTED, 3 * HOUR))
    assert desk.now(case_id).state is CaseState.APPROVED
    desk.clock.forward(hours=2)
    desk.outcome(an_outcome(second, outcome_id="o-2", acted_at=NOON + 4 * HOUR, reported_at=NOON + 4 * HOUR))
    desk.take(said("p-1", Change.RECOUNTED, 5 * HOUR))
    assert desk.now(case_id).round == 3


@pytest.mark.parametrize("at", [timedelta(minutes=30), HOUR])
def test_what_was_seen_before_the_removal_opens_nothing(desk: ADesk, at: timedelta) -> None:
    case_id = taken_away(desk)
    desk.take(said("p-1", Change.RECOUNTED, at))
    assert desk.now(case_id).state is CaseState.APPROVED


@pytest.mark.parametrize(
    "says",
    [{"outcome": OutcomeAction.LABELLED}, {"outcome": None, "refused_reason": RefusedReason.NOT_TOS},
     {"status": OutcomeStatus.PROCESSING, "outcome": None}],
)  # fmt: skip
def test_what_was_never_removed_opens_nothing(desk: ADesk, says: dict[str, Any]) -> None:
    case = desk.case(said("p-1", Change.CREATED, timedelta()))
    desk.outcome(an_outcome(desk.approved(case), **says))
    desk.clock.forward(hours=2)
    desk.take(said("p-1", Change.RECOUNTED, 2 * HOUR))
    assert desk.now(case.case_id).state is CaseState.APPROVED


def test_harmless_content_that_is_there_again_does_not(desk: ADesk) -> None:
    case = desk.case(said("p-1", Change.CREATED, timedelta()))
    desk.decide(desk.person(), case, Decision.REFUSE)
    desk.clock.forward(hours=2)
    desk.take(said("p-1", Change.DELETED, HOUR, 0.0, Band.NONE), said("p-1", Change.CREATED, 2 * HOUR))
    assert desk.now(case.case_id).state is CaseState.REFUSED
