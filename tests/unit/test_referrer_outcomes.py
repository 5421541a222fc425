"""Outcomes: what a platform's report means for a referral and its case, and what falls due while it stays silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from schemas.outcome import (
    Appeal,
    DecisionGround,
    GroundKind,
    OutcomeAction,
    OutcomeStatus,
    RefusedReason,
    TakedownOutcome,
    UrlStatus,
)
from schemas.reasons import Reason
from schemas.referral_vocabulary import ReferralStatus, RequestKind
from schemas.review import Opening
from services.referrer.blanking import blank_outcome
from services.referrer.falling_due import (
    WAITING,
    DeadlineRules,
    Kept,
    Step,
    StepKind,
    deadline,
    falls_due,
    is_late,
    steps,
)
from services.referrer.lifecycle import Illegal, ReferralEvent
from services.referrer.outcomes import Applied, Unclear, Verdict, apply, event_of, repeats, verdict_of
from tests.builders import NOON

REFERRAL, ROOT = UUID(int=1), UUID(int=2)
RULES = DeadlineRules()
HOUR = timedelta(hours=1)
# When reports come in: nothing of what they tell lies ahead.
LATER = NOON + timedelta(days=30)


@dataclass(frozen=True)
class Request:
    """A request as far as following it needs it."""

    status: ReferralStatus = ReferralStatus.ISSUED
    due_at: datetime | None = None
    issued_at: datetime = NOON
    kind: RequestKind = RequestKind.REFERRAL
    platform: str = "bluesky"
    referral_id: UUID = REFERRAL
    root_referral_id: UUID = ROOT


def report(status: OutcomeStatus = OutcomeStatus.COMPLETED, **changes: Any) -> TakedownOutcome:
    """A report about that request."""
    values: dict[str, Any] = {
        "outcome_id": "o-1",
        "referral_id": REFERRAL,
        "root_referral_id": ROOT,
        "platform": "bluesky",
        "status": status,
        "reported_at": NOON,
    }
    return TakedownOutcome.model_validate(values | changes)


def applied(outcome: TakedownOutcome, request: Request = Request()) -> Applied:
    """What the report changes; it has to change something."""
    result = apply(outcome, request, LATER)
    assert isinstance(result, Applied), result
    return result


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (OutcomeStatus.QUEUED, ReferralEvent.RECEIVE),
        (OutcomeStatus.RECEIVED, ReferralEvent.RECEIVE),
        (OutcomeStatus.PROCESSING, ReferralEvent.PROCESS),
        (OutcomeStatus.EXPIRED, ReferralEvent.EXPIRE),
        (OutcomeStatus.WITHDRAWN, ReferralEvent.CONFIRM_WITHDRAWAL),
    ],
)
def test_progress_is_an_event(status: OutcomeStatus, event: ReferralEvent) -> None:
    assert event_of(report(status)) is event


# Written from the design: what each action of a platform is, and what it says of the request.
ACTIONS = {
    OutcomeAction.REMOVED: (ReferralEvent.ACTION, Verdict.ACCEPTED),
    OutcomeAction.ACCESS_DISABLED_ALL: (ReferralEvent.ACTION, Verdict.ACCEPTED),
    OutcomeAction.ACCESS_DISABLED_SCOPE: (ReferralEvent.ACTION, Verdict.ACCEPTED),
    OutcomeAction.DEMOTED: (ReferralEvent.ACTION, Verdict.ACCEPTED),
    OutcomeAction.AGE_RESTRICTED: (ReferralEvent.ACTION, Verdict.ACCEPTED),
    OutcomeAction.LABELLED: (ReferralEvent.ACTION, Verdict.ACCEPTED),
    OutcomeAction.ACCOUNT_SUSPENDED: (ReferralEvent.ACTION, Verdict.ACCEPTED),
    OutcomeAction.PARTIAL: (ReferralEvent.ACTION, Verdict.ACCEPTED),
    OutcomeAction.ALREADY_REMOVED: (ReferralEvent.ACTION, Verdict.SILENT),
    OutcomeAction.NOT_FOUND: (ReferralEvent.ACTION, Verdict.SILENT),
    OutcomeAction.NO_ACTION: (ReferralEvent.REFUSE, Verdict.REFUSED),
}


@pytest.mark.parametrize("action", list(OutcomeAction))
def test_a_completed_action_is_an_event_and_a_verdict(action: OutcomeAction) -> None:
    outcome = report(outcome=action)
    event, verdict = ACTIONS[action]
    assert event_of(outcome) is event
    assert verdict_of(outcome, event) is verdict


@pytest.mark.parametrize("why", list(RefusedReason))
def test_a_refusal_counts_unless_it_says_nothing_of_the_content(why: RefusedReason) -> None:
    silent = {RefusedReason.DUPLICATE, RefusedReason.WRONG_PROVIDER}
    result = applied(report(refused_reason=why))
    assert result.after is ReferralStatus.REFUSED_BY_PLATFORM
    assert result.verdict is (Verdict.SILENT if why in silent else Verdict.REFUSED)


UNCLEAR = [
    (report(), "outcome"),
    (report(outcome=OutcomeAction.REMOVED, refused_reason=RefusedReason.NOT_TOS), "refused_reason"),
    (report(OutcomeStatus.PROCESSING, outcome=OutcomeAction.REMOVED), "status"),
    (report(OutcomeStatus.RECEIVED, refused_reason=RefusedReason.NOT_TOS), "status"),
    (report(OutcomeStatus.RECEIVED, reinstated_at=NOON), "status"),
    (report(OutcomeStatus.PROCESSING, appeal=Appeal.OVERTURNED), "status"),
]


@pytest.mark.parametrize(("outcome", "member"), UNCLEAR)
def test_gaps_and_contradictions_are_named_and_not_guessed(outcome: TakedownOutcome, member: str) -> None:
    result = apply(outcome, Request(), LATER)
    assert isinstance(result, Unclear)
    assert (result.member, result.reason) == (member, Reason.SCHEMA_VIOLATION)


@pytest.mark.parametrize(
    ("changes", "member"),
    [({"referral_id": UUID(int=9)}, "referral_id"), ({"root_referral_id": UUID(int=9)}, "referral_id")],
)
def test_a_report_about_another_chain_is_refused(changes: dict[str, Any], member: str) -> None:
    result = apply(report(OutcomeStatus.RECEIVED, **changes), Request(), LATER)
    assert result == Unclear(member, Reason.UNKNOWN_REFERRAL, "the referral belongs to another chain")


def test_one_platform_cannot_report_about_anothers_request() -> None:
    result = apply(report(OutcomeStatus.RECEIVED, platform="mastodon"), Request(), LATER)
    assert isinstance(result, Unclear)
    assert (result.member, result.reason) == ("platform", Reason.UNKNOWN_REFERRAL)


def test_an_impossible_move_names_what_is_possible() -> None:
    result = apply(report(OutcomeStatus.PROCESSING), Request(ReferralStatus.ACTIONED), LATER)
    assert result == Illegal("actioned", "process", ("action", "reinstate", "withdraw"))


def test_nobody_but_the_desk_withdraws() -> None:
    assert isinstance(apply(report(OutcomeStatus.WITHDRAWN), Request(), LATER), Illegal)
    assert applied(report(OutcomeStatus.WITHDRAWN), Request(ReferralStatus.WITHDRAWN)).after is ReferralStatus.WITHDRAWN


def test_content_that_was_put_back_reopens_its_case_and_counts_against_the_request() -> None:
    result = applied(report(reinstated_at=NOON), Request(ReferralStatus.ACTIONED))
    assert (result.after, result.reopens, result.verdict) == (
        ReferralStatus.REINSTATED,
        Opening.REINSTATED,
        Verdict.REVERSED,
    )


def test_an_appeal_that_won_puts_the_content_back_and_reopens_the_case() -> None:
    result = applied(report(outcome=OutcomeAction.REMOVED, appeal=Appeal.OVERTURNED), Request(ReferralStatus.ACTIONED))
    assert (result.after, result.reopens, result.verdict) == (
        ReferralStatus.REINSTATED,
        Opening.APPEALED,
        Verdict.REVERSED,
    )


def test_an_appeal_that_was_filed_reopens_the_case_and_moves_nothing() -> None:
    result = applied(report(outcome=OutcomeAction.REMOVED, appeal=Appeal.FILED), Request(ReferralStatus.ACTIONED))
    assert (result.after, result.reopens) == (ReferralStatus.ACTIONED, Opening.APPEALED)


@pytest.mark.parametrize("appeal", [Appeal.NONE, Appeal.UPHELD])
def test_no_appeal_and_a_lost_appeal_reopen_nothing(appeal: Appeal) -> None:
    result = applied(report(outcome=OutcomeAction.REMOVED, appeal=appeal), Request(ReferralStatus.ACTIONED))
    assert result.reopens is None


def test_content_that_comes_back_after_a_withdrawal_reopens_nothing() -> None:
    result = applied(report(reinstated_at=NOON), Request(ReferralStatus.WITHDRAWN))
    assert (result.after, result.reopens) == (ReferralStatus.REINSTATED, None)


@pytest.mark.parametrize("status", [ReferralStatus.WITHDRAWN, ReferralStatus.CORRECTED])
def test_what_crosses_a_withdrawal_or_a_correction_is_taken_down_and_moves_nothing(status: ReferralStatus) -> None:
    acted = applied(report(outcome=OutcomeAction.REMOVED), Request(status))
    refused = applied(report(refused_reason=RefusedReason.NOT_TOS), Request(status))
    assert (acted.after, acted.verdict, refused.after, refused.verdict) == (
        status, Verdict.ACCEPTED, status, Verdict.REFUSED,
    )  # fmt: skip


def test_what_was_put_back_under_a_corrected_request_reopens_its_case() -> None:
    result = applied(report(reinstated_at=NOON), Request(ReferralStatus.CORRECTED))
    assert (result.after, result.reopens) == (ReferralStatus.CORRECTED, Opening.REINSTATED)


@pytest.mark.parametrize(
    "changes", [{"outcome": OutcomeAction.REMOVED}, {"reinstated_at": NOON}, {"outcome": OutcomeAction.NO_ACTION}]
)
def test_of_a_withdrawal_nothing_but_its_confirmation_can_be_reported(changes: dict[str, Any]) -> None:
    withdrawal = Request(ReferralStatus.WITHDRAWN, kind=RequestKind.WITHDRAWAL)
    refused = apply(report(**changes), withdrawal, LATER)
    assert isinstance(refused, Unclear)
    assert (refused.member, refused.reason) == ("status", Reason.IMPOSSIBLE_MOVE)
    assert "the request that it takes back" in refused.rule
    assert applied(report(OutcomeStatus.WITHDRAWN), withdrawal).after is ReferralStatus.WITHDRAWN


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"reported_at": LATER + HOUR}, None),
        ({"reported_at": LATER + HOUR + SECOND}, "reported_at"),
        ({"acted_at": NOON + HOUR}, None),
        ({"acted_at": NOON + HOUR + SECOND}, "acted_at"),
        ({"acted_at": LATER + HOUR + SECOND, "reported_at": LATER + HOUR}, "acted_at"),
        ({"acted_at": NOON - HOUR}, None),
        ({"acted_at": NOON - HOUR - SECOND}, "acted_at"),
        ({"acted_at": NOON - 9 * HOUR, "outcome": OutcomeAction.ALREADY_REMOVED}, None),
        ({"reported_at": NOON - HOUR - SECOND}, "reported_at"),
    ],
)
def test_a_platform_acts_between_the_request_and_its_report_and_nothing_lies_ahead(
    changes: dict[str, Any], member: str | None
) -> None:
    """An hour more or less: so far may clocks lie apart."""
    result = apply(report(**({"outcome": OutcomeAction.REMOVED} | changes)), Request(due_at=NOON + 48 * HOUR), LATER)
    assert (result.member if isinstance(result, Unclear) else None) == member


def test_a_clock_that_goes_wrong_costs_no_report_where_no_deadline_hangs_on_it() -> None:
    early = report(outcome=OutcomeAction.REMOVED, reported_at=NOON - 9 * HOUR)
    assert applied(early).after is ReferralStatus.ACTIONED


GROUND = DecisionGround(kind=GroundKind.ILLEGAL_CONTENT, text="it said so")


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"reported_at": NOON + HOUR}, True),
        ({"schema_version": "1.1"}, True),
        ({"outcome": OutcomeAction.LABELLED}, False),
        ({"outcome": None, "reinstated_at": NOON}, False),
        ({"decision_ground": None}, False),
        ({"acted_at": NOON}, False),
    ],
)
def test_a_repeat_says_the_same_whenever_it_is_sent(changes: dict[str, Any], same: bool) -> None:
    known: dict[str, Any] = {"outcome": OutcomeAction.REMOVED, "decision_ground": GROUND}
    assert repeats(report(**(known | changes)), report(**known)) is same


def test_a_report_whose_words_were_erased_since_is_still_the_same() -> None:
    said = report(outcome=OutcomeAction.REMOVED, decision_ground=GROUND, unable_reason="it said so")
    assert repeats(said, blank_outcome(said))


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome_id": "a\0b"},
        {"unable_reason": "a\0b"},
        {"decision_ground": {"kind": "illegal_content", "text": "a\0b"}},
        {"decision_ground": {"kind": "illegal_content", "url": "https://a.example/\0"}},
    ],
)
def test_no_text_of_a_report_holds_a_nul(changes: dict[str, Any]) -> None:
    """PostgreSQL could not keep it: the report would be lost with a fault of the database."""
    with pytest.raises(ValidationError, match="NUL"):
        report(outcome=OutcomeAction.REMOVED, **changes)


def test_nothing_is_put_back_that_was_never_taken_away() -> None:
    assert isinstance(apply(report(reinstated_at=NOON), Request(ReferralStatus.PROCESSING), LATER), Illegal)


def test_an_action_after_the_deadline_is_late_by_when_it_was_done_not_by_when_it_was_told() -> None:
    due = Request(due_at=NOON + HOUR)
    told_late = report(outcome=OutcomeAction.REMOVED, acted_at=NOON + HOUR, reported_at=NOON + 5 * HOUR)
    done_late = report(
        outcome=OutcomeAction.REMOVED, acted_at=NOON + HOUR + timedelta(seconds=1), reported_at=NOON + 2 * HOUR
    )
    assert (applied(told_late, due).late, applied(done_late, due).late) == (False, True)


def test_without_a_time_of_action_the_report_counts() -> None:
    late = report(outcome=OutcomeAction.REMOVED, reported_at=NOON + 2 * HOUR)
    assert applied(late, Request(due_at=NOON + HOUR)).late


def test_progress_is_never_late() -> None:
    assert not applied(report(OutcomeStatus.RECEIVED, reported_at=NOON + 9 * HOUR), Request(due_at=NOON + HOUR)).late


def test_content_that_is_said_to_be_gone_and_can_be_seen_is_noticed() -> None:
    seen = report(outcome=OutcomeAction.REMOVED, observed_url_status=UrlStatus.ACTIVE)
    gone = report(outcome=OutcomeAction.REMOVED, observed_url_status=UrlStatus.UNAVAILABLE)
    labelled = report(outcome=OutcomeAction.LABELLED, observed_url_status=UrlStatus.ACTIVE)
    assert [applied(each).still_up for each in (seen, gone, labelled)] == [True, False, False]


def test_a_platform_with_a_deadline_is_reminded_twice_before_it_breaks_it() -> None:
    due = NOON + timedelta(hours=10)
    assert steps(NOON, due, 48, RULES) == (
        Step(StepKind.REMINDER, NOON + timedelta(hours=5)),
        Step(StepKind.LAST_REMINDER, NOON + timedelta(hours=9)),
        Step(StepKind.BREACH, due),
        Step(StepKind.EXPIRY, due + timedelta(days=7)),
    )


def test_a_platform_without_a_deadline_is_asked_again_and_then_given_up() -> None:
    assert steps(NOON, None, 48, RULES) == (
        Step(StepKind.FOLLOW_UP, NOON + timedelta(hours=48)),
        Step(StepKind.EXPIRY, NOON + timedelta(days=30)),
    )


def test_nobody_is_asked_again_after_the_request_has_expired() -> None:
    assert [step.kind for step in steps(NOON, None, 24 * 31, RULES)] == [StepKind.EXPIRY]


@pytest.mark.parametrize(
    ("hours", "taken", "due"),
    [
        (4.9, (), []),
        (5, (), [StepKind.REMINDER]),
        (9, (StepKind.REMINDER,), [StepKind.LAST_REMINDER]),
        (9.5, (StepKind.REMINDER, StepKind.LAST_REMINDER), []),
        (11, (), [StepKind.REMINDER, StepKind.LAST_REMINDER, StepKind.BREACH]),
        (10 + 24 * 7, (StepKind.REMINDER, StepKind.LAST_REMINDER, StepKind.BREACH), [StepKind.EXPIRY]),
    ],
)
def test_each_step_falls_due_once(hours: float, taken: tuple[StepKind, ...], due: list[StepKind]) -> None:
    request = Request(due_at=NOON + timedelta(hours=10))
    found = falls_due(request, 48, RULES, taken, NOON + timedelta(hours=hours))
    assert [step.kind for step in found] == due


@pytest.mark.parametrize("status", sorted(set(ReferralStatus) - WAITING - {ReferralStatus.EXPIRED}))
def test_nothing_falls_due_for_a_request_that_has_its_answer(status: ReferralStatus) -> None:
    request = Request(status, due_at=NOON + HOUR)
    assert falls_due(request, 48, RULES, (), NOON + timedelta(days=400)) == ()


def test_a_platform_that_gives_up_before_its_deadline_breaks_it_and_is_not_reminded() -> None:
    request = Request(ReferralStatus.EXPIRED, due_at=NOON + HOUR)
    long_after = NOON + timedelta(days=400)
    assert falls_due(request, 48, RULES, (), NOON + HOUR / 2) == ()
    assert falls_due(request, 48, RULES, (), long_after) == (Step(StepKind.BREACH, NOON + HOUR),)
    assert falls_due(request, 48, RULES, (StepKind.BREACH,), long_after) == ()


def test_on_the_dot_is_in_time() -> None:
    assert not is_late(NOON, NOON)
    assert is_late(NOON + timedelta(microseconds=1), NOON)


@pytest.mark.parametrize(
    ("due_at", "answered_at", "now", "kept"),
    [
        (None, None, NOON, Kept.NO_DEADLINE),
        (NOON, None, NOON, Kept.RUNNING),
        (NOON, None, NOON + HOUR, Kept.BREACHED),
        (NOON, NOON, NOON + HOUR, Kept.KEPT),
        (NOON, NOON + HOUR, NOON + HOUR, Kept.BREACHED),
    ],
)
def test_a_deadline_is_kept_or_breached_by_the_answer(
    due_at: datetime | None, answered_at: datetime | None, now: datetime, kept: Kept
) -> None:
    assert deadline(due_at, answered_at, now) is kept


@pytest.mark.parametrize(
    ("answered", "ended", "kept"),
    [
        (None, 1, Kept.NO_DEADLINE),
        (None, 2, Kept.NO_DEADLINE),
        (None, 3, Kept.BREACHED),
        (1, 2, Kept.KEPT),
        (2, 1, Kept.NO_DEADLINE),
        (3, 1, Kept.NO_DEADLINE),
        (3, 4, Kept.BREACHED),
    ],
)
def test_nobody_breaks_a_deadline_that_the_desk_ended_before(answered: int | None, ended: int, kept: Kept) -> None:
    answered_at = None if answered is None else NOON + answered * HOUR
    assert deadline(NOON + 2 * HOUR, answered_at, NOON + 9 * HOUR, NOON + ended * HOUR) is kept
