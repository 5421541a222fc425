"""The claims of a verified ID token come in; who that is at the desk, or why it is nobody, goes out. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.referrer.declined import Declined, Why
from services.referrer.roles import Role

PSEUDONYM = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


@dataclass(frozen=True, slots=True)
class OidcRules:
    """Which claims say who somebody is and what for; `roles` gives the role for a word of the claim."""

    name_claim: str = "preferred_username"
    role_claim: str = "roles"
    roles: tuple[tuple[str, Role], ...] = tuple((role.value, role) for role in Role)


@dataclass(frozen=True, slots=True)
class Identified:
    """Somebody whom the provider knows; issuer and subject stay the same when the name changes hands."""

    issuer: str
    subject: str
    pseudonym: str
    name: str
    role: Role


def identified(claims: Mapping[str, Any], rules: OidcRules) -> Identified | Declined:
    """One person with one role, or a refusal that says what the account lacks."""
    pseudonym = str(claims.get(rules.name_claim, "")).strip().lower()
    if PSEUDONYM.fullmatch(pseudonym) is None:
        return _no(f"Your account has no {rules.name_claim} that can be a name at this desk.")
    words, known = set(_words(claims.get(rules.role_claim))), dict(rules.roles)
    held = sorted({known[word].value for word in words if word in known})
    if not held:
        return _no("Your account has no role at this desk. Ask whoever manages accounts.")
    # Whoever decides does not audit: an account that may do both could make a decision and hide it.
    if len(held) > 1:
        return _no(f"Your account has {len(held)} roles at this desk ({', '.join(held)}); it can have one.")
    name = str(claims.get("name") or pseudonym)[:200]
    return Identified(str(claims["iss"]), str(claims["sub"]), pseudonym, name, Role(held[0]))


def _words(value: object) -> Sequence[str]:
    if isinstance(value, str):
        return value.split()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _no(detail: str) -> Declined:
    return Declined(Why.NOT_ALLOWED, "sign_in", detail)
