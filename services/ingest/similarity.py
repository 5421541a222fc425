"""Normalised text comes in, a 64-bit hash goes out that differs in few bits for texts that differ in few words."""

import itertools
import re
from collections.abc import Sequence

import numpy as np
import xxhash

MINIMUM_WORDS = 4
MAXIMUM_WORDS = 5_000
BITS = 64
# Bounds what is held at a time: each pair of words takes a byte per bit.
AT_ONCE = 32

_WORD = re.compile(r"\w+")


def simhash(text: str) -> str | None:
    """16 hex digits: SimHash (Charikar 2002) over pairs of neighbouring words, each pair counted once; None under 4 words.

    Compare by Hamming distance: near-copies of a post differ in a few bits, unrelated texts in about 32.
    """
    return simhashes([text])[0]


def simhashes(texts: Sequence[str]) -> list[str | None]:
    """The hash of each text, in order. Many at once take half the time."""
    found: list[str | None] = []
    for at in range(0, len(texts), AT_ONCE):
        pairs = [_pairs(text) for text in texts[at : at + AT_ONCE]]
        hashes = iter(_majorities([some for some in pairs if some]))
        found += [next(hashes) if some else None for some in pairs]
    return found


def _pairs(text: str) -> set[bytes]:
    words = _WORD.findall(text)[:MAXIMUM_WORDS]
    if len(words) < MINIMUM_WORDS:
        return set()
    return set(map(b" ".join, itertools.pairwise(" ".join(words).encode().split(b" "))))


def _majorities(groups: Sequence[set[bytes]]) -> list[str]:
    """Of each group the bits that most of its members' digests have set."""
    if not groups:
        return []
    digests = b"".join([xxhash.xxh3_64_digest(pair) for group in groups for pair in group])
    bits = np.unpackbits(np.frombuffer(digests, dtype=np.uint8)).reshape(-1, BITS)
    sizes = np.array([len(group) for group in groups])
    counts = np.add.reduceat(bits, np.cumsum(sizes) - sizes, axis=0, dtype=np.uint16)
    packed = np.packbits(counts > sizes[:, None] // 2, axis=1).tobytes().hex()
    return [packed[at : at + BITS // 4] for at in range(0, len(packed), BITS // 4)]


def distance(one: str, other: str) -> int:
    """Number of bits in which two hashes differ, 0 to 64."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
