"""Each item of a request gets its verdict, or becomes a record to send."""

from typing import Any

import pytest

from schemas.content import ContentReceived
from schemas.door import Verdict
from schemas.reasons import Reason
from services.ingest.body import Item
from services.ingest.credentials import new_key
from services.ingest.intake import Intake, Judged
from services.ingest.normalise import identify
from services.runtime.codec import decode, parse
from services.runtime.errors import Rejected
from tests.builders import NOON, received, received_value
from tests.poison import EVENTS, ODD_EVENTS

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def intake(platforms: tuple[str, ...] = ("*",), most: int = 100_000, most_events: int = 500, **options: Any) -> Intake:
    return Intake(new_key("desk", platforms, 100, 2_000_000, NOON)[1], NOON, most, most_events, **options)


def judged(value: Any, format_name: str = "hub", judge: Intake | None = None) -> list[Judged]:
    return (judge or intake()).judge([Item(0, value)], format_name)


def one(value: Any, **options: Any) -> Judged:
    (only,) = judged(value, **options)
    return only


def header(item: Judged, name: str) -> bytes:
    assert item.record is not None
    return dict(item.record.headers)[name]


def test_a_good_event_becomes_a_record_under_its_content_key() -> None:
    item = one(received_value())
    assert item.verdict.verdict is Verdict.ACCEPTED
    assert item.record is not None
    assert item.record.key == identify(received()).content_key.encode()


def test_the_verdict_names_the_event_by_the_collectors_own_id() -> None:
    assert one(received_value(event_id="mine-7")).verdict.event_id == "mine-7"


def test_the_collector_is_who_the_key_says_whatever_the_event_says() -> None:
    item = one(received_value(collector="somebody_else"))
    assert item.record is not None
    assert decode(ContentReceived, item.record.value).collector == "desk"


def test_the_record_carries_the_observation_as_its_id() -> None:
    item = one(received_value())
    assert header(item, "ce_id").decode() == item.observation == identify(received()).observation_id


def test_the_record_carries_the_callers_trace() -> None:
    assert header(one(received_value(), judge=intake(traceparent=TRACE)), "traceparent").decode() == TRACE


def test_a_trace_that_is_none_is_replaced() -> None:
    assert header(one(received_value(), judge=intake(traceparent="x")), "traceparent") != b"x"


def test_a_fault_of_the_body_is_the_items_verdict() -> None:
    (item,) = intake().judge([Item(4, fault=Rejected(Reason.NOT_UTF8))], "hub")
    assert (item.verdict.index, item.verdict.reason) == (4, Reason.NOT_UTF8)


@pytest.mark.parametrize(
    ("change", "reason", "pointer"),
    [
        ({"platform": "Bluesky!"}, Reason.SCHEMA_VIOLATION, "/platform"),
        ({"url": None}, Reason.SCHEMA_VIOLATION, ""),
        ({"texts": []}, Reason.SCHEMA_VIOLATION, ""),
        ({"texts": [{"text": ""}]}, Reason.SCHEMA_VIOLATION, "/texts/0/text"),
        ({"engagement": {"likes": -1}}, Reason.SCHEMA_VIOLATION, "/engagement/likes"),
        ({"published_at": "2026-06-01T11:59:00"}, Reason.SCHEMA_VIOLATION, "/published_at"),
        ({"schema_version": "2"}, Reason.UNKNOWN_VERSION, "/schema_version"),
        ({"observed_at": "2026-06-01T14:00:00Z"}, Reason.OBSERVED_IN_FUTURE, "/observed_at"),
        ({"url": "https://a.example:99999/"}, Reason.SCHEMA_VIOLATION, "/url"),
        ({"url": "https://me:word@a.example/"}, Reason.SCHEMA_VIOLATION, "/url"),
    ],
)
def test_a_faulty_event_is_refused_at_its_place(change: dict[str, Any], reason: Reason, pointer: str) -> None:
    verdict = one(received_value(**change)).verdict
    assert (verdict.verdict, verdict.reason, verdict.pointer) == (Verdict.REJECTED, reason, pointer)


def test_an_unknown_member_of_a_newer_minor_is_ignored() -> None:
    assert one(received_value(schema_version="1.9", mood="grim")).verdict.verdict is Verdict.ACCEPTED


def test_what_is_no_object_is_refused() -> None:
    assert one([1]).verdict.reason is Reason.SCHEMA_VIOLATION


def test_a_platform_outside_the_keys_scope_is_refused() -> None:
    item = one(received_value(), judge=intake(platforms=("youtube",)))
    assert (item.verdict.reason, item.record) == (Reason.PLATFORM_NOT_ALLOWED, None)


@pytest.mark.parametrize(("more", "reason"), [(0, None), (1, Reason.TOO_LARGE)])
def test_the_limit_of_an_event_is_exact(more: int, reason: Reason | None) -> None:
    record = one(received_value()).record
    assert record is not None
    assert record.value is not None
    assert one(received_value(), judge=intake(most=len(record.value) - more)).verdict.reason is reason


def test_a_refusal_never_quotes_what_was_sent() -> None:
    verdict = one(received_value(texts=[{"text": "hush", "role": "whisper"}])).verdict
    assert "hush" not in verdict.model_dump_json()
    assert "whisper" not in verdict.model_dump_json()


def test_a_platforms_item_may_hold_several_events_which_share_its_place() -> None:
    comment = {"authorDisplayName": "@a", "textOriginal": "x", "publishedAt": "2026-06-01T11:00:00Z"}
    thread = {
        "kind": "youtube#commentThread",
        "snippet": {"videoId": "V", "topLevelComment": {"id": "T", "snippet": comment}},
        "replies": {"comments": [{"id": "R", "snippet": comment}, {"id": "Q"}]},
    }
    found = judged(thread, "youtube")
    assert [item.verdict.verdict.value for item in found] == ["accepted", "accepted", "rejected"]
    assert {item.verdict.index for item in found} == {0}


def test_a_platforms_item_of_no_use_is_ignored_by_its_name() -> None:
    verdict = one({"kind": "identity"}, format_name="bluesky-jetstream").verdict
    assert (verdict.verdict, verdict.detail) == (Verdict.IGNORED, "identity")


def test_the_named_instance_reaches_the_format() -> None:
    deletion = {"event": "delete", "payload": "1"}
    item = one(deletion, format_name="mastodon", judge=intake(instance="social.example"))
    assert item.record is not None
    assert decode(ContentReceived, item.record.value).instance == "social.example"


@pytest.mark.parametrize(("raw", "reason"), EVENTS)
def test_an_event_that_is_poison_is_refused_with_its_reason(raw: bytes, reason: Reason) -> None:
    assert one(parse(raw)).verdict.reason is reason


@pytest.mark.parametrize("raw", ODD_EVENTS)
def test_an_odd_event_is_an_event(raw: bytes) -> None:
    assert one(parse(raw)).verdict.verdict is Verdict.ACCEPTED
