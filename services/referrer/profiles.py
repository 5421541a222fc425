"""A takedown request and its profile come in; every fault, with the field and the rule behind it, goes out. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import Profile, RequestKind
from services.referrer.profile_rules import (
    CPA_DEADLINE,
    DEMANDS,
    EVERY,
    FOLLOWS,
    OWN,
    TCO_DEADLINE,
    Requirement,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a request from leaving: the field, and the rule with what it asks for."""

    field: str
    rule: str

    def __str__(self) -> str:
        """`field: rule`, for a person."""
        return f"{self.field}: {self.rule}"


def not_awarded(kind: RequestKind, trusted_flagger: bool) -> tuple[Fault, ...]:
    """What keeps a desk from a kind of notice that only an awarded status gives."""
    if kind is not RequestKind.TRUSTED_FLAGGER_NOTICE or trusted_flagger:
        return ()
    rule = "DSA Art. 22: this desk has not been awarded the status of a trusted flagger (REFERRER_TRUSTED_FLAGGER)"
    return (Fault("kind", rule),)


def requirements(profile: Profile, kind: RequestKind) -> tuple[Requirement, ...]:
    """Everything that a notice of this kind has to fulfil under its profile."""
    follows = FOLLOWS.get(kind, ())
    if kind is RequestKind.WITHDRAWAL:
        return (*EVERY, *follows)
    return (*EVERY, *DEMANDS, *OWN[profile], *follows)


def check(request: TakedownRequested) -> tuple[Fault, ...]:
    """Every fault of a request, in the order of the rules; empty when it may leave."""
    asked = requirements(request.profile, request.kind)
    return tuple(Fault(each.field, each.rule) for each in asked if not each.met(request))


def due_at(profile: Profile, issued_at: datetime, platform_hours: float | None) -> datetime | None:
    """When the platform has to have acted: by law one hour (TCO) or 48 hours (CPA), else as it promises itself, else never."""
    if profile is Profile.TCO_ANNEX1:
        return issued_at + TCO_DEADLINE
    if profile is Profile.UK_CPA2026_S21:
        return issued_at + CPA_DEADLINE
    return None if platform_hours is None else issued_at + timedelta(hours=platform_hours)
