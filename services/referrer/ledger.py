"""What happened comes in; a chain of entries whose every byte is bound to all before it goes out, and a check that finds a break. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

GENESIS = "0" * 64


class LedgerKind(StrEnum):
    """What sort of thing happened."""

    VIEWED = "viewed"
    LEASED = "leased"
    RELEASED = "released"
    HANDED_OVER = "handed_over"
    DECIDED = "decided"
    REQUESTED = "requested"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    OUTCOME = "outcome"
    PERSON_CHANGED = "person_changed"
    POLICY_CHANGED = "policy_changed"
    DEADLINE = "deadline"
    SUSPENDED = "suspended"
    SUSPENSION_LIFTED = "suspension_lifted"
    GOLDEN_ADDED = "golden_added"
    REMOVED = "removed"
    ERASED = "erased"
    SUBJECT_EXPORTED = "subject_exported"


@dataclass(frozen=True, slots=True)
class Happened:
    """Something to be remembered: ids, codes and times only; never content."""

    at: datetime
    kind: LedgerKind
    actor: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `hash` is over the number, time, kind, actor, body and the hash before."""

    seq: int
    at: datetime
    kind: str
    actor: str
    body: bytes
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold, and why."""

    seq: int
    why: str


def hash_of(seq: int, at: datetime, kind: str, actor: str, body: bytes, previous_hash: str) -> str:
    """SHA-256 over a JSON array of all members, so that no two different entries give the same bytes."""
    members = [seq, at.astimezone(UTC).isoformat(timespec="microseconds"), kind, actor, body.decode(), previous_hash]
    return hashlib.sha256(orjson.dumps(members)).hexdigest()


def _hash_of(entry: Entry) -> str | None:
    """The hash that an entry should have; None where it has what no entry of ours has."""
    try:
        return hash_of(entry.seq, entry.at, entry.kind, entry.actor, entry.body, entry.previous_hash)
    # Whoever writes past the desk may leave any bytes; and SQLite takes text for bytes, and bytes for text.
    except (ValueError, TypeError, AttributeError):
        return None


def chained(happened: Sequence[Happened], seq: int, previous_hash: str) -> list[Entry]:
    """Entries after the one numbered `seq` with that hash."""
    entries: list[Entry] = []
    for number, each in enumerate(happened, seq + 1):
        body = orjson.dumps(each.body, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
        digest = hash_of(number, each.at, each.kind.value, each.actor, body, previous_hash)
        entries.append(Entry(number, each.at, each.kind.value, each.actor, body, previous_hash, digest))
        previous_hash = digest
    return entries


def first_break(entries: Iterable[Entry], seq: int = 0, previous_hash: str = GENESIS) -> Break | None:
    """The first entry that was changed, moved, put in or taken out after the one numbered `seq`; None where all holds."""
    for entry in entries:
        if entry.seq != seq + 1:
            return Break(seq + 1, f"entry {seq + 1} is missing; {entry.seq} follows {seq}")
        if entry.previous_hash != previous_hash:
            return Break(entry.seq, "it does not follow the entry before it")
        digest = _hash_of(entry)
        if digest is None:
            return Break(entry.seq, "its content is nothing that an entry can hold")
        if digest != entry.hash:
            return Break(entry.seq, "its content does not have its hash")
        seq, previous_hash = entry.seq, entry.hash
    return None
