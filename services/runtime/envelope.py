"""Record headers: CloudEvents 1.0 in binary mode, W3C trace context, and `hub_source`, the record this one was made from."""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Self

from schemas.topics import Topic

Headers = list[tuple[str, bytes]]
# So many digits as Kafka's own numbers have at most: Python reads no number of thousands.
_PLACE = re.compile(r"([^/]+)/([0-9]{1,10})/([0-9]{1,19})")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where a record lies: topic, partition, offset."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read the header's form; None for anything else."""
        found = _PLACE.fullmatch(text)
        return cls(found[1], int(found[2]), int(found[3])) if found else None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record as a stage gets it: verbatim bytes, headers, and where it lay."""

    source: Source
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_ms: int = 0

    def header(self, name: str) -> str | None:
        """The last header of that name as text; None if absent or not UTF-8."""
        for key, value in reversed(self.headers):
            if key == name:
                try:
                    return (value or b"").decode()
                except UnicodeDecodeError:
                    return None
        return None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to send."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


def new_traceparent() -> str:
    """A fresh W3C trace context, sampled."""
    random = os.urandom(24).hex()
    return f"00-{random[:32]}-{random[32:]}-01"


def envelope(
    topic: Topic,
    *,
    id: str,
    stage: str,
    time: datetime,
    parent: Incoming | None = None,
    traceparent: str | None = None,
) -> Headers:
    """Headers of a record: `time` is the event's first moment in the hub and is kept through every stage.

    `id` is deterministic wherever the record is, so a repeat carries the same one.
    """
    inherited = traceparent if traceparent is not None else parent.header("traceparent") if parent else None
    headers: Headers = [
        ("ce_id", id.encode()),
        *_constant(stage, topic.name),
        ("ce_time", rfc3339(accepted_at(parent) or time if parent else time).encode()),
        ("content-type", b"application/json"),
        ("traceparent", (inherited if inherited and _TRACEPARENT.fullmatch(inherited) else new_traceparent()).encode()),
    ]
    if parent is not None:
        headers.append(("hub_source", str(parent.source).encode()))
    return headers


@lru_cache
def _constant(stage: str, topic: str) -> Headers:
    """What all records of a stage for a topic have in common."""
    return [("ce_source", f"/referral-hub/{stage}".encode()), ("ce_specversion", b"1.0"), ("ce_type", topic.encode())]


def accepted_at(record: Incoming) -> datetime | None:
    """When the hub first had this event: its ce_time, else the record's own timestamp; None where neither is a moment."""
    # Both may be a collector's own, and claim a moment outside the years 1 to 9999.
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(record.header("ce_time") or "")
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC) if record.timestamp_ms else None
    return None


@lru_cache(maxsize=1_024)
def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and a Z. All events of a request have one moment, hence the memory."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_mapping(headers: Iterable[tuple[str, bytes]]) -> Mapping[str, str]:
    """Headers as text by name, for people; bytes that are no text are shown with replacement marks."""
    return {name: (value or b"").decode(errors="replace") for name, value in headers}
