"""A platform, the directory and the desk's law come in; the notices and grounds to choose from, and why not others, go out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.referral_vocabulary import Profile
from services.referrer.directory import Directory, Ground, Platform
from services.referrer.profile_rules import KINDS, MEMBER_STATES
from services.referrer.profiles import Fault

# An order names the power that it uses; a notice of another kind names the law that the content breaks.
POWERS = frozenset({Profile.TCO_ANNEX1, Profile.UK_CPA2026_S21})
UNION = "EU"


@dataclass(frozen=True, slots=True)
class Choice:
    """One profile: whether it can be chosen for a platform, the grounds that stand in it anyway, and those to choose from."""

    profile: Profile
    why_not: str | None
    own: tuple[Ground, ...]
    grounds: tuple[Ground, ...]


def choices(platform: Platform, directory: Directory, jurisdiction: str) -> tuple[Choice, ...]:
    """Every profile in the order of the list."""
    return tuple(
        Choice(
            profile,
            why_not(profile, platform, jurisdiction),
            own_grounds(profile, directory),
            allowed_grounds(profile, directory, jurisdiction),
        )
        for profile in Profile
    )


def why_not(profile: Profile, platform: Platform, jurisdiction: str) -> str | None:
    """What keeps a desk of this jurisdiction from sending such a notice to this platform; None where nothing does."""
    if KINDS[profile].isdisjoint(platform.notice_kinds):
        return f"the directory says that {platform.provider} takes no such notice"
    if profile is Profile.TCO_ANNEX1 and jurisdiction not in MEMBER_STATES:
        return "TCO Art. 12: only an authority that a Member State has designated gives the order"
    if profile is Profile.UK_CPA2026_S21 and jurisdiction != "GB":
        return "CPA 2026 s.21(2): only an authorised officer of the United Kingdom gives the notice"
    return None


def own_grounds(profile: Profile, directory: Directory) -> tuple[Ground, ...]:
    """The power that an order rests on; it stands in it whatever else is named."""
    return directory.grounds_of(profile) if profile in POWERS else ()


def allowed_grounds(profile: Profile, directory: Directory, jurisdiction: str) -> tuple[Ground, ...]:
    """Grounds that a person may name: law of the desk's jurisdiction and of the profile's own, and no other profile's power.

    A voluntary referral has no legal force: it names the platform's own rules, and no law.
    """
    if profile is Profile.VOLUNTARY_REFERRAL:
        return ()
    law = {jurisdiction, *(ground.jurisdiction for ground in directory.grounds_of(profile))}
    if jurisdiction in MEMBER_STATES:
        law.add(UNION)
    return tuple(ground for ground in directory.grounds if not ground.profiles and ground.jurisdiction in law)


def ground_faults(named: Sequence[str], profile: Profile, directory: Directory, jurisdiction: str) -> tuple[Fault, ...]:
    """Grounds that were named and may not be, each with the rule; an order's own power may be named, though it need not be."""
    may = {ground.id for ground in allowed_grounds(profile, directory, jurisdiction)}
    may |= {ground.id for ground in own_grounds(profile, directory)}
    if profile is Profile.VOLUNTARY_REFERRAL and named:
        return (Fault("grounds", "a voluntary referral names the platform's own rules and no law"),)
    return tuple(
        Fault("grounds", f"{name!r} is no ground that a notice under {profile.value} of this desk can name")
        for name in named
        if name not in may
    )
