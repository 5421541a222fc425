"""A CloudEvent 1.0 comes in, structured or put together from binary-mode headers; what its data are in another shape goes out.

`type` names the shape: a format of the door, alone or as the last part of a longer name (`org.example.bluesky-jetstream`); the hub's
own is `content.received.v1`. Shape: github.com/cloudevents/spec, JSON format.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from schemas.content import ContentReceived
from schemas.reasons import Reason
from schemas.topics import RECEIVED
from services.ingest.formats.common import (
    MAXIMUM_DEPTH,
    MAXIMUM_ID,
    Convert,
    Result,
    Seen,
    fault,
    host_of,
    member,
    moment,
    need,
)
from services.runtime.codec import parse, read
from services.runtime.errors import Rejected

HEADER = "ce-"
_JSON = ("application/json", "text/json")


def around(shapes: Mapping[str, Convert]) -> Convert:
    """The format that looks into the event for one of these shapes, or the hub's own."""

    def convert(payload: Any, seen: Seen) -> list[Result]:
        kind = _kind(payload)
        inner = next((shapes[name] for name in shapes if kind == name or kind.endswith(f".{name}")), None)
        if inner is None and kind != RECEIVED.name:
            raise Rejected(Reason.UNKNOWN_FORMAT, "the type ends in none of the door's formats", "/type")
        at = seen.at if member(payload, "time") is None else moment(member(payload, "time"), "/time")
        host = host_of(member(payload, "source"))
        within = replace(seen, at=at, instance=seen.instance or host)
        data = _data(payload)
        results: list[Result] = inner(data, within) if inner else [_own(data, within)]
        return [_named(results[0], need(payload, str, "id"))] if len(results) == 1 else results

    return convert


def from_headers(headers: Mapping[str, str], data: Any) -> dict[str, Any]:
    """The structured form of an event in HTTP's binary mode: attributes from the headers, percent-decoded, data from the body."""
    attributes = {
        name[len(HEADER) :]: unquote(text) for name, text in headers.items() if name.lower().startswith(HEADER)
    }
    return {**attributes, "data": data}


def is_binary(headers: Mapping[str, str]) -> bool:
    """Whether the headers are those of an event in binary mode."""
    return f"{HEADER}specversion" in headers


def _kind(payload: Any) -> str:
    if need(payload, str, "specversion") != "1.0":
        raise fault("CloudEvents 1.0 is expected", "/specversion")
    for attribute in ("id", "source"):
        need(payload, str, attribute)
    return str(need(payload, str, "type"))


def _data(payload: Any) -> Any:
    encoded = member(payload, "data_base64")
    if encoded is not None:
        try:
            raw = base64.b64decode(need(payload, str, "data_base64"), validate=True)
        except (binascii.Error, ValueError) as why:
            raise fault("base64 is expected", "/data_base64") from why
        # As deep as data that stand in the event, which is a level of its own.
        return parse(raw, MAXIMUM_DEPTH - 1)
    content = member(payload, "datacontenttype")
    if isinstance(content, str) and not (content.split(";")[0] in _JSON or content.split(";")[0].endswith("+json")):
        raise fault("JSON is expected as data", "/datacontenttype")
    return member(payload, "data")


def _own(data: Any, seen: Seen) -> ContentReceived:
    return read(ContentReceived, {**data, "collector": seen.collector} if isinstance(data, dict) else data)


def _named(result: Result, name: str) -> Result:
    """The one event under the id that its sender gave it."""
    return result.model_copy(update={"event_id": name[:MAXIMUM_ID]}) if isinstance(result, ContentReceived) else result
