"""Ledger entries and checkpoints as JSON lines, for whoever has to check them without this database; and the way back. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import orjson

from services.referrer.checkpoints import Checkpoint
from services.referrer.ledger import Entry
from services.runtime.envelope import rfc3339
from services.runtime.errors import Fatal


def line_of(item: Entry | Checkpoint) -> bytes:
    """One line. The body stands in it as the text that the hash is over; bytes that are no text as `{"hex": …}`.

    So an entry that somebody tampered with is written like any other, and whoever checks the lines finds it.
    """
    if isinstance(item, Checkpoint):
        value: dict[str, Any] = {
            "checkpoint": item.seq,
            "hash": item.hash,
            "at": item.at.isoformat(),
            "key_id": item.key_id,
            "signature": item.signature.hex(),
        }
    else:
        value = {
            "seq": item.seq,
            "at": item.at.isoformat(),
            "kind": item.kind,
            "actor": item.actor,
            "body": _text(item.body),
            "previous_hash": item.previous_hash,
            "hash": item.hash,
        }
    return orjson.dumps(value, default=_marked) + b"\n"


def _text(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _marked(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(type(value).__name__)


def items_of(lines: Iterable[bytes]) -> Iterator[Entry | Checkpoint]:
    """What the lines hold, in order. Raises Fatal naming the line that is none."""
    for number, line in enumerate(lines, 1):
        try:
            value = orjson.loads(line)
            at = datetime.fromisoformat(value["at"])
            if "checkpoint" in value:
                signature = bytes.fromhex(value["signature"])
                yield Checkpoint(value["checkpoint"], value["hash"], at, value["key_id"], signature)
            else:
                said = value["body"]
                body = bytes.fromhex(said["hex"]) if isinstance(said, dict) else said.encode()
                yield Entry(
                    value["seq"], at, value["kind"], value["actor"], body, value["previous_hash"], value["hash"]
                )
        except (ValueError, KeyError, TypeError, AttributeError) as why:
            raise Fatal(f"line {number} is no entry of a ledger and no checkpoint") from why


def sentence(entry: Entry) -> str:
    """One entry for a person."""
    return f"{entry.seq} {rfc3339(entry.at)} {entry.kind} by {entry.actor}"
