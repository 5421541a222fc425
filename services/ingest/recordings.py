"""A recording of a platform's answers or stream comes in as bytes, its items go out one by one, each with its place in the file.

Read as: JSON lines, one JSON document, or server-sent events. A document, and a line, is one item or what a platform answers with: an
array, a listing of Reddit or YouTube, a collection of ActivityStreams, an array of these.
"""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from services.ingest.formats.common import MAXIMUM_DEPTH, member
from services.ingest.formats.common import items as members
from services.runtime.codec import load
from services.runtime.errors import Rejected

# Stands for what is nested too deeply to be written down again: its reader refuses it for that, as it would the thing itself.
_TOO_DEEP = b"[" * (MAXIMUM_DEPTH + 2) + b"]" * (MAXIMUM_DEPTH + 2)
_SSE_FIELDS = (b":", b"event:", b"data:", b"id:", b"retry:")


@dataclass(frozen=True, slots=True)
class Item:
    """One item as one line of JSON, and where in the file it stood."""

    place: str
    body: bytes


def items(recording: bytes) -> Iterator[Item]:
    """The items of a recording; what is no JSON is an item too, so that the door can say what is wrong with it."""
    recording = recording.removeprefix(codecs.BOM_UTF8)
    first = recording.lstrip()[:8]
    if first.startswith(_SSE_FIELDS):
        return _frames(recording.splitlines())
    try:
        return _members(load(recording))
    except Rejected:
        return _lines(recording.split(b"\n"))


def _lines(lines: Iterable[bytes]) -> Iterator[Item]:
    return (item for number, line in enumerate(lines, 1) if line.strip() for item in of_line(number, line))


def of_line(number: int, line: bytes) -> Iterator[Item]:
    """What one line holds: itself, or the items of the answer that it is; pages of answers are kept one a line."""
    try:
        document = load(line)
    except Rejected:
        document = None
    found = _unwrapped(document)
    if not found or found[0] is document:
        yield Item(f"line {number}", line)
    else:
        yield from _written(found, f"line {number}, item")


def _members(document: Any) -> Iterator[Item]:
    return _written(_unwrapped(document), "item")


def _written(found: Iterable[Any], what: str) -> Iterator[Item]:
    for number, one in enumerate(found, 1):
        try:
            body = orjson.dumps(one)
        except orjson.JSONEncodeError:
            body = _TOO_DEEP
        yield Item(f"{what} {number}", body)


def _unwrapped(document: Any) -> list[Any]:
    """What the envelopes of platforms hold; anything else is the one item itself."""
    return [one for part in document for one in _opened(part)] if isinstance(document, list) else _opened(document)


def _opened(document: Any) -> list[Any]:
    kind = (member(document, "kind") or member(document, "type")) if isinstance(document, dict) else None
    if not isinstance(kind, str):
        return [document]
    if kind == "Listing":
        return list(members(document, "data", "children"))
    if kind.startswith("youtube#") and kind.endswith("ListResponse"):
        return list(members(document, "items"))
    if kind.removeprefix("Ordered") in ("Collection", "CollectionPage"):
        return [*members(document, "items"), *members(document, "orderedItems")]
    return [document]


def _frames(lines: list[bytes]) -> Iterator[Item]:
    """Server-sent events (HTML standard, 9.2) as frames `{event, payload}`; comments, that is heartbeats, are none."""
    name, data, begun = "message", list[bytes](), 0
    for number, line in enumerate([*lines, b""], 1):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if data:
                frame = {"event": name, "payload": b"\n".join(data).decode(errors="replace")}
                yield Item(f"line {begun}", orjson.dumps(frame))
            name, data = "message", []
        elif field == b"event":
            name = value.decode(errors="replace")
        elif field == b"data":
            begun = begun if data else number
            data.append(value)
