"""Requests: what leaves for one location under one decision."""

from datetime import timedelta
from uuid import UUID

import pytest

from schemas.referral import Profile, RequestedAction, RequestKind, TakedownRequested
from services.referrer.profiles import Fault
from services.referrer.requests import Unfit, build_request, build_requests, correct, withdraw
from services.runtime.codec import encode
from tests.builders import DESK, NOON, a_location, a_platform, a_request, approval, normalised

OTHER_DECISION = UUID("00000000-0000-4000-8000-0000000000dd")


@pytest.mark.parametrize("profile", list(Profile))
def test_an_approval_becomes_a_request_under_every_profile(profile: Profile) -> None:
    assert a_request(profile).profile is profile


def test_the_same_values_give_the_same_bytes() -> None:
    assert encode(a_request()) == encode(a_request())


def test_copies_get_one_request_each_under_the_one_decision() -> None:
    """Ids are per content version and address, so a copy elsewhere never shares a referral with the first."""
    copies = [normalised("gonna get you", content_id=f"p-{number}") for number in range(3)]
    made = build_requests(approval(), [a_location(copy) for copy in copies], a_platform(), DESK, NOON)
    requests = [each for each in made if isinstance(each, TakedownRequested)]
    assert len({each.referral_id for each in requests}) == 3
    assert {each.decision_id for each in requests} == {approval().decision_id}
    assert [each.locator.url for each in requests] == [copy.url for copy in copies]


def test_a_first_request_is_its_own_root() -> None:
    request = a_request()
    assert request.root_referral_id == request.referral_id


def test_a_location_without_an_address_is_unfit_and_says_so() -> None:
    built = build_request(approval(), a_location(normalised(url=None)), a_platform(), DESK, NOON)
    assert isinstance(built, Unfit)
    assert [fault.field for fault in built.faults] == ["locator.url"]


def test_a_fault_of_the_schema_names_its_field() -> None:
    built = build_request(approval(reasons=""), a_location(), a_platform(), DESK, NOON)
    assert isinstance(built, Unfit)
    assert built.faults[0].field == "reasons"


def test_test_content_gives_a_test_request() -> None:
    assert a_request(content=normalised(test=True)).test


def test_a_withdrawal_stays_under_the_root_and_names_what_it_takes_back() -> None:
    request = a_request()
    back = withdraw(request, OTHER_DECISION, "lead-1", "It was a quotation.", NOON + timedelta(hours=1))
    assert isinstance(back, TakedownRequested)
    assert back.root_referral_id == request.root_referral_id
    assert back.referral_id != request.referral_id
    assert back.relates_to.withdraws == request.referral_id
    assert (back.kind, back.due_at, back.requested_action) == (
        RequestKind.WITHDRAWAL,
        None,
        RequestedAction.REVIEW_ONLY,
    )


def test_a_withdrawal_without_a_reason_is_unfit() -> None:
    back = withdraw(a_request(), OTHER_DECISION, "lead-1", " ", NOON)
    assert back == Unfit((Fault("reasons", "every notice says why the content is harmful or illegal"),))


def test_a_correction_stays_under_the_root_and_names_what_it_replaces() -> None:
    request = a_request()
    corrected = approval(decision_id=OTHER_DECISION, kind=RequestKind.CORRECTION, reasons="It names another person.")
    made = correct(request, corrected, a_location(), a_platform(), DESK, NOON)
    assert isinstance(made, TakedownRequested)
    assert made.root_referral_id == request.root_referral_id
    assert made.relates_to.supersedes == request.referral_id
    assert made.reasons == "It names another person."
