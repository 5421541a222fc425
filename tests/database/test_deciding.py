"""The human gate: it fails closed, and an approval gives exactly one request per address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from schemas.referral import ReferralState, TakedownRequested
from schemas.referral_vocabulary import ReferralStatus
from schemas.review import MOST_LOCATIONS, CaseState, Decision, Opening, ReasonCode, ReviewDecided
from schemas.scoring import ContentRanked
from schemas.topics import REFERRAL_STATE, REVIEW_DECIDED, REVIEW_REQUESTED, TAKEDOWN_REQUESTED
from schemas.vocabulary import Band, Change, Exemption
from services.referrer.adapters.database import SqlDatabase
from services.referrer.deciding import Made
from services.referrer.declined import Declined, Why
from services.referrer.records import Case
from services.referrer.roles import Role
from services.runtime.codec import decode
from tests.builders import NOON, normalised, ranked, scored
from tests.desk import SETTINGS, ADesk, an_outcome, asked, declined, made


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def lyrics() -> ContentRanked:
    content = normalised("gonna get you")
    return ranked(content, scored=scored(content, exemptions={Exemption.ART_OR_LYRICS: 0.9, Exemption.NONE: 0.1}))


def requests(desk: ADesk) -> list[TakedownRequested]:
    return [decode(TakedownRequested, record.value) for record in desk.outbox(TAKEDOWN_REQUESTED.name)]


def test_an_approval_makes_one_request_with_its_facts(desk: ADesk) -> None:
    done = desk.decide(desk.person(), desk.case())
    (request,) = requests(desk)
    (decided,) = [decode(ReviewDecided, r.value) for r in desk.outbox(REVIEW_DECIDED.name)]
    (state,) = [decode(ReferralState, r.value) for r in desk.outbox(REFERRAL_STATE.name)]
    assert request.decision_id == decided.decision_id == done.decision.decision_id
    assert (request.review.reviewers, request.locator.url) == (("r-1",), decided.locations[0].url)
    assert (state.status, state.referral_id) == (ReferralStatus.ISSUED, request.referral_id)
    assert desk.ledger() == ["leased", "decided", "requested"]


def test_what_is_stored_is_what_leaves(desk: ADesk) -> None:
    done = desk.decide(desk.person(), desk.case())
    assert desk.outbox(TAKEDOWN_REQUESTED.name)[0].value == done.referrals[0].body


@pytest.mark.parametrize("decision", [Decision.REFUSE, Decision.ESCALATE, Decision.DEFER])
def test_no_other_decision_makes_a_request(desk: ADesk, decision: Decision) -> None:
    done = desk.decide(desk.person(), desk.case(), decision)
    assert (requests(desk), done.referrals) == ([], ())
    assert len(desk.outbox(REVIEW_DECIDED.name)) == 1


def test_nothing_leaves_without_a_decision(desk: ADesk) -> None:
    person, case = desk.person(), desk.case()
    desk.held(person, case)
    desk.desk.view(person, case.case_id)
    assert requests(desk) == []


def test_a_case_that_nobody_holds_is_not_decided(desk: ADesk) -> None:
    case = desk.case()
    refused = declined(desk.deciding.decide(desk.person(), case.case_id, asked(case)))
    assert (refused.why, refused.code, requests(desk)) == (Why.CONFLICT, "state", [])


def test_a_case_that_another_one_holds_is_not_decided(desk: ADesk) -> None:
    held = desk.held(desk.person("r-1"), desk.case())
    assert declined(desk.deciding.decide(desk.person("r-2"), held.case_id, asked(held))).code == "leased"
    assert requests(desk) == []


def test_a_lease_that_ran_out_decides_nothing(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    desk.clock.forward(minutes=SETTINGS.lease_minutes)
    assert declined(desk.deciding.decide(person, held.case_id, asked(held))).code == "lease_expired"


def test_content_that_was_edited_meanwhile_has_to_be_looked_at_again(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    later = NOON + timedelta(minutes=1)
    desk.take(ranked(normalised("hello", change=Change.EDITED, event_time=later, observed_at=later)))
    refused = declined(desk.deciding.decide(person, held.case_id, asked(held)))
    assert (refused.code, refused.allowed) == ("content_changed", (desk.now(held.case_id).content_version,))


def test_two_decisions_at_the_same_instant_give_one_result(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    choices = [Decision.APPROVE, Decision.REFUSE] * 3
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda c: desk.deciding.decide(person, held.case_id, asked(held, c)), choices))
    (winner,) = [each for each in found if isinstance(each, Made)]
    losers = [each for each in found if isinstance(each, Declined)]
    assert {each.why for each in losers} == {Why.CONFLICT}
    assert all(str(winner.decision.decision_id) in each.detail for each in losers)
    assert len(requests(desk)) == (winner.decision.decision is Decision.APPROVE)


def test_an_approval_without_good_faith_does_not_stand(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    refused = declined(desk.deciding.decide(person, held.case_id, asked(held, good_faith=False)))
    assert refused.code == "notice_unfit"
    assert refused.allowed[0].startswith("good_faith_statement.accepted")
    assert desk.now(held.case_id).state is CaseState.LEASED


def test_a_reason_code_of_another_decision_is_refused_with_those_that_fit(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    refused = declined(desk.deciding.decide(person, held.case_id, asked(held, reason_code=ReasonCode.GRIEF)))
    assert (refused.why, "threat_of_violence" in refused.allowed) == (Why.INVALID, True)


def test_protected_speech_needs_a_second_different_reviewer(desk: ADesk) -> None:
    case = desk.case(lyrics())
    first = desk.decide(desk.person("r-1"), case)
    assert (first.decision.awaits_second_review, first.case.state, requests(desk)) == (True, CaseState.OPEN, [])
    held = desk.held(desk.person("r-1"), case)
    again = desk.deciding.decide(desk.person("r-1"), held.case_id, asked(held))
    assert "different reviewer" in declined(again).detail
    desk.desk.release(desk.person("r-1"), case.case_id)
    second = desk.decide(desk.person("r-2"), case)
    (request,) = requests(desk)
    assert (second.case.state, request.review.reviewers) == (CaseState.APPROVED, ("r-1", "r-2"))
    assert request.review.second_review


def test_a_first_approval_of_an_earlier_version_does_not_count(desk: ADesk) -> None:
    case = desk.case(lyrics())
    desk.decide(desk.person("r-1"), case)
    later = NOON + timedelta(minutes=1)
    content = normalised("gonna get you now", change=Change.EDITED, event_time=later, observed_at=later)
    exempt = {Exemption.ART_OR_LYRICS: 0.9, Exemption.NONE: 0.1}
    desk.take(ranked(content, scored=scored(content, exemptions=exempt)))
    second = desk.decide(desk.person("r-2"), desk.now(case.case_id))
    assert (second.decision.awaits_second_review, requests(desk)) == (True, [])


def test_reviewers_who_disagree_bring_in_a_lead(desk: ADesk) -> None:
    case = desk.case(lyrics())
    desk.decide(desk.person("r-1"), case)
    assert desk.decide(desk.person("r-2"), case, Decision.REFUSE).case.state is CaseState.ESCALATED
    assert desk.decide(desk.person("l-1", Role.LEAD), case, Decision.REFUSE).case.state is CaseState.REFUSED
    assert requests(desk) == []


def test_a_suspected_minor_needs_a_second_reviewer(desk: ADesk) -> None:
    done = desk.decide(desk.person(), desk.case(), notice={"minor_suspected": True})
    assert (done.decision.awaits_second_review, requests(desk)) == (True, [])


def test_an_unknown_location_is_refused(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    for named in (("0" * 32,), ()):
        refused = declined(desk.deciding.decide(person, held.case_id, asked(held, locations=named)))
        assert (refused.code, refused.allowed) == ("unknown_location", (held.content_key,))


def test_a_new_approval_after_a_reinstatement_is_a_new_request_that_names_the_first(desk: ADesk) -> None:
    case = desk.case()
    first = desk.approved(case)
    desk.outcome(an_outcome(first), an_outcome(first, outcome_id="o-2", outcome=None, reinstated_at=NOON))
    assert desk.now(case.case_id).state is CaseState.OPEN
    second = desk.decide(desk.person("r-2"), case).referrals[0]
    assert second.referral_id != first.referral_id
    assert second.root_referral_id == first.root_referral_id
    assert requests(desk)[1].relates_to.supersedes == first.referral_id


def test_drafts_show_the_notice_as_it_would_leave_and_store_nothing(desk: ADesk) -> None:
    person, case = desk.person(), desk.case()
    file = desk.desk.view(person, case.case_id)
    assert not isinstance(file, Declined)
    (draft,) = desk.deciding.drafts(file, person)
    assert isinstance(draft.built, TakedownRequested)
    done = made(desk.deciding.decide(person, case.case_id, asked(desk.held(person, case))))
    assert draft.built.locator == decode(TakedownRequested, done.referrals[0].body).locator
    assert len(requests(desk)) == 1


def test_a_platform_without_rules_of_its_own_gets_a_notice_under_the_law(desk: ADesk) -> None:
    desk.decide(desk.person(), desk.case(ranked(normalised("gonna get you", platform="somewhere-else"))))
    (request,) = requests(desk)
    assert (request.profile.value, bool(request.legal_basis)) == ("dsa_art16", True)


def test_an_approved_threat_to_life_names_its_band(desk: ADesk) -> None:
    desk.decide(desk.person(), desk.case(ranked(risk=0.97, band=Band.P1)), reason_code=ReasonCode.THREAT_TO_LIFE)
    assert requests(desk)[0].risk.band is Band.P1


def test_requests_of_test_content_say_so(desk: ADesk) -> None:
    desk.decide(desk.person(), desk.case(ranked(normalised("gonna get you", test=True))))
    assert requests(desk)[0].test


def test_what_was_decided_of_a_test_is_not_decided_of_the_real_thing(desk: ADesk) -> None:
    """The request of the test reached nobody; the same words for real came to no person."""
    trial = normalised("gonna get you", test=True, observation_id="0" * 64)
    case = desk.case(ranked(trial))
    desk.decide(desk.person(), case)
    real = normalised("gonna get you", observed_at=trial.observed_at + timedelta(minutes=5), observation_id="1" * 64)
    desk.take(ranked(real))
    again = desk.now(case.case_id)
    assert (case.test, again.test, again.state, again.opening) == (True, False, CaseState.OPEN, Opening.NEW)
    desk.decide(desk.person(), again)
    assert [request.test for request in requests(desk)] == [True, False]


def test_a_case_of_a_test_that_is_seen_for_real_before_anybody_decided_is_no_test(desk: ADesk) -> None:
    trial = normalised("gonna get you", test=True, observation_id="0" * 64)
    case = desk.case(ranked(trial))
    desk.take(
        ranked(
            normalised("gonna get you", observed_at=trial.observed_at + timedelta(minutes=5), observation_id="1" * 64)
        )
    )
    assert (case.test, desk.now(case.case_id).test) == (True, False)


def test_a_later_test_of_what_was_seen_for_real_takes_nothing_from_it(desk: ADesk) -> None:
    real = normalised("gonna get you", observation_id="1" * 64)
    case = desk.case(ranked(real))
    desk.take(
        ranked(
            normalised(
                "see you at church",
                test=True,
                event_time=NOON + timedelta(hours=1),
                observed_at=NOON + timedelta(hours=1),
            )
        )
    )
    now = desk.now(case.case_id)
    assert (now.test, now.content_version) == (False, case.content_version)


def flood(desk: ADesk, copies: int = MOST_LOCATIONS + 2) -> Case:
    """A case with more addresses than one decision can name."""
    said = [
        ranked(normalised("gonna get you outside the shop on friday", content_id=f"copy-{n}", similarity="0" * 16))
        for n in range(copies)
    ]
    desk.take(*said)
    # A batch takes the first of them along; the others are put there as they are heard of again.
    (case,) = desk.queue()
    return case


def keys_of(desk: ADesk, case: Case) -> list[str]:
    return [place.content_key for place in desk.database.read(lambda books: books.cases.locations(case.case_id))]


def test_an_approval_that_names_no_addresses_is_refused_plainly_where_there_are_too_many(desk: ADesk) -> None:
    case = desk.held(desk.person(), flood(desk))
    places = desk.database.read(lambda books: books.cases.locations(case.case_id))
    all_seen = asked(case, seen=[place.content_version for place in places])
    refused = declined(desk.deciding.decide(desk.person(), case.case_id, all_seen))
    assert (refused.why, refused.code, refused.pointer) == (Why.INVALID, "too_many_locations", "/locations")
    assert "502 addresses" in refused.detail
    assert requests(desk) == []


def test_what_one_approval_could_not_name_comes_before_a_person_again(desk: ADesk) -> None:
    person, case = desk.person(), flood(desk)
    keys = keys_of(desk, case)
    first = desk.decide(person, case, locations=tuple(keys[:MOST_LOCATIONS]))
    assert (first.case.state, len(first.referrals)) == (CaseState.APPROVED, MOST_LOCATIONS)
    again = desk.now(case.case_id)
    assert (again.state, again.opening, again.round) == (CaseState.OPEN, Opening.REUPLOADED, 2)
    assert [record.key for record in desk.outbox(REVIEW_REQUESTED.name)] == [str(case.case_id).encode()] * 2
    second = desk.decide(person, again, locations=tuple(keys[MOST_LOCATIONS:]))
    assert (desk.now(case.case_id).state, len(second.referrals)) == (CaseState.APPROVED, 2)
    assert len({request.locator.url for request in requests(desk)}) == MOST_LOCATIONS + 2


def test_whoever_names_fewer_than_could_be_named_has_decided_about_the_rest(desk: ADesk) -> None:
    case = flood(desk)
    desk.decide(desk.person(), case, locations=tuple(keys_of(desk, case)[: MOST_LOCATIONS - 1]))
    assert desk.now(case.case_id).state is CaseState.APPROVED
