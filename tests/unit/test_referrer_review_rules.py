"""Review rules: who may decide what, when one person is not enough, and how agreement is counted."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest

from schemas.review import Decision, ReasonCode
from schemas.vocabulary import Band, Exemption
from services.referrer.agreement import cohens_kappa
from services.referrer.decision_reasons import AMENDING_REASONS, REASONS
from services.referrer.lifecycle import CaseEvent
from services.referrer.p1_clock import ClockState, p1_clock
from services.referrer.review_rules import (
    EXEMPTION_HIGH,
    MINOR_SUSPECTED,
    SECOND_REVIEW_EXEMPTIONS,
    ReviewRules,
    highest,
    second_review_causes,
)
from services.referrer.roles import Action, Role, may
from services.referrer.sampling import blind_second_review, chosen, golden_case, golden_due
from services.referrer.settings import ReferrerSettings
from services.referrer.settling import Forbidden, Opinion, Settled, escalated, said_all, settle
from tests.builders import NOON

RULES = ReviewRules()
ONE_IS_ENOUGH: tuple[str, ...] = ()
TWO_NEEDED = ("news",)


def number(n: int) -> UUID:
    """A stable id."""
    return UUID(int=n)


def says(
    decision: Decision, reviewer: str = "r-1", role: Role = Role.REVIEWER, code: ReasonCode | None = None
) -> Opinion:
    """An opinion with a fitting reason."""
    return Opinion(number(1), reviewer, role, decision, code or REASONS[decision][0], NOON)


# Written from the design: may a role ask for an action? One letter per role that may (r, l, a, d = admin).
WHO = {
    Action.VIEW_QUEUE: "rla",
    Action.VIEW_CONTENT: "rla",
    Action.LEASE: "rl",
    Action.DECIDE: "rl",
    Action.HAND_OVER: "rl",
    Action.TAKE_UP_ESCALATED: "l",
    Action.END_ANOTHERS_LEASE: "l",
    Action.WITHDRAW: "l",
    Action.CORRECT: "l",
    Action.RECORD_OUTCOME: "l",
    Action.LIFT_SUSPENSION: "l",
    Action.VIEW_PLATFORMS: "rlad",
    Action.VIEW_TEAM: "la",
    Action.VIEW_AUDIT: "a",
    Action.EXPORT: "la",
    Action.MANAGE_PEOPLE: "d",
    Action.MANAGE_PLATFORMS: "d",
    Action.ERASE: "d",
}
LETTER = {Role.REVIEWER: "r", Role.LEAD: "l", Role.AUDITOR: "a", Role.ADMIN: "d"}


@pytest.mark.parametrize(("role", "action"), list(product(Role, Action)))
def test_a_role_may_do_what_the_table_says(role: Role, action: Action) -> None:
    assert may(role, action) is (LETTER[role] in WHO[action])


def test_nobody_both_decides_and_audits_or_decides_and_manages_people() -> None:
    """No one person can make a decision and hide it."""
    for role in Role:
        assert not (may(role, Action.DECIDE) and may(role, Action.VIEW_AUDIT))
        assert not (may(role, Action.DECIDE) and may(role, Action.MANAGE_PEOPLE))


def test_every_reason_code_goes_with_a_decision() -> None:
    every = [*REASONS.values(), *AMENDING_REASONS.values()]
    assert {code for codes in every for code in codes} == set(ReasonCode)


def test_no_reason_to_approve_is_a_reason_to_refuse() -> None:
    assert set(REASONS[Decision.APPROVE]).isdisjoint(REASONS[Decision.REFUSE])


def test_every_exemption_is_a_reason_to_refuse() -> None:
    named = {code.value for code in REASONS[Decision.REFUSE]}
    assert {each.value for each in Exemption if each is not Exemption.NONE} <= named


@pytest.mark.parametrize(("decision", "code"), list(product(Decision, ReasonCode)))
def test_a_reason_stands_only_with_its_decisions(decision: Decision, code: ReasonCode) -> None:
    result = settle((), says(decision, code=code), ONE_IS_ENOUGH)
    if code in REASONS[decision]:
        assert isinstance(result, Settled)
    else:
        assert isinstance(result, Forbidden)
        assert set(result.allowed) == {each.value for each in REASONS[decision]}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_auditors_and_admins_decide_nothing(role: Role) -> None:
    assert isinstance(settle((), says(Decision.REFUSE, role=role), ONE_IS_ENOUGH), Forbidden)


@pytest.mark.parametrize(
    "exemption",
    ["art_or_lyrics", "news", "quotation_or_counter_speech", "grief", "victim_account", "fiction", "sport_or_game"],
)
def test_an_exemption_class_that_scored_high_needs_a_second_reviewer(exemption: str) -> None:
    assert second_review_causes({Exemption(exemption): EXEMPTION_HIGH}, False, RULES) == (exemption,)
    assert second_review_causes({Exemption(exemption): EXEMPTION_HIGH - 0.01}, False, RULES) == ()


def test_the_desk_and_its_rules_mean_the_same_by_high() -> None:
    assert ReviewRules().exemption_high == ReferrerSettings().exemption_high == EXEMPTION_HIGH == 0.3


@pytest.mark.parametrize("exemption", sorted(set(Exemption) - set(SECOND_REVIEW_EXEMPTIONS)))
def test_other_exemptions_need_one_reviewer(exemption: Exemption) -> None:
    assert second_review_causes({exemption: 1.0}, False, RULES) == ()


def test_a_suspected_minor_needs_a_second_reviewer() -> None:
    assert second_review_causes({}, True, RULES) == (MINOR_SUSPECTED,)


def test_every_cause_is_named() -> None:
    scores = {Exemption.NEWS: 0.9, Exemption.GRIEF: 0.7}
    assert second_review_causes(scores, True, RULES) == ("news", "grief", MINOR_SUSPECTED)


def test_of_several_contents_each_exemption_counts_as_where_it_is_highest() -> None:
    assert highest([{Exemption.NEWS: 0.1, Exemption.GRIEF: 0.4}, {Exemption.NEWS: 0.9}]) == {
        Exemption.NEWS: 0.9,
        Exemption.GRIEF: 0.4,
    }
    assert highest([]) == {}


def test_one_approval_is_enough_where_nothing_demands_two() -> None:
    assert settle((), says(Decision.APPROVE), ONE_IS_ENOUGH) == Settled(CaseEvent.APPROVE, ("r-1",))


def test_the_first_of_two_approvals_only_proposes() -> None:
    first = settle((), says(Decision.APPROVE), TWO_NEEDED)
    assert first == Settled(CaseEvent.PROPOSE, ("r-1",))
    assert isinstance(first, Settled)
    assert first.awaits_second_review


def test_the_second_approval_carries_both_names() -> None:
    settled = settle((says(Decision.APPROVE),), says(Decision.APPROVE, "r-2"), TWO_NEEDED)
    assert settled == Settled(CaseEvent.APPROVE, ("r-1", "r-2"), second_review=True)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEAD])
def test_nobody_is_their_own_second_reviewer(role: Role) -> None:
    again = settle((says(Decision.APPROVE, role=role),), says(Decision.APPROVE, role=role), TWO_NEEDED)
    assert again == Forbidden("the second review needs a different reviewer")


def agrees(reviewer: str, *notices: str) -> Opinion:
    """An approval of these notices."""
    return replace(says(Decision.APPROVE, reviewer), agreed=frozenset(notices))


def test_an_approval_counts_for_what_it_named_and_for_less() -> None:
    first = agrees("r-1", "a", "b")
    for named in (("a",), ("a", "b")):
        settled = settle((first,), agrees("r-2", *named), TWO_NEEDED)
        assert settled == Settled(CaseEvent.APPROVE, ("r-1", "r-2"), second_review=True)
    assert settle((first,), agrees("r-2", "a", "c"), TWO_NEEDED) == Settled(CaseEvent.PROPOSE, ("r-2",))


def test_whoever_approved_something_else_is_not_named() -> None:
    assert settle((agrees("r-1", "a"),), agrees("r-2", "b"), ONE_IS_ENOUGH) == Settled(CaseEvent.APPROVE, ("r-2",))


def test_whoever_approved_something_else_may_propose_anew() -> None:
    assert settle((agrees("r-1", "a"),), agrees("r-1", "b"), TWO_NEEDED) == Settled(CaseEvent.PROPOSE, ("r-1",))


def test_whoever_proposed_needs_somebody_else_for_anything_in_this_round() -> None:
    first = agrees("r-1", "plain", "news")
    assert isinstance(settle((first,), agrees("r-1", "plain"), ONE_IS_ENOUGH), Forbidden)
    assert settle((first,), agrees("r-1", "other"), ONE_IS_ENOUGH) == Settled(CaseEvent.PROPOSE, ("r-1",))
    assert settle((first,), agrees("r-2", "other"), ONE_IS_ENOUGH) == Settled(CaseEvent.APPROVE, ("r-2",))


def test_what_needed_two_people_needs_two_when_the_same_person_asks_again_for_the_same() -> None:
    """Whoever said that the poster may be a minor does not get round the second person by saying so no more."""
    assert isinstance(settle((agrees("r-1", "a"),), agrees("r-1", "a"), ONE_IS_ENOUGH), Forbidden)


def test_whoever_approved_all_that_waits_leaves_it_to_somebody_else() -> None:
    assert said_all((agrees("r-1", "a"),), "r-1")
    assert not said_all((agrees("r-1", "a"),), "r-2")
    waiting = (agrees("r-1", "a"), agrees("r-2", "a", "b"))
    assert [said_all(waiting, each) for each in ("r-1", "r-2", "r-3")] == [False, True, False]


def test_two_who_approved_different_things_may_each_complete_what_the_other_one_began() -> None:
    waiting = (agrees("r-1", "a"), agrees("r-2", "b"))
    assert not any(said_all(waiting, each) for each in ("r-1", "r-2"))


def test_an_approval_of_which_nobody_knows_what_it_named_covers_nothing() -> None:
    unknown = says(Decision.APPROVE, "r-1")
    assert not said_all((unknown,), "r-1")
    assert not said_all((unknown, agrees("r-2", "a")), "r-1")


def test_two_reviewers_who_disagree_hand_the_case_to_a_lead() -> None:
    settled = settle((says(Decision.APPROVE),), says(Decision.REFUSE, "r-2"), TWO_NEEDED)
    assert settled == Settled(CaseEvent.ESCALATE, ("r-2",))


def test_a_lead_who_refuses_as_second_reviewer_settles_it() -> None:
    settled = settle((says(Decision.APPROVE),), says(Decision.REFUSE, "l-1", Role.LEAD), TWO_NEEDED)
    assert settled == Settled(CaseEvent.REFUSE, ("l-1",))


def test_after_a_disagreement_only_a_lead_decides() -> None:
    said = (says(Decision.APPROVE), says(Decision.REFUSE, "r-2"))
    assert escalated(said)
    assert settle(said, says(Decision.APPROVE, "r-3"), TWO_NEEDED) == Forbidden(
        "an escalated case is decided by a lead", ("lead",)
    )
    settled = settle(said, says(Decision.APPROVE, "l-1", Role.LEAD), TWO_NEEDED)
    assert settled == Settled(CaseEvent.APPROVE, ("r-1", "l-1"), second_review=True)


def test_a_lead_alone_does_not_replace_the_second_reviewer() -> None:
    said = (says(Decision.ESCALATE),)
    assert settle(said, says(Decision.APPROVE, "l-1", Role.LEAD), TWO_NEEDED) == Settled(CaseEvent.PROPOSE, ("l-1",))


def test_an_escalated_case_is_a_leads() -> None:
    said = (says(Decision.ESCALATE),)
    assert isinstance(settle(said, says(Decision.REFUSE, "r-2"), ONE_IS_ENOUGH), Forbidden)
    assert settle(said, says(Decision.REFUSE, "l-1", Role.LEAD), ONE_IS_ENOUGH) == Settled(CaseEvent.REFUSE, ("l-1",))


def test_a_refusal_needs_nobody_else() -> None:
    """The gate fails closed: it takes two to send about protected speech, and one to let it be."""
    assert settle((), says(Decision.REFUSE), TWO_NEEDED) == Settled(CaseEvent.REFUSE, ("r-1",))


def test_a_deferred_proposal_keeps_its_first_approval() -> None:
    said = (says(Decision.APPROVE), says(Decision.DEFER, "r-2"))
    settled = settle(said, says(Decision.APPROVE, "r-2"), TWO_NEEDED)
    assert settled == Settled(CaseEvent.APPROVE, ("r-1", "r-2"), second_review=True)


def after(minutes: float, band: Band = Band.P1, decided: float | None = None) -> ClockState:
    """The clock so many minutes after opening."""
    decided_at = None if decided is None else NOON + timedelta(minutes=decided)
    return p1_clock(band, NOON, decided_at, NOON + timedelta(minutes=minutes), RULES)


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        (0, ClockState.RUNNING),
        (9.9, ClockState.RUNNING),
        (10, ClockState.WARNING),
        (14.9, ClockState.WARNING),
        (15, ClockState.BREACHED),
        (600, ClockState.BREACHED),
    ],
)
def test_the_clock_of_a_threat_to_life_warns_and_then_breaks(minutes: float, state: ClockState) -> None:
    assert after(minutes) is state


@pytest.mark.parametrize("band", [band for band in Band if band is not Band.P1])
def test_no_other_band_has_that_clock(band: Band) -> None:
    assert after(10_000, band) is ClockState.NOT_RUNNING


def test_a_decision_in_time_stops_the_clock_and_a_late_one_stays_late() -> None:
    assert after(60, decided=14) is ClockState.NOT_RUNNING
    assert after(60, decided=15) is ClockState.BREACHED


def test_the_same_ids_are_always_chosen_alike() -> None:
    assert [chosen("blind", (str(n),), 0.3) for n in range(200)] == [
        chosen("blind", (str(n),), 0.3) for n in range(200)
    ]


@pytest.mark.parametrize("rate", [0.02, 0.25, 0.8])
def test_the_share_chosen_is_the_rate(rate: float) -> None:
    share = sum(chosen("blind", (str(n),), rate) for n in range(20_000)) / 20_000
    # Four standard deviations; the ids are fixed, so this never varies.
    assert abs(share - rate) < 4 * (rate * (1 - rate) / 20_000) ** 0.5


def test_a_rate_of_nothing_chooses_nothing_and_of_one_everything() -> None:
    assert not any(chosen("blind", (str(n),), 0.0) for n in range(1_000))
    assert all(chosen("blind", (str(n),), 1.0) for n in range(1_000))


def test_what_a_higher_rate_leaves_out_a_lower_one_leaves_out_too() -> None:
    for n in range(1_000):
        assert chosen("blind", (str(n),), 0.5) or not chosen("blind", (str(n),), 0.1)


def test_blind_and_golden_cases_are_chosen_independently() -> None:
    even = ReviewRules(golden_rate=0.5, blind_rate=0.5)
    both = sum(blind_second_review(number(n), even) and golden_due("r-1", n, even) for n in range(4_000))
    assert abs(both / 4_000 - 0.25) < 0.03


def test_ids_that_join_alike_are_not_the_same_ids() -> None:
    alike = [chosen("golden", (f"{n}", f"{n}1"), 0.5) == chosen("golden", (f"{n}{n}", "1"), 0.5) for n in range(200)]
    assert not all(alike)


def test_reviewers_meet_golden_cases_in_orders_of_their_own() -> None:
    golden = [number(n) for n in range(40)]
    assert golden_case("r-1", golden) == golden_case("r-1", list(reversed(golden)))
    assert len({golden_case(f"r-{n}", golden) for n in range(40)}) > 10


def test_without_an_unseen_golden_case_there_is_none() -> None:
    assert golden_case("r-1", []) is None


A, R = Decision.APPROVE, Decision.REFUSE


def test_kappa_of_a_worked_example() -> None:
    """Fifty proposals: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no; observed 0.7, by chance 0.5, kappa 0.4."""
    agreement = cohens_kappa([(A, A)] * 20 + [(A, R)] * 5 + [(R, A)] * 10 + [(R, R)] * 15)
    assert (agreement.pairs, agreement.observed, agreement.expected) == (50, 0.7, 0.5)
    assert agreement.kappa == pytest.approx(0.4)


def test_full_agreement_is_one_and_chance_is_zero() -> None:
    assert cohens_kappa([(A, A), (R, R)]).kappa == 1.0
    assert cohens_kappa([(A, A), (A, R), (R, A), (R, R)]).kappa == 0.0


def test_full_disagreement_is_below_zero() -> None:
    assert cohens_kappa([(A, R), (R, A)]).kappa == -1.0


def test_kappa_is_unknown_without_pairs_and_where_all_said_the_same() -> None:
    assert cohens_kappa([]).kappa is None
    assert cohens_kappa([(A, A)] * 9).kappa is None
    assert cohens_kappa([(A, A)] * 9).observed == 1.0
