"""Requests: what leaves for one location under one decision."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from schemas.referral import TakedownRequested
from schemas.referral_parts import NonDisclosure
from schemas.referral_vocabulary import Profile, RequestedAction, RequestKind
from schemas.vocabulary import Exemption, Overtness, ViolenceType
from services.referrer.profiles import Fault
from services.referrer.request_successors import correct, renew, withdraw
from services.referrer.requests import Unfit, build_request
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
    made = [build_request(approval(), a_location(copy), a_platform(), DESK, NOON) for copy in copies]
    requests = [each for each in made if isinstance(each, TakedownRequested)]
    assert len({each.referral_id for each in requests}) == 3
    assert {each.decision_id for each in requests} == {approval().decision_id}
    assert [each.locator.url for each in requests] == [copy.url for copy in copies]


def test_a_first_request_is_its_own_root() -> None:
    request = a_request()
    assert request.root_referral_id == request.referral_id


def test_a_notice_that_the_platform_does_not_take_is_unfit_and_says_so() -> None:
    platform = a_platform(notice_kinds=(RequestKind.REMOVAL_ORDER,))
    built = build_request(approval(), a_location(), platform, DESK, NOON)
    assert built == Unfit((Fault("kind", "the directory says that Example Social takes no referral"),))


def test_a_correction_has_the_kind_of_a_correction() -> None:
    made = correct(a_request(), approval(decision_id=OTHER_DECISION), a_location(), a_platform(), DESK, NOON)
    assert made == Unfit((Fault("kind", "a correction is of kind correction"),))


def test_a_renewed_request_names_the_earlier_one_and_stays_in_its_chain() -> None:
    first = a_request()
    second = build_request(approval(decision_id=OTHER_DECISION), a_location(), a_platform(), DESK, NOON, renew(first))
    assert isinstance(second, TakedownRequested)
    assert (second.root_referral_id, second.relates_to.supersedes) == (first.root_referral_id, first.referral_id)
    assert second.referral_id != first.referral_id


def test_a_reupload_names_the_referral_of_what_was_removed() -> None:
    built = build_request(approval(), a_location(reupload_of=OTHER_DECISION), a_platform(), DESK, NOON)
    assert isinstance(built, TakedownRequested)
    assert built.relates_to.reupload_of == OTHER_DECISION


def test_the_platforms_own_time_sets_the_deadline_of_a_referral() -> None:
    assert a_request().due_at == NOON + timedelta(hours=24)
    assert a_request(Profile.TCO_ANNEX1).due_at == NOON + timedelta(hours=1)
    assert a_request(Profile.UK_CPA2026_S21).due_at == NOON + timedelta(hours=48)


def test_a_request_is_kept_as_long_as_the_desk_says() -> None:
    assert a_request().retention_until == (NOON + timedelta(days=DESK.retention_days)).date()


def test_only_the_contents_own_risk_leaves() -> None:
    """What the desk knows of an author or a thread orders its queue; no score of a person leaves."""
    location = a_location()
    built = build_request(approval(), location, a_platform(), DESK, NOON)
    assert isinstance(built, TakedownRequested)
    assert built.risk.score == location.ranked.scored.content_risk
    assert built.risk.components == location.ranked.parts


def test_what_the_reviewer_says_comes_before_what_the_scorer_says() -> None:
    request = a_request(
        overtness=Overtness.COVERT, exemptions_considered=(Exemption.NEWS,), keywords=("other",),
        violence_types=(ViolenceType.TAUNT,),
    )  # fmt: skip
    assert request.overtness is Overtness.COVERT
    assert request.exemptions_considered == (Exemption.NEWS,)
    assert request.keywords == ("other",)
    assert request.violence_types == (ViolenceType.TAUNT,)


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


def test_a_trusted_flagger_notice_leaves_only_from_a_desk_that_was_awarded_the_status() -> None:
    flagged = approval(Profile.DSA_ART16, kind=RequestKind.TRUSTED_FLAGGER_NOTICE)
    refused = build_request(flagged, a_location(), a_platform(), DESK, NOON)
    assert isinstance(refused, Unfit)
    assert [(fault.field, fault.rule[:11]) for fault in refused.faults] == [("kind", "DSA Art. 22")]
    awarded = replace(DESK, trusted_flagger=True)
    made = build_request(flagged, a_location(), a_platform(), awarded, NOON)
    assert isinstance(made, TakedownRequested)
    assert made.kind is RequestKind.TRUSTED_FLAGGER_NOTICE


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


def test_a_withdrawal_is_kept_from_its_own_issue_on_as_long_as_the_request_was_to_be() -> None:
    """However late a wrong request is seen to be wrong, it can be taken back."""
    request, late = a_request(), NOON + timedelta(days=2_000)
    back = withdraw(request, OTHER_DECISION, "lead-1", "It was a quotation.", late)
    assert isinstance(back, TakedownRequested), back
    assert back.retention_until - late.date() == request.retention_until - NOON.date()


def test_a_withdrawal_asks_nobody_to_preserve_or_to_be_silent() -> None:
    silent = NonDisclosure(flag=True, reason="An investigation runs.", until=NOON)
    request = a_request(preserve_months=6, non_disclosure=silent)
    back = withdraw(request, OTHER_DECISION, "lead-1", "It was a quotation.", NOON + timedelta(hours=1))
    assert isinstance(back, TakedownRequested)
    assert (back.preserve_months, back.non_disclosure) == (None, NonDisclosure())


def test_a_correction_stays_under_the_root_and_names_what_it_replaces() -> None:
    request = a_request()
    corrected = approval(decision_id=OTHER_DECISION, kind=RequestKind.CORRECTION, reasons="It names another person.")
    made = correct(request, corrected, a_location(), a_platform(), DESK, NOON)
    assert isinstance(made, TakedownRequested)
    assert made.root_referral_id == request.root_referral_id
    assert made.relates_to.supersedes == request.referral_id
    assert made.reasons == "It names another person."
