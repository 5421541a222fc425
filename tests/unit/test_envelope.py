"""Headers carry identity, origin, trace and the first moment through every stage."""

from datetime import UTC, datetime

import pytest

from schemas.topics import NORMALISED
from services.runtime.envelope import Incoming, Source, accepted_at, as_mapping, envelope, new_traceparent, rfc3339
from tests.builders import NOON, record

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def headers(**options: object) -> dict[str, str]:
    values: dict[str, object] = {"id": "id-1", "stage": "ingest", "time": NOON}
    return dict(as_mapping(envelope(NORMALISED, **(values | options))))  # type: ignore[arg-type]


def with_headers(*pairs: tuple[str, bytes]) -> Incoming:
    return record(b"{}", "content.received.v1", offset=5, partition=1, headers=pairs)


def test_a_record_is_a_cloud_event_in_binary_mode() -> None:
    found = headers()
    assert {name: found[name] for name in ("ce_id", "ce_source", "ce_specversion", "ce_type", "ce_time", "content-type")} == {
        "ce_id": "id-1",
        "ce_source": "/referral-hub/ingest",
        "ce_specversion": "1.0",
        "ce_type": "content.normalised.v1",
        "ce_time": "2026-06-01T12:00:00.000Z",
        "content-type": "application/json",
    }  # fmt: skip


def test_a_record_made_from_another_says_from_which() -> None:
    assert headers(parent=with_headers())["hub_source"] == "content.received.v1/1/5"


def test_a_first_record_has_no_source() -> None:
    assert "hub_source" not in headers()


def test_the_first_moment_in_the_hub_is_kept() -> None:
    assert (
        headers(parent=with_headers(("ce_time", b"2026-01-01T00:00:00.000Z")))["ce_time"] == "2026-01-01T00:00:00.000Z"
    )


def test_a_trace_is_inherited() -> None:
    assert headers(parent=with_headers(("traceparent", TRACE.encode())))["traceparent"] == TRACE


def test_a_callers_trace_goes_before() -> None:
    assert headers(traceparent=TRACE)["traceparent"] == TRACE


@pytest.mark.parametrize("trace", ["", "x", TRACE.upper(), TRACE + "0", TRACE.replace("-", "_"), TRACE[:-1] + "\u00e9"])
def test_a_trace_that_is_none_is_replaced_by_a_fresh_one(trace: str) -> None:
    fresh = headers(traceparent=trace)["traceparent"]
    assert len(fresh) == 55
    assert fresh != trace


def test_no_two_traces_are_the_same() -> None:
    assert new_traceparent() != new_traceparent()


def test_a_source_reads_as_it_is_written() -> None:
    assert Source.parse(str(Source("a.b.v1", 3, 12))) == Source("a.b.v1", 3, 12)


@pytest.mark.parametrize("text", ["", "a", "a/1", "a/x/1", "a/1/-1", "/1/1", "a/1/1/1", "a/1/" + "9" * 5_000])
def test_a_source_that_is_none_is_none(text: str) -> None:
    assert Source.parse(text) is None


def test_of_a_header_that_comes_twice_the_last_counts() -> None:
    assert with_headers(("x", b"1"), ("x", b"2")).header("x") == "2"


def test_a_header_that_is_no_text_is_absent() -> None:
    assert with_headers(("x", b"\xff")).header("x") is None


def test_an_event_without_a_time_was_accepted_when_its_record_was_written() -> None:
    assert accepted_at(with_headers()) == NOON


@pytest.mark.parametrize(
    "time", [b"soon", b"2026-01-01T00:00:00", b"", b"\xff", b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00"]
)
def test_a_time_that_is_none_is_not_believed(time: bytes) -> None:
    assert accepted_at(with_headers(("ce_time", time))) == NOON


def test_a_records_own_time_beyond_all_years_is_not_believed() -> None:
    assert accepted_at(Incoming(Source("t", 0, 0), None, None, timestamp_ms=2**62)) is None


def test_an_event_without_any_time_has_none() -> None:
    assert accepted_at(Incoming(Source("t", 0, 0), None, None)) is None


def test_moments_are_written_in_utc_with_milliseconds() -> None:
    assert rfc3339(datetime(2026, 6, 1, 12, 0, 0, 1_999, tzinfo=UTC)) == "2026-06-01T12:00:00.001Z"
