"""Ages per kind of record come in as data; the moment before which a kind of record goes, and the reason, go out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, create_model

from services.referrer.directory import DATA
from services.runtime.data_file import Table, load

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


class Keep(Table):
    """How long, from when on, and why; without `days` for as long as the hub stands."""

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


class _Head(Table):
    version: str
    digest: str


_KINDS: dict[str, Any] = {kind.value: (Keep, ...) for kind in Kind}
_File = create_model("_File", __base__=_Head, **_KINDS)


def load_retention(path: Path = PACKAGED) -> Retention:
    """Read and check the ages. Raises Fatal naming the file and the mistake."""
    file = load(_File, path, "retention ages")
    return Retention(file.version, {kind: getattr(file, kind.value) for kind in Kind})
