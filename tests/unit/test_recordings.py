"""Recordings come apart into items, each with its place."""

import orjson
import pytest

from schemas.reasons import Reason
from services.ingest.formats.common import MAXIMUM_DEPTH
from services.ingest.recordings import items
from services.runtime.codec import parse
from services.runtime.errors import Rejected


def read(recording: bytes) -> list[tuple[str, object]]:
    return [(item.place, orjson.loads(item.body)) for item in items(recording)]


def test_json_lines_are_items_by_line_and_empty_lines_are_none() -> None:
    assert read(b'{"a":1}\n\n{"a":2}\n') == [("line 1", {"a": 1}), ("line 3", {"a": 2})]


def test_a_byte_order_mark_before_a_recording_is_passed_over() -> None:
    assert read(b'\xef\xbb\xbf{"a":1}\n{"a":2}\n') == [("line 1", {"a": 1}), ("line 2", {"a": 2})]


def test_a_line_that_is_no_json_stays_as_it_is() -> None:
    assert [item.body for item in items(b'{"a":1}\n{"a":\n')] == [b'{"a":1}', b'{"a":']


@pytest.mark.parametrize(
    "recording",
    [
        b'[{"a":1},{"a":2}]',
        b'{"kind":"Listing","data":{"children":[{"a":1},{"a":2}]}}',
        b'{"kind":"youtube#commentThreadListResponse","items":[{"a":1},{"a":2}]}',
        b'{"type":"OrderedCollectionPage","orderedItems":[{"a":1},{"a":2}]}',
        b'{"type":"Collection","items":[{"a":1},{"a":2}]}',
        b'[{"kind":"Listing","data":{"children":[{"a":1}]}},{"kind":"Listing","data":{"children":[{"a":2}]}}]',
        b'[{"kind":"Listing","data":{"children":[]}},{"a":1},{"type":"Collection","items":[{"a":2}]}]',
    ],
)
def test_the_envelopes_of_platforms_are_opened(recording: bytes) -> None:
    assert read(recording) == [("item 1", {"a": 1}), ("item 2", {"a": 2})]


def test_a_thread_on_a_line_is_the_items_of_both_its_listings() -> None:
    thread = b'[{"kind":"Listing","data":{"children":[{"a":1}]}},{"kind":"Listing","data":{"children":[{"a":2}]}}]'
    assert read(thread + b'\n{"a":3}') == [
        ("line 1, item 1", {"a": 1}), ("line 1, item 2", {"a": 2}), ("line 2", {"a": 3}),
    ]  # fmt: skip


def test_an_array_in_an_array_is_one_item() -> None:
    assert read(b'[[{"a":1},{"a":2}]]') == [("item 1", [{"a": 1}, {"a": 2}])]


def test_answers_of_platforms_are_opened_in_every_line() -> None:
    answer = b'{"kind":"Listing","data":{"children":[{"a":1},{"a":2}]}}'
    found = read(answer + b'\n{"kind":"t1"}\n[{"a":3}]\n[]\n')
    assert found == [
        ("line 1, item 1", {"a": 1}), ("line 1, item 2", {"a": 2}), ("line 2", {"kind": "t1"}), ("line 3, item 1", {"a": 3}),
        ("line 4", []),
    ]  # fmt: skip


@pytest.mark.parametrize("end", [b"", b'\n{"a":1}\n'])
def test_an_item_that_is_too_deep_to_be_written_is_left_for_its_reader_to_refuse(end: bytes) -> None:
    (deep, *_) = items(b'[{"a":' + b"[" * 300 + b"]" * 300 + b"}]" + end)
    with pytest.raises(Rejected) as why:
        parse(deep.body, MAXIMUM_DEPTH)
    assert why.value.reason is Reason.TOO_DEEP


def test_any_other_document_is_one_item() -> None:
    assert read(b'{"kind":"t1",\n"data":{}}') == [("item 1", {"kind": "t1", "data": {}})]


def test_server_sent_events_become_frames_and_heartbeats_are_none() -> None:
    recording = b":)\nevent: update\ndata: {}\n\n:thump\n\nevent: delete\ndata: 1\ndata: 2\n\n"
    assert read(recording) == [
        ("line 3", {"event": "update", "payload": "{}"}),
        ("line 8", {"event": "delete", "payload": "1\n2"}),
    ]


def test_a_frame_that_the_end_cut_off_is_still_one() -> None:
    assert read(b"data: x") == [("line 1", {"event": "message", "payload": "x"})]


def test_nothing_holds_nothing() -> None:
    assert read(b" \n") == []
