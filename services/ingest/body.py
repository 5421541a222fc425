"""The bytes of a request come in, its items as JSON values go out, or a refusal of the whole body; pure."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import zstandard

from schemas.reasons import Reason
from services.runtime.codec import MAX_DEPTH, check_tree, load, parse
from services.runtime.errors import Rejected

# A ratio says nothing about small bodies.
RATIO_FROM_BYTES = 65_536
CHUNK = 65_536
ENCODINGS = ("identity", "gzip", "zstd")
_LINE = re.compile(rb"\S[^\n]*")


class _Decompressor(Protocol):
    def feed(self, chunk: bytes, room: int) -> bytes: ...
    def whole(self) -> bool: ...


class _Plain:
    def feed(self, chunk: bytes, room: int) -> bytes:
        return chunk

    def whole(self) -> bool:
        return True


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def feed(self, chunk: bytes, room: int) -> bytes:
        if self._stream.eof:
            raise zlib.error("data after the end of the stream")
        # One byte more than there is room for tells a full body from one that goes on.
        out = self._stream.decompress(chunk, room + 1)
        if self._stream.unused_data:
            raise zlib.error("data after the end of the stream")
        return out

    def whole(self) -> bool:
        return self._stream.eof


class _Zstd:
    def __init__(self) -> None:
        # The window is what a sender makes the receiver hold: 8 MiB is what zstd itself calls safe.
        self._stream = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024).decompressobj()
        self._fed = False

    def feed(self, chunk: bytes, room: int) -> bytes:
        out = []
        # Small bites bound what one call can blow up to before the room is checked.
        for at in range(0, len(chunk), 256):
            self._fed = True
            out.append(self._stream.decompress(chunk[at : at + 256]))
            room -= len(out[-1])
            if room < 0:
                break
        if self._stream.eof and self._stream.unused_data:
            raise zstandard.ZstdError("data after the end of the stream")
        return b"".join(out)

    def whole(self) -> bool:
        return self._fed and self._stream.eof


class Inflator:
    """Takes a body as it arrives and holds what it inflates to, within a size and a ratio. Raises Rejected beyond them."""

    def __init__(self, encoding: str, *, max_wire: int, max_inflated: int, max_ratio: float) -> None:
        makers: dict[str, type[_Plain] | type[_Gzip] | type[_Zstd]] = {
            "identity": _Plain, "gzip": _Gzip, "x-gzip": _Gzip, "zstd": _Zstd,
        }  # fmt: skip
        self._stream: _Decompressor = makers[encoding]()
        self._max_wire = max_wire
        self._max_inflated = max_inflated
        self._max_ratio = max_ratio
        self._pieces: list[bytes] = []
        self.wire = 0
        self.size = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes. Raises Rejected: too large, or not what Content-Encoding says."""
        self.wire += len(chunk)
        if self.wire > self._max_wire:
            raise Rejected(Reason.TOO_LARGE, f"a body may have {self._max_wire} bytes")
        for at in range(0, len(chunk), CHUNK):
            self._take(chunk[at : at + CHUNK])

    def _take(self, chunk: bytes) -> None:
        try:
            piece = self._stream.feed(chunk, self._max_inflated - self.size)
        except (zlib.error, zstandard.ZstdError) as why:
            raise Rejected(Reason.NOT_JSON, "the body is not what Content-Encoding says") from why
        self.size += len(piece)
        if self.size > self._max_inflated:
            raise Rejected(Reason.TOO_LARGE, f"a body may have {self._max_inflated} bytes after decompression")
        if self.size > RATIO_FROM_BYTES and self.size > self._max_ratio * self.wire:
            raise Rejected(Reason.TOO_LARGE, "the body shrinks too well to be an honest one")
        self._pieces.append(piece)

    def body(self) -> bytes:
        """The whole body. Raises Rejected when the compressed stream is not complete."""
        if self.wire and not self._stream.whole():
            raise Rejected(Reason.NOT_JSON, "the compressed body ends too early")
        return b"".join(self._pieces)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a request: its value, or why it has none."""

    index: int
    value: Any = None
    fault: Rejected | None = None


def whole(body: bytes, most: int, depth: int = MAX_DEPTH) -> tuple[list[Item], bool]:
    """Items of one JSON document: an array's members or the document itself; and whether it was an array.

    Raises Rejected, also for more than `most` items, before anything is made of them: a body has room for millions.
    """
    # The array is one level; whether an item is too deep is the item's affair.
    value = load(body)
    if isinstance(value, list):
        if not value:
            raise Rejected(Reason.SCHEMA_VIOLATION, "the array is empty")
        if len(value) > most:
            raise _too_many(most)
        return [_checked(index, member, depth) for index, member in enumerate(value)], True
    return [_checked(0, value, depth)], False


def _too_many(most: int) -> Rejected:
    return Rejected(Reason.TOO_LARGE, f"a request may hold {most} events")


def _checked(index: int, value: Any, depth: int) -> Item:
    try:
        check_tree(value, depth)
    except Rejected as why:
        return Item(index, fault=why)
    return Item(index, value)


def lines(body: bytes, max_line: int, most: int, depth: int = MAX_DEPTH) -> Iterator[Item]:
    """Items of JSON lines; empty lines count for nothing, a bad line spoils no other. Raises Rejected beyond `most`."""
    for index, line in enumerate(_LINE.finditer(body)):
        if index == most:
            raise _too_many(most)
        yield _line(index, line.group(), max_line, depth)


def _line(index: int, line: bytes, max_line: int, depth: int) -> Item:
    if len(line) > max_line:
        return Item(index, fault=Rejected(Reason.TOO_LARGE, f"a line may have {max_line} bytes"))
    try:
        return Item(index, parse(line, depth))
    except Rejected as why:
        return Item(index, fault=why)
