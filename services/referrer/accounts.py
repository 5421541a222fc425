"""A presented token comes in; whose it is goes out. Of a token only its id and hash are kept. Pure."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from services.referrer.records import Connector, Person
from services.referrer.roles import Role

PERSON_PREFIX, CONNECTOR_PREFIX = "desk", "plat"
NOBODY = "0" * 64


class _Account(Protocol):
    @property
    def token_sha256(self) -> str: ...
    @property
    def revoked_at(self) -> datetime | None: ...


A = TypeVar("A", bound=_Account)


def owner(token: str, prefix: str, by_id: Callable[[str], A | None]) -> A | None:
    """Whose token this is; None for an unknown, malformed or revoked one. Takes equally long for each."""
    given, _, rest = token.partition("_")
    name, _, secret = rest.partition("_")
    account = by_id(name) if len(name) <= 64 else None
    same = hmac.compare_digest(_hash(secret), account.token_sha256 if account is not None else NOBODY)
    return account if same and account is not None and account.revoked_at is None and given == prefix else None


def new_person(pseudonym: str, name: str, role: Role, now: datetime) -> tuple[str, Person]:
    """A token, shown once, and the person that has it."""
    token_id, token, digest = _new_token(PERSON_PREFIX)
    return token, Person(pseudonym, name, role, token_id, digest, now)


def new_connector(connector_id: str, platform: str, now: datetime) -> tuple[str, Connector]:
    """A token, shown once, and the platform's connector that has it."""
    token_id, token, digest = _new_token(CONNECTOR_PREFIX)
    return token, Connector(connector_id, platform, token_id, digest, now)


def _new_token(prefix: str) -> tuple[str, str, str]:
    name, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return name, f"{prefix}_{name}_{secret}", _hash(secret)


def _hash(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
