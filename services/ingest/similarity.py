"""Normalised text comes in, a 64-bit hash goes out that differs in few bits for texts that differ in few words."""

import itertools
import re

import numpy as np
import xxhash

MINIMUM_WORDS = 4
MAXIMUM_WORDS = 5_000
BITS = 64

_WORD = re.compile(r"\w+")


def simhash(text: str) -> str | None:
    """16 hex digits: SimHash (Charikar 2002) over pairs of neighbouring words, each pair counted once; None under 4 words.

    Compare by Hamming distance: near-copies of a post differ in a few bits, unrelated texts in about 32.
    """
    words = _WORD.findall(text)[:MAXIMUM_WORDS]
    if len(words) < MINIMUM_WORDS:
        return None
    written = " ".join(words).encode().split(b" ")
    pairs = set(map(b" ".join, itertools.pairwise(written)))
    digests = b"".join(map(xxhash.xxh3_64_digest, pairs))
    bits = np.unpackbits(np.frombuffer(digests, dtype=np.uint8)).reshape(-1, BITS)
    majority = np.add.reduce(bits, axis=0, dtype=np.uint16) > len(pairs) // 2
    return np.packbits(majority).tobytes().hex()


def distance(one: str, other: str) -> int:
    """Number of bits in which two hashes differ, 0 to 64."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
