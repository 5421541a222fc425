"""Which notices and grounds a person may choose by hand, and why not others."""

import pytest

from schemas.desk import NoticeAsked
from schemas.referral_vocabulary import Profile, RequestKind
from schemas.review import ReasonCode
from schemas.vocabulary import ViolenceType
from services.referrer.choices import choices, ground_faults
from services.referrer.directory import load_directory
from services.referrer.notices import Decided, approval
from tests.builders import CASE, DECISION, NOON, a_platform, ranked

DIRECTORY = load_directory()


def open_to(jurisdiction: str, **platform: object) -> set[Profile]:
    found = choices(a_platform(**platform), DIRECTORY, jurisdiction)
    return {choice.profile for choice in found if choice.why_not is None}


def test_an_irish_desk_may_order_and_a_british_one_may_notify() -> None:
    both = {Profile.VOLUNTARY_REFERRAL, Profile.DSA_ART16}
    assert open_to("GB") == both | {Profile.UK_CPA2026_S21}
    assert open_to("IE") == both | {Profile.TCO_ANNEX1}


def test_what_a_platform_does_not_take_cannot_be_chosen() -> None:
    assert open_to("GB", notice_kinds=(RequestKind.ART16_NOTICE,)) == {Profile.DSA_ART16}


def test_a_trusted_flagger_notice_is_a_dsa_notice_too() -> None:
    assert open_to("GB", notice_kinds=(RequestKind.TRUSTED_FLAGGER_NOTICE,)) == {Profile.DSA_ART16}


@pytest.mark.parametrize("choice", choices(a_platform(), DIRECTORY, "GB"), ids=lambda choice: choice.profile.value)
def test_a_power_is_never_a_ground_of_another_notice(choice: object) -> None:
    assert not any(ground.profiles for ground in choice.grounds)  # type: ignore[attr-defined]


def test_every_ground_that_is_offered_may_be_named() -> None:
    for choice in choices(a_platform(), DIRECTORY, "GB"):
        named = [ground.id for ground in choice.grounds]
        assert ground_faults(named, choice.profile, DIRECTORY, "GB") == ()


@pytest.mark.parametrize("name", ["tco2021_784_art3", "cpa2026_s21", "POA1986_S4", ""])
def test_a_ground_that_is_not_offered_is_a_fault_that_names_it(name: str) -> None:
    (fault,) = ground_faults([name, "poa1986_s4"], Profile.DSA_ART16, DIRECTORY, "GB")
    assert (fault.field, repr(name) in fault.rule) == ("grounds", True)


def test_law_of_another_country_is_a_fault() -> None:
    assert len(ground_faults(["poa1986_s4"], Profile.DSA_ART16, DIRECTORY, "IE")) == 1


def drafted(profile: Profile, jurisdiction: str, **asked: object) -> list[str]:
    decided = Decided(DECISION, CASE, ("r-1",), False, ReasonCode.INCITEMENT_TO_VIOLENCE, NOON, True)
    types = (ViolenceType.INCITEMENT, ViolenceType.WEAPONS_SALE)
    notice = NoticeAsked(profile=profile, violence_types=types, **asked)
    made = approval(decided, notice, ranked(), DIRECTORY, jurisdiction)
    return [f"{basis.statute} {basis.provision}" for basis in made.legal_basis]


@pytest.mark.parametrize(
    ("profile", "jurisdiction", "power"),
    [
        (Profile.TCO_ANNEX1, "IE", "Regulation (EU) 2021/784 Art. 3"),
        (Profile.UK_CPA2026_S21, "GB", "Crime and Policing Act 2026 s.21"),
    ],
)
def test_an_order_names_its_power_whatever_else_it_names(profile: Profile, jurisdiction: str, power: str) -> None:
    own = DIRECTORY.grounds_of(profile)[0]
    assert f"{own.statute} {own.provision}".startswith(power)
    assert drafted(profile, jurisdiction)[0].startswith(power)
    offered = next(c for c in choices(a_platform(), DIRECTORY, jurisdiction) if c.profile is profile).grounds
    for ground in offered:
        named = drafted(profile, jurisdiction, grounds=(ground.id,))
        assert named[0].startswith(power) and len(named) == 2


def test_a_voluntary_referral_names_no_law() -> None:
    assert drafted(Profile.VOLUNTARY_REFERRAL, "GB") == []
