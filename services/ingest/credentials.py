"""An API key comes in, the collector it belongs to and what that collector may do goes out; only hashes are kept."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from schemas.base import Moment, Part, PlatformName
from services.runtime.codec import first_fault
from services.runtime.errors import Fatal

PREFIX = "hub"
ALL_PLATFORMS = "*"
# Rates are counted over this time, so that a full request of a slow collector fits.
WINDOW_SECONDS = 10
SMALLEST_EVENT_RATE = 50
SMALLEST_BYTE_RATE = 1_700_000
_PLATFORM: TypeAdapter[str] = TypeAdapter(PlatformName)


class Grant(Part):
    """One key: the hash of its secret, whose it is, and what it allows."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{8}$")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    collector: PlatformName
    platforms: Annotated[tuple[str, ...], Field(min_length=1)] = (ALL_PLATFORMS,)
    events_per_second: Annotated[float, Field(ge=SMALLEST_EVENT_RATE)] = 2_000.0
    bytes_per_second: Annotated[float, Field(ge=SMALLEST_BYTE_RATE)] = 8_000_000.0
    created_at: Moment
    revoked_at: Moment | None = None

    def allows(self, platform: str) -> bool:
        """Whether this key may publish content of that platform."""
        return ALL_PLATFORMS in self.platforms or platform in self.platforms


class Keyring(Part):
    """All keys of a hub, as they lie in the keys file."""

    keys: tuple[Grant, ...] = ()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a keys file. Raises Fatal without quoting it."""
        try:
            return cls.model_validate_json(raw)
        except ValidationError as why:
            detail, pointer = first_fault(why)
            raise Fatal(f"the keys file is not valid: {detail}{f' ({pointer})' if pointer else ''}") from why

    def to_bytes(self) -> bytes:
        """The file's form."""
        return self.model_dump_json(indent=1, exclude_none=True).encode() + b"\n"

    def owner(self, key: str) -> Grant | None:
        """Who a presented key belongs to; None for an unknown, malformed or revoked one. Takes equally long for each."""
        prefix, _, rest = key.partition("_")
        name, _, secret = rest.partition("_")
        grant = next((grant for grant in self.keys if grant.id == name), None)
        expected = grant.sha256 if grant is not None else "0" * 64
        same = hmac.compare_digest(_hash(secret), expected)
        return grant if same and grant is not None and prefix == PREFIX and grant.revoked_at is None else None

    def with_grant(self, grant: Grant) -> Self:
        """The same keys and one more."""
        return self.model_copy(update={"keys": (*self.keys, grant)})

    def revoked(self, name: str, at: datetime) -> Self:
        """The same keys with one revoked. Raises KeyError for an unknown id."""
        if not any(grant.id == name for grant in self.keys):
            raise KeyError(name)
        keys = (g.model_copy(update={"revoked_at": g.revoked_at or at}) if g.id == name else g for g in self.keys)
        return self.model_copy(update={"keys": tuple(keys)})


def is_platform(name: str) -> bool:
    """Whether content may come from a platform of that name."""
    try:
        return bool(_PLATFORM.validate_python(name))
    except ValidationError:
        return False


def _hash(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def new_key(
    collector: str, platforms: tuple[str, ...], events: float, volume: float, now: datetime
) -> tuple[str, Grant]:
    """A fresh key, shown once, and its grant. Raises ValidationError for a name or rate that is none."""
    name, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    grant = Grant(
        id=name, sha256=_hash(secret), collector=collector, platforms=platforms,
        events_per_second=events, bytes_per_second=volume, created_at=now,
    )  # fmt: skip
    return f"{PREFIX}_{name}_{secret}", grant
