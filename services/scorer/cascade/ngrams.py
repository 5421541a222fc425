"""Normalised texts come in; hashed words, word pairs and character n-grams of each go out, the same alone as in any batch. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

U64 = np.uint64
BITS = 20
BUCKETS = 1 << BITS
CHARACTER_SIZES = (3, 4, 5)
# Bytes looked at in one go: the powers below stay in the cache, and one text never needs more (see `windows`).
CHUNK = 1 << 16
_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_MIX = U64(0xD6E8FEB86659FD93)
_PAIR, _SKIP, _TRIPLE = U64(0xA0761D6478BD642F), U64(0xE7037ED1A0B428DB), U64(0x8EBC6AF09C88C6E3)
_SALTS = np.array([0x1F83D9ABFB41BD6B * (2 * n + 1) % 2**64 for n in range(8)], U64)


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    made = np.empty(count, U64)
    value = 1
    for n in range(count):
        made[n] = value
        value = value * base % 2**64
    return made


_POWERS = _powers(_BASE, CHUNK + 1)
_INVERSES = _powers(pow(_BASE, -1, 2**64), CHUNK + 1)
# Letters, digits, every byte of a character beyond ASCII, and the underscore of emoji names make up words.
_IN_WORD = np.array([chr(b).isalnum() or b >= 0x80 or b == 0x5F for b in range(256)])
_SPACE = np.array([b in b" \t\r\n" for b in range(256)])


@dataclass(frozen=True, slots=True)
class Grams:
    """Bucket of every n-gram and how many each run holds: text k owns run 2k, of characters, and run 2k + 1, of words."""

    buckets: NDArray[np.int64]
    counts: NDArray[np.int64]


def grams(texts: Sequence[str]) -> Grams:
    """All n-grams of texts that together hold fewer than CHUNK bytes."""
    # A space on both sides lets words at the ends make the same n-grams as words inside.
    raw = b"".join(b" %b " % text.encode("utf-8", "replace") for text in texts)
    lengths = np.array([len(text.encode("utf-8", "replace")) + 2 for text in texts], np.int64)
    data = np.frombuffer(raw, np.uint8)
    owner = np.repeat(np.arange(len(texts)), lengths)
    prefix = np.zeros(len(data) + 1, U64)
    np.cumsum((data.astype(U64) + U64(1)) * _POWERS[: len(data)], out=prefix[1:])
    characters = [_character_grams(data, prefix, owner, n) for n in CHARACTER_SIZES]
    words = _word_grams(data, prefix, owner)
    runs = np.concatenate([2 * of for _, of in characters] + [2 * of + 1 for _, of in words])
    buckets = np.concatenate([(_mix(hashes) >> U64(64 - BITS)).astype(np.int64) for hashes, _ in characters + words])
    order = np.argsort(runs, kind="stable")
    return Grams(buckets[order], np.bincount(runs, minlength=2 * len(texts)))


Keys = tuple[NDArray[np.uint64], NDArray[np.int64]]


def _mix(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed: NDArray[np.uint64] = (hashes ^ (hashes >> U64(32))) * _MIX
    return mixed ^ (mixed >> U64(29))


def _character_grams(data: NDArray[np.uint8], prefix: NDArray[np.uint64], owner: NDArray[np.int64], size: int) -> Keys:
    starts = np.arange(max(0, len(data) - size + 1))
    starts = starts[owner[starts] == owner[starts + size - 1]] if len(starts) else starts
    hashes = (prefix[starts + size] - prefix[starts]) * _INVERSES[starts] + _SALTS[size]
    return hashes, owner[starts]


def _word_grams(data: NDArray[np.uint8], prefix: NDArray[np.uint64], owner: NDArray[np.int64]) -> list[Keys]:
    inside = _IN_WORD[data]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    starts, stops = edges[::2], edges[1::2]
    words = (prefix[stops] - prefix[starts]) * _INVERSES[starts] + _SALTS[0]
    whose = owner[starts]
    found = [(words, whose)]
    for gap, factor in ((1, _PAIR), (2, _SKIP)):
        same = whose[gap:] == whose[:-gap]
        found.append(((words[:-gap][same] * factor) ^ words[gap:][same], whose[gap:][same]))
    same = whose[2:] == whose[:-2]
    triple = (words[:-2][same] * _TRIPLE) ^ (words[1:-1][same] * _PAIR) ^ words[2:][same]
    found.append((triple, whose[2:][same]))
    return found
