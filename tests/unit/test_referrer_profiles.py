"""Profiles: for every profile and every field that it asks for, dropping that field gives exactly that fault."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from schemas.referral import TakedownRequested
from schemas.referral_parts import GoodFaith, NonDisclosure, Redress, Relations
from schemas.referral_vocabulary import Automation, HashAlgorithm, Profile, RequestedAction, RequestKind
from schemas.vocabulary import Overtness, ViolenceType
from services.referrer.profile_rules import EVERY, KINDS
from services.referrer.profiles import check, due_at, requirements
from services.referrer.request_successors import withdraw
from tests.builders import NOON, a_request

Drop = Callable[[TakedownRequested], TakedownRequested]
OTHER = UUID("00000000-0000-4000-8000-0000000000dd")


def put(**changes: Any) -> Drop:
    """The request with those members."""
    return lambda request: request.model_copy(update=changes)


def inside(part: str, **changes: Any) -> Drop:
    """The request with those members of one of its parts."""
    return lambda r: r.model_copy(update={part: getattr(r, part).model_copy(update=changes)})


def no_sha256(request: TakedownRequested) -> TakedownRequested:
    """The request whose hashes are of another kind."""
    other = tuple(each.model_copy(update={"algo": HashAlgorithm.TLSH}) for each in request.content.hashes)
    return request.model_copy(update={"content": request.content.model_copy(update={"hashes": other})})


# How each field is dropped; written beside the field names of the design, not taken from the code.
COMMON: Mapping[str, Drop] = {
    "issuer.authority": inside("issuer", authority=" "),
    "issuer.unit": inside("issuer", unit=""),
    "issuer.contact_name": inside("issuer", contact_name=""),
    "addressee.contact_point": inside("addressee", contact_point=""),
    "reasons": put(reasons=" \n"),
    "facts": put(facts=" "),
    "reasons, facts": put(facts="Posted by @somebody at noon."),
    "content.hashes": no_sha256,
    "violence_types": put(violence_types=()),
    "overtness": put(overtness=Overtness.NONE),
    "exemptions_considered": put(exemptions_considered=()),
    "good_faith_statement.accepted": put(good_faith_statement=GoodFaith(accepted=False)),
    "retention_until": put(retention_until=NOON.date()),
    "review.reviewers": inside("review", second_review=True),
    "non_disclosure.reason": put(non_disclosure=NonDisclosure(flag=True)),
}
DEMANDED: Mapping[str, Drop] = {
    "necessity_note": put(necessity_note=None),
    "alternatives_rejected": put(alternatives_rejected=()),
}
WAYS_TO_OBJECT: Mapping[str, Drop] = {
    "redress.provider_route": put(redress=Redress(provider_route="", author_route="here")),
    "redress.author_route": put(redress=Redress(provider_route="here", author_route="")),
}
OWN: Mapping[Profile, Mapping[str, Drop]] = {
    Profile.VOLUNTARY_REFERRAL: {"tos_basis": put(tos_basis=())},
    Profile.DSA_ART16: {
        "issuer.email": inside("issuer", email=None),
        "legal_basis": put(legal_basis=()),
        **WAYS_TO_OBJECT,
    },
    Profile.TCO_ANNEX1: {
        "issuer.email": inside("issuer", email=None),
        "issuer.phone": inside("issuer", phone=None),
        "issuer.jurisdiction": inside("issuer", jurisdiction="GB"),
        "legal_basis": put(legal_basis=()),
        "violence_types": put(violence_types=(ViolenceType.TAUNT,)),
        "due_at": put(due_at=None),
        "requested_action": put(requested_action=RequestedAction.LABELLED),
        "consequences": put(consequences=None),
        **WAYS_TO_OBJECT,
    },
    Profile.UK_CPA2026_S21: {
        "issuer.email": inside("issuer", email=None),
        "issuer.jurisdiction": inside("issuer", jurisdiction="IE"),
        "legal_basis": put(legal_basis=()),
        "violence_types": put(violence_types=(ViolenceType.TAUNT,)),
        "due_at": put(due_at=NOON + timedelta(hours=47)),
        "requested_action": put(requested_action=RequestedAction.DISABLED),
        "consequences": put(consequences=" "),
        **WAYS_TO_OBJECT,
    },
}
CASES = [
    (profile, field, drop)
    for profile in Profile
    for field, drop in [*COMMON.items(), *DEMANDED.items(), *OWN[profile].items()]
]


@pytest.mark.parametrize(("profile", "field", "drop"), CASES, ids=[f"{p.value}-{f}" for p, f, _ in CASES])
def test_dropping_a_field_gives_exactly_its_fault(profile: Profile, field: str, drop: Drop) -> None:
    assert [fault.field for fault in check(drop(a_request(profile)))] == [field]


@pytest.mark.parametrize("profile", list(Profile))
def test_the_cases_cover_every_demand_of_a_profile(profile: Profile) -> None:
    """`kind` and `addressee.provider` have tests of their own: dropping them touches more than one demand."""
    tried = {*COMMON, *DEMANDED, *OWN[profile], "kind", "addressee.provider"}
    assert {each.field for each in requirements(profile, a_request(profile).kind)} == tried


@pytest.mark.parametrize("profile", list(Profile))
def test_a_complete_request_has_no_fault(profile: Profile) -> None:
    assert check(a_request(profile)) == ()


def test_a_request_without_a_provider_says_so() -> None:
    faults = check(inside("addressee", provider="")(a_request(Profile.DSA_ART16)))
    assert [fault.field for fault in faults] == ["addressee.provider"]


def test_the_rule_of_another_platform_is_no_ground() -> None:
    faults = check(inside("addressee", provider="Another Provider")(a_request()))
    assert [fault.field for fault in faults] == ["tos_basis"]


@pytest.mark.parametrize("profile", list(Profile))
def test_a_kind_of_another_profile_is_a_fault(profile: Profile) -> None:
    foreign = set(RequestKind) - KINDS[profile] - {RequestKind.WITHDRAWAL, RequestKind.CORRECTION}
    for kind in foreign:
        assert [fault.field for fault in check(put(kind=kind)(a_request(profile)))] == ["kind"]


def test_every_kind_that_starts_a_chain_belongs_to_exactly_one_profile() -> None:
    kinds = [kind for allowed in KINDS.values() for kind in allowed]
    assert sorted(kinds) == sorted(set(RequestKind) - {RequestKind.WITHDRAWAL, RequestKind.CORRECTION})


def test_a_correction_has_to_name_what_it_replaces() -> None:
    faults = check(put(kind=RequestKind.CORRECTION)(a_request()))
    assert [fault.field for fault in faults] == ["relates_to.supersedes"]


def test_a_withdrawal_has_to_name_what_it_takes_back() -> None:
    back = withdraw(a_request(), OTHER, "lead-1", "A quotation.", NOON)
    assert isinstance(back, TakedownRequested)
    assert [fault.field for fault in check(put(relates_to=Relations())(back))] == ["relates_to.withdraws"]


@pytest.mark.parametrize("profile", list(Profile))
def test_a_withdrawal_needs_no_justification_of_an_action(profile: Profile) -> None:
    back = withdraw(a_request(profile), OTHER, "lead-1", "A quotation.", NOON)
    assert isinstance(back, TakedownRequested)
    assert (back.necessity_note, back.due_at, back.consequences) == (None, None, None)


@pytest.mark.parametrize("action", [a for a in RequestedAction if a.value not in ("removed", "disabled")])
def test_a_milder_action_needs_no_note_of_necessity(action: RequestedAction) -> None:
    request = a_request(requested_action=action, necessity_note=None, alternatives_rejected=())
    assert check(request) == ()


def test_disabling_is_no_milder_alternative_to_removal() -> None:
    faults = check(put(alternatives_rejected=(RequestedAction.DISABLED,))(a_request()))
    assert [fault.field for fault in faults] == ["alternatives_rejected"]


def test_two_names_of_one_person_are_no_second_review() -> None:
    faults = check(inside("review", second_review=True, reviewers=("r-1", "r-1"))(a_request()))
    assert [fault.field for fault in faults] == ["review.reviewers"]


def test_a_fault_reads_as_field_and_rule() -> None:
    fault = check(inside("issuer", email=None)(a_request(Profile.DSA_ART16)))[0]
    assert str(fault) == (
        "issuer.email: DSA Art. 16(2)(c) needs the electronic mail address of whoever submits the notice"
    )


def test_several_faults_come_in_the_order_of_the_rules() -> None:
    bare = put(facts=" ", necessity_note=None)(inside("issuer", unit="")(a_request()))
    assert [fault.field for fault in check(bare)] == ["issuer.unit", "facts", "necessity_note"]


@pytest.mark.parametrize(
    ("profile", "platform_hours", "hours"),
    [
        (Profile.TCO_ANNEX1, None, 1),
        (Profile.TCO_ANNEX1, 24.0, 1),
        (Profile.UK_CPA2026_S21, None, 48),
        (Profile.UK_CPA2026_S21, 2.0, 48),
        (Profile.DSA_ART16, 24.0, 24),
        (Profile.DSA_ART16, None, None),
        (Profile.VOLUNTARY_REFERRAL, 0.5, 0.5),
        (Profile.VOLUNTARY_REFERRAL, None, None),
    ],
)
def test_a_deadline_comes_from_the_law_else_from_the_platform_else_not_at_all(
    profile: Profile, platform_hours: float | None, hours: float | None
) -> None:
    expected = None if hours is None else NOON + timedelta(hours=hours)
    assert due_at(profile, NOON, platform_hours) == expected


@pytest.mark.parametrize(
    "text", ["write to desk@police.example", "see https://social.example/@who/1", "at 5 @ the gate"]
)
def test_an_address_is_no_handle(text: str) -> None:
    assert check(put(facts=text)(a_request())) == ()


@pytest.mark.parametrize("text", ["@who said so", "ask ＠who", "(@who@instance.example)"])
def test_a_handle_in_the_words_of_a_notice_is_a_fault(text: str) -> None:
    assert [fault.field for fault in check(put(reasons=text)(a_request()))] == ["reasons, facts"]


def test_demands_on_every_notice_are_the_same_under_all_profiles() -> None:
    for profile in Profile:
        assert requirements(profile, a_request(profile).kind)[: len(EVERY)] == EVERY


def test_what_a_machine_did_is_said_either_way() -> None:
    assert check(a_request(automation=Automation.PARTIALLY)) == ()
    assert a_request().automated_decision is Automation.NOT_AUTOMATED
