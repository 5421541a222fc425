"""Ages per kind of record come in as data; the moment before which a kind of record goes, and the reason, go out. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.referrer.directory import DATA
from services.runtime.errors import Fatal

PACKAGED = DATA / "retention.toml"


class Kind(StrEnum):
    """Kinds of record that are kept for a time of their own, in the order in which they are removed."""

    CONTENT = "content"
    CASES_WITHOUT_REQUEST = "cases_without_request"
    DECISIONS = "decisions"
    REQUESTS = "requests"
    EXERCISES = "exercises"
    GOLDEN = "golden"
    INBOX_CONTENT = "inbox_content"
    INBOX_OUTCOMES = "inbox_outcomes"
    OUTBOX = "outbox"
    STAFF_NAMES = "staff_names"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Age:
    """What is older than `before` goes; `now` is when that was asked."""

    before: datetime
    now: datetime


class Keep(BaseModel):
    """How long, from when on, and why; without `days` for as long as the hub stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    since: Annotated[str, Field(alias="from", min_length=1)]
    reason: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Retention:
    """The whole of it, with the version of its file."""

    version: str
    kinds: Mapping[Kind, Keep]

    def age(self, kind: Kind, now: datetime) -> Age | None:
        """What of this kind goes; None where nothing ever does."""
        days = self.kinds[kind].days
        return None if days is None else Age(now - timedelta(days=days), now)


def load_retention(path: Path = PACKAGED) -> Retention:
    """Read and check the ages. Raises Fatal naming the file and the mistake."""
    try:
        value = tomllib.loads(path.read_bytes().decode())
        version = str(value.pop("version", ""))
        if set(value) != {kind.value for kind in Kind}:
            raise Fatal(f"{path.name}: it must name exactly {', '.join(Kind)}")
        return Retention(version, {kind: Keep.model_validate(value[kind.value]) for kind in Kind})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise Fatal(f"{path.name}: {why}") from why
    except ValidationError as why:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in why.errors(include_url=False))
        raise Fatal(f"{path.name}: {faults}") from why
