"""Whoever may review a case blindly learns nothing of its first decision, and whoever has learned of it does not review it."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from schemas.desk import CorrectionAsked, WithdrawalAsked
from schemas.review import CaseState, Decision, ReasonCode
from schemas.vocabulary import Exemption
from services.referrer.amending import Amended, DraftedCorrection
from services.referrer.declined import Declined
from services.referrer.finding import Finding
from services.referrer.records import Case, Found, Person, QueueFilter, QueueKey
from services.referrer.roles import Role
from tests.builders import NOON, normalised, ranked, scored
from tests.desk import ADesk, an_outcome, asked, declined
from tests.practice import exercise_of, fresh, seen_by, with_blind

pytest_plugins = ["tests.database.practice_fixture"]


def browsed(desk: ADesk, person: Person, *states: CaseState) -> list[UUID]:
    """What the person meets page by page, two cases on each."""
    met: list[UUID] = []
    after = None
    while True:
        page = desk.desk.queue(person, QueueFilter(states), after, 2)
        assert not isinstance(page, Declined)
        met += [case.case_id for case in page]
        if len(page) < 2:
            return met
        after = QueueKey(page[-1].band, page[-1].risk, page[-1].waiting_since, page[-1].case_id)


@dataclass(frozen=True)
class Blind:
    """A desk on which r-1 approved five cases; r-2 may review any of them blindly, and holds the review of one."""

    desk: ADesk
    other: Person
    copy: Case
    original: Case
    referral_id: UUID
    rest: tuple[Case, ...]


@pytest.fixture
def blind(blind_desk: ADesk) -> Blind:
    first, other = blind_desk.person("r-1"), blind_desk.person("r-2")
    done = [blind_desk.decide(first, fresh(blind_desk, f"number-{number}")) for number in range(5)]
    copy = blind_desk.held(other, exercise_of(blind_desk, other, done[0].case))
    rest = tuple(each.case for each in done[1:])
    return Blind(blind_desk, other, copy, done[0].case, done[0].referrals[0].referral_id, rest)


def test_who_decided_first_never_gets_the_blind_review(blind_desk: ADesk) -> None:
    first, other = blind_desk.person("r-1"), blind_desk.person("r-2")
    exercise = with_blind(blind_desk, other)
    assert exercise.case_id not in seen_by(blind_desk, first)
    assert declined(blind_desk.desk.lease(first, exercise.case_id)).code == "unknown_case"
    blind_desk.held(other, exercise)
    refused = declined(blind_desk.desk.hand_over(other, exercise.case_id, "r-1"))
    assert refused.code == "no_such_reviewer"


def test_a_blind_review_says_nothing_of_the_first_decision(blind_desk: ADesk) -> None:
    other = blind_desk.person("r-2")
    exercise = with_blind(blind_desk, other)
    file = blind_desk.desk.view(other, exercise.case_id)
    assert not isinstance(file, Declined)
    assert (list(file.decisions), list(file.referrals)) == ([], [])
    assert (exercise.state, exercise.round, exercise.decided_at) == (CaseState.OPEN, 1, None)


def test_an_auditor_sees_real_cases_alone(blind_desk: ADesk) -> None:
    with_blind(blind_desk, blind_desk.person("r-2"))
    assert seen_by(blind_desk, blind_desk.person("auditor", Role.AUDITOR)) == []


def test_a_proposal_is_not_reviewed_blindly_before_it_stands(blind_desk: ADesk) -> None:
    content = normalised("a song about a feud that everybody knows by heart")
    lyrics = ranked(content, scored=scored(content, exemptions={Exemption.ART_OR_LYRICS: 0.9}))
    proposed = blind_desk.decide(blind_desk.person("r-1"), blind_desk.case(lyrics))
    assert proposed.decision.awaits_second_review
    assert seen_by(blind_desk, blind_desk.person("r-3")) == [proposed.case.case_id]
    blind_desk.decide(blind_desk.person("r-2"), blind_desk.now(proposed.case.case_id))
    for decider in ("r-1", "r-2"):
        assert seen_by(blind_desk, blind_desk.person(decider)) == []
    assert len(seen_by(blind_desk, blind_desk.person("r-3"))) == 1


def test_no_list_shows_how_a_case_was_decided_that_this_person_may_review_blindly(blind: Blind) -> None:
    desk, other = blind.desk, blind.other
    everything = {blind.original.case_id, *(case.case_id for case in blind.rest)}
    assert set(browsed(desk, desk.person("r-1"), CaseState.APPROVED)) == everything
    assert browsed(desk, other, CaseState.APPROVED) == []
    desk.decide(other, blind.copy, Decision.REFUSE)
    assert blind.original.case_id in browsed(desk, other, CaseState.APPROVED)
    assert browsed(desk, desk.person("dara", Role.AUDITOR), CaseState.APPROVED) != []


def test_pages_are_full_where_cases_between_them_stay_out_of_sight(blind: Blind) -> None:
    desk, other = blind.desk, blind.other
    own = [desk.decide(other, fresh(desk, f"own-{number}")).case.case_id for number in range(3)]
    assert sorted(browsed(desk, other, CaseState.APPROVED)) == sorted(own)


def test_who_holds_a_blind_review_sees_neither_case_nor_request_of_the_first_until_it_is_decided(blind: Blind) -> None:
    desk, other, case_id = blind.desk, blind.other, blind.original.case_id
    assert declined(desk.desk.view(other, case_id)).code == "unknown_case"
    assert declined(desk.amending.view(other, blind.referral_id)).code == "unknown_referral"
    found = Finding(desk.database).search(other, str(case_id))
    assert isinstance(found, Found)
    assert found.cases == ()
    desk.decide(other, blind.copy, Decision.REFUSE)
    assert not isinstance(desk.desk.view(other, case_id), Declined)
    assert not isinstance(desk.amending.view(other, blind.referral_id), Declined)


def test_who_holds_a_blind_review_neither_amends_the_request_of_the_first_nor_learns_of_it_by_trying(
    blind: Blind,
) -> None:
    desk, lead = blind.desk, blind.desk.person("r-2", Role.LEAD)
    case_id, referral_id = blind.original.case_id, blind.referral_id
    back = WithdrawalAsked(reason_code=ReasonCode.ISSUED_IN_ERROR)
    anew = CorrectionAsked(reason_code=ReasonCode.THREAT_OF_VIOLENCE, good_faith=True)
    tried = (
        desk.amending.withdraw(lead, referral_id, back), desk.amending.correct(lead, referral_id, anew),
        desk.amending.draft(lead, referral_id, anew), desk.desk.lease(lead, case_id), desk.desk.release(lead, case_id),
        desk.deciding.decide(lead, case_id, asked(blind.original)),
    )  # fmt: skip
    assert [declined(each).code for each in tried] == ["unknown_referral"] * 3 + ["unknown_case"] * 3
    desk.decide(lead, blind.copy, Decision.REFUSE)
    assert isinstance(desk.amending.withdraw(lead, referral_id, back), Amended)


def test_who_drafts_a_correction_does_not_get_the_blind_review(blind: Blind) -> None:
    desk, lead, original = blind.desk, blind.desk.person("r-2", Role.LEAD), blind.rest[0]
    (referral,) = desk.database.read(lambda books: books.referrals.of_case(original.case_id))
    review = exercise_of(desk, lead, original)
    anew = CorrectionAsked(reason_code=ReasonCode.THREAT_OF_VIOLENCE, good_faith=True)
    assert isinstance(desk.amending.draft(lead, referral.referral_id, anew), DraftedCorrection)
    assert review.case_id not in seen_by(desk, lead)


@pytest.mark.parametrize("by", ["case", "request"])
def test_who_saw_a_decision_does_not_get_its_blind_review_and_somebody_else_does(blind: Blind, by: str) -> None:
    desk, curious = blind.desk, blind.other
    original = blind.rest[0]
    (referral,) = desk.database.read(lambda books: books.referrals.of_case(original.case_id))
    review = exercise_of(desk, curious, original)
    if by == "case":
        assert not isinstance(desk.desk.view(curious, original.case_id), Declined)
    else:
        assert not isinstance(desk.amending.view(curious, referral.referral_id), Declined)
    assert review.case_id not in seen_by(desk, curious)
    assert declined(desk.desk.lease(curious, review.case_id)).code == "unknown_case"
    assert original.case_id in browsed(desk, curious, CaseState.APPROVED)
    assert review.case_id in seen_by(desk, desk.person("r-3"))


def test_a_review_that_most_of_the_desk_knows_the_answer_to_is_dropped(blind: Blind) -> None:
    desk, original = blind.desk, blind.rest[0]
    for number in range(8):
        desk.desk.view(desk.person(f"a-reviewer-with-a-long-pseudonym-{number}"), original.case_id)
    assert original.content_key not in [case.content_key for case in desk.queue(desk.person("r-3"))]


def test_who_holds_a_blind_review_still_works_on_the_case_when_it_comes_up_again(blind: Blind) -> None:
    desk, other = blind.desk, blind.other
    (referral,) = desk.database.read(lambda books: books.referrals.of_case(blind.original.case_id))
    desk.outcome(an_outcome(referral))
    desk.outcome(an_outcome(referral, outcome_id="o-9", outcome=None, reinstated_at=NOON))
    assert desk.now(blind.original.case_id).state is CaseState.OPEN
    assert blind.original.case_id in browsed(desk, other, CaseState.OPEN)
    assert not isinstance(desk.desk.view(other, blind.original.case_id), Declined)
    assert blind.copy.case_id not in browsed(desk, other, CaseState.OPEN, CaseState.LEASED)
