"""No JSON whatever makes a format raise anything but Rejected."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.content import ContentReceived
from services.ingest.formats.common import Ignored, Seen
from services.ingest.formats.html_text import html_text
from services.ingest.formats.table import FORMATS
from services.ingest.identity import Pseudonyms, Secret
from services.ingest.normalise import normalise
from services.ingest.recordings import items
from services.runtime.codec import encode
from services.runtime.errors import Rejected
from tests.builders import NOON

FIXTURES = Path(__file__).parents[1] / "fixtures" / "formats"
PSEUDONYMS = Pseudonyms(Secret("k1", b"s" * 32))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FOREIGN = JSON | st.sampled_from(
    ["", "0001-01-01T00:00:00+14:00", "https://x@y/", "http://[", "did:", "[deleted]", -1, 2**53]
)


def payloads(format_name: str) -> list[Any]:
    return [case["payload"] for case in json.loads((FIXTURES / f"{format_name}.json").read_text(encoding="utf-8"))]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, member in inner for place in places(member, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], by)
    return copy


def judge(format_name: str, payload: Any) -> None:
    try:
        results = FORMATS[format_name](payload, Seen("desk", NOON, "social.example"))
    except Rejected:
        return
    for result in results:
        assert isinstance(result, ContentReceived | Ignored | Rejected)
        if isinstance(result, ContentReceived):
            try:
                encode(normalise(result, PSEUDONYMS))
            except Rejected:
                continue


@pytest.mark.parametrize("format_name", FORMATS)
@settings(max_examples=60)
@given(payload=JSON)
def test_arbitrary_json_is_an_event_ignored_or_refused(format_name: str, payload: Any) -> None:
    judge(format_name, payload)


@pytest.mark.parametrize("format_name", FORMATS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_payload_with_something_foreign_in_it_is_an_event_ignored_or_refused(
    format_name: str, data: st.DataObject
) -> None:
    payload = data.draw(st.sampled_from(payloads(format_name)))
    for _ in range(data.draw(st.integers(1, 3))):
        payload = replaced(payload, data.draw(st.sampled_from(places(payload))), data.draw(FOREIGN))
    judge(format_name, payload)


@given(st.text())
def test_any_text_is_html(text: str) -> None:
    assert isinstance(html_text(text), str)


@given(st.binary())
def test_any_bytes_are_a_recording(recording: bytes) -> None:
    assert all(item is not None for item in items(recording))
