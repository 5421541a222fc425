"""Records that no stage may stumble over, and the reason that each is refused with."""

import orjson

from schemas.reasons import Reason
from tests.builders import received_value


def _event(**changes: object) -> bytes:
    return orjson.dumps(received_value(**changes))


# What is not even JSON that a hub reads.
DOCUMENTS: list[tuple[bytes | None, Reason]] = [
    (None, Reason.EMPTY_VALUE),
    (b"", Reason.EMPTY_VALUE),
    (b"\xff\xfe{}", Reason.NOT_UTF8),
    (b'{"a":"\xc3("}', Reason.NOT_UTF8),
    (b"\xef\xbb\xbf{}", Reason.NOT_UTF8),
    (b"{", Reason.NOT_JSON),
    (b"{}{}", Reason.NOT_JSON),
    (b"\x00", Reason.NOT_JSON),
    (b'{"a":"\x00"}', Reason.NOT_JSON),
    (b'{"a":NaN}', Reason.NOT_JSON),
    (b'{"a":Infinity}', Reason.NOT_JSON),
    (b'{"a":"\\ud800"}', Reason.NOT_JSON),
    (b'{"a":1e400}', Reason.NUMBER_OUT_OF_RANGE),
    (b'{"a":' + b"9" * 30 + b"}", Reason.NUMBER_OUT_OF_RANGE),
    (b'{"a":-9007199254740993}', Reason.NUMBER_OUT_OF_RANGE),
    (b"[" * 25 + b"1" + b"]" * 25, Reason.TOO_DEEP),
    (b'{"a":' * 1_025 + b"1" + b"}" * 1_025, Reason.TOO_DEEP),
    (b"[" * 100_000 + b"]" * 100_000, Reason.TOO_DEEP),
]
# JSON, and no event of the contract.
EVENTS: list[tuple[bytes, Reason]] = [
    (b"7", Reason.SCHEMA_VIOLATION),
    (b"null", Reason.SCHEMA_VIOLATION),
    (b'"event"', Reason.SCHEMA_VIOLATION),
    (b"{}", Reason.SCHEMA_VIOLATION),
    (_event(schema_version="2"), Reason.UNKNOWN_VERSION),
    (_event(schema_version=1), Reason.UNKNOWN_VERSION),
    (_event(event_id=7), Reason.SCHEMA_VIOLATION),
    (_event(event_id=""), Reason.SCHEMA_VIOLATION),
    (_event(content_id=""), Reason.SCHEMA_VIOLATION),
    (_event(platform="../etc"), Reason.SCHEMA_VIOLATION),
    (_event(texts="hello"), Reason.SCHEMA_VIOLATION),
    (_event(texts=[{"text": "x"}] * 65), Reason.SCHEMA_VIOLATION),
    (_event(author={"id": "a", "followers": -1}), Reason.SCHEMA_VIOLATION),
    (_event(url="javascript:alert(1)"), Reason.SCHEMA_VIOLATION),
    (_event(url="https://me:word@a.example/"), Reason.SCHEMA_VIOLATION),
    (_event(published_at="soon"), Reason.SCHEMA_VIOLATION),
    (_event(observed_at="9999-12-31T23:59:59Z"), Reason.OBSERVED_IN_FUTURE),
    (_event(content_id="a" * 513), Reason.SCHEMA_VIOLATION),
]
# Strange, and nevertheless events.
ODD_EVENTS: list[bytes] = [
    _event(content_id="odd-1")[:-1] + b',"content_id":"odd-1b"}',
    _event(content_id="odd-2", texts=[{"text": "nul \x00 inside"}]),
    _event(content_id="odd-3", schema_version="1.99", mood={"deep": [1]}),
    _event(content_id="odd-4", published_at="0001-01-01T00:00:00+14:00"),
    _event(content_id="odd-5", published_at="9999-12-31T23:59:59-14:00"),
    _event(content_id="odd-6", texts=[{"text": "\U0001f52a" * 5_000}]),
    _event(content_id="odd-7", texts=[{"text": "e\u0301\u200b\u202e" * 500}]),
    _event(content_id="\U0001f5e1" * 512),
]
