"""A body comes apart into items, and never into more than was agreed."""

import gzip
import io
import json
import tracemalloc
import zlib
from collections.abc import Callable

import orjson
import pytest
import zstandard

from schemas.reasons import Reason
from services.ingest.body import Inflator, lines, whole
from services.runtime.errors import Rejected

LIMITS = {"max_wire": 1_000_000, "max_inflated": 2_000_000, "max_ratio": 100.0}


def inflated(encoding: str, raw: bytes, chunk: int = 1_000, **limits: float) -> bytes:
    inflator = Inflator(encoding, **(LIMITS | limits))  # type: ignore[arg-type]
    for at in range(0, len(raw), chunk):
        inflator.feed(raw[at : at + chunk])
    return inflator.body()


def reason(encoding: str, raw: bytes, chunk: int = 1_000, **limits: float) -> Reason:
    with pytest.raises(Rejected) as refused:
        inflated(encoding, raw, chunk, **limits)
    return refused.value.reason


def random_like(size: int) -> bytes:
    """Bytes that do not shrink."""
    return b"".join(zlib.crc32(str(n).encode()).to_bytes(4, "big") for n in range(size // 4))


def zstd(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(raw)


def zstd_stream(raw: bytes) -> bytes:
    """Without the size in front."""
    out = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(out, closefd=False) as writer:
        writer.write(raw)
    return out.getvalue()


Pack = Callable[[bytes], bytes]
PACKED: list[tuple[str, Pack]] = [
    ("identity", bytes),
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("zstd", zstd),
    ("zstd", zstd_stream),
]


@pytest.mark.parametrize(("encoding", "pack"), PACKED)
@pytest.mark.parametrize("chunk", [1, 7, 100_000])
def test_a_body_comes_out_as_it_went_in_however_it_arrives(encoding: str, pack: Pack, chunk: int) -> None:
    raw = b'{"a":' + b" " * 3_000 + b"1}"
    assert inflated(encoding, pack(raw), chunk) == raw


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
def test_an_empty_body_is_empty(encoding: str) -> None:
    assert inflated(encoding, b"") == b""


@pytest.mark.parametrize(("encoding", "pack"), PACKED[1:])
def test_a_truncated_body_is_refused(encoding: str, pack: Pack) -> None:
    assert reason(encoding, pack(random_like(5_000))[:-20]) is Reason.NOT_JSON


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_bytes_that_are_not_compressed_at_all_are_refused(encoding: str) -> None:
    assert reason(encoding, b'{"a":1}') is Reason.NOT_JSON


@pytest.mark.parametrize(("encoding", "pack"), PACKED[1:])
def test_bytes_behind_the_end_are_refused(encoding: str, pack: Pack) -> None:
    assert reason(encoding, pack(b"{}") + b"{}") is Reason.NOT_JSON


@pytest.mark.parametrize(("encoding", "pack"), PACKED[1:])
def test_a_bomb_is_refused_by_its_size_and_never_held(encoding: str, pack: Pack) -> None:
    bomb = pack(b"\0" * 50_000_000)
    tracemalloc.start()
    assert reason(encoding, bomb, 100_000, max_ratio=1e9) is Reason.TOO_LARGE
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # What was agreed, and the bite that showed it was too much: zstd can hide eight megabytes in one.
    assert peak < (20_000_000 if encoding == "zstd" else 6_000_000)


@pytest.mark.parametrize(("encoding", "pack"), PACKED[1:])
def test_a_bomb_is_refused_by_its_ratio(encoding: str, pack: Pack) -> None:
    assert reason(encoding, pack(b"\0" * 1_500_000), max_ratio=50.0) is Reason.TOO_LARGE


def test_a_small_body_may_shrink_well() -> None:
    assert len(inflated("gzip", gzip.compress(b" " * 60_000))) == 60_000


@pytest.mark.parametrize("size", [1_000_000, 1_000_001])
def test_the_limit_on_the_wire_is_exact(size: int) -> None:
    raw = random_like(size + 4)[:size]
    if size > 1_000_000:
        assert reason("identity", raw) is Reason.TOO_LARGE
    else:
        assert inflated("identity", raw) == raw


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize(("encoding", "pack"), PACKED[1:])
def test_the_limit_after_decompression_is_exact(encoding: str, pack: Pack, more: int) -> None:
    raw = random_like(40_000)[: 30_000 + more]
    if more:
        assert reason(encoding, pack(raw), max_inflated=30_000) is Reason.TOO_LARGE
    else:
        assert inflated(encoding, pack(raw), max_inflated=30_000) == raw


def test_a_zstd_window_beyond_eight_mebibytes_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1, write_content_size=0)
    packer = zstandard.ZstdCompressor(compression_params=parameters)
    out = io.BytesIO()
    with packer.stream_writer(out, closefd=False) as writer:
        writer.write(random_like(1_000))
    assert reason("zstd", out.getvalue()) is Reason.NOT_JSON


def test_a_document_is_one_item() -> None:
    items, many = whole(b'{"a":1}', 9)
    assert ([item.value for item in items], many) == ([{"a": 1}], False)


def test_an_array_is_its_members() -> None:
    items, many = whole(b'[{"a":1},2]', 9)
    assert ([item.value for item in items], many) == ([{"a": 1}, 2], True)


def test_an_empty_array_is_refused() -> None:
    with pytest.raises(Rejected, match="empty"):
        whole(b"[]", 9)


@pytest.mark.parametrize(("depth", "is_taken"), [(20, True), (21, False)])
def test_the_depth_of_an_item_is_the_same_inside_an_array_and_outside(depth: int, is_taken: bool) -> None:
    item = b'{"a":' * depth + b"1" + b"}" * depth
    alone, inside = whole(item, 9)[0][0], whole(b"[" + item + b"]", 9)[0][0]
    assert (alone.fault is None, inside.fault is None) == (is_taken, is_taken)


def test_a_member_that_is_too_deep_spoils_no_other() -> None:
    items, _ = whole(orjson.dumps([1, json.loads("[" * 30 + "]" * 30), 2]), 9)
    assert [item.fault.reason if item.fault else item.value for item in items] == [1, Reason.TOO_DEEP, 2]


def test_lines_are_items_and_empty_lines_count_for_nothing() -> None:
    found = list(lines(b'{"a":1}\n\n \n{"a":2}\n', 100, 9))
    assert [(item.index, item.value) for item in found] == [(0, {"a": 1}), (1, {"a": 2})]


def test_an_array_of_more_than_there_may_be_is_refused_before_anything_is_made_of_it() -> None:
    body = b"[" + b"0," * 200_000 + b"0]"
    tracemalloc.start()
    with pytest.raises(Rejected, match="may hold 9 events"):
        whole(body, 9)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The array itself; an item for each of its members would be three times as much.
    assert most < 8_000_000


def test_more_lines_than_there_may_be_are_refused_and_none_beyond_is_read() -> None:
    found = lines(b"1\n\n2\n{", 100, 2)
    assert [next(found).value, next(found).value] == [1, 2]
    with pytest.raises(Rejected, match="may hold 2 events"):
        next(found)


def test_lines_may_end_as_windows_ends_them() -> None:
    assert [item.value for item in lines(b"1\r\n2\r\n", 100, 9)] == [1, 2]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", Reason.NOT_JSON),
        (b'"\xff"', Reason.NOT_UTF8),
        (b"NaN", Reason.NOT_JSON),
        (b"1e400", Reason.NUMBER_OUT_OF_RANGE),
        (b"9007199254740993", Reason.NUMBER_OUT_OF_RANGE),
        (b"1" * 30, Reason.NUMBER_OUT_OF_RANGE),
        (b'"\\ud800"', Reason.NOT_JSON),
        (b"[" * 25 + b"]" * 25, Reason.TOO_DEEP),
        (b"[" * 2_000 + b"]" * 2_000, Reason.TOO_DEEP),
        (b'"' + b"x" * 3_900 + b'"' + b" " * 200, Reason.TOO_LARGE),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_spoils_no_other(line: bytes, why: Reason) -> None:
    before, bad, after = lines(b"1\n" + line + b"\n2", 4_000, 9)
    assert (before.value, bad.fault and bad.fault.reason, after.value) == (1, why, 2)
