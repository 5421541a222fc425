"""Normalised text comes in, a 64-bit hash goes out that differs in few bits for texts that differ in few words."""

import re

import numpy as np
import xxhash

MINIMUM_WORDS = 4
MAXIMUM_WORDS = 5_000
SHINGLE = 2
BITS = 64

_WORD = re.compile(r"\w+")


def simhash(text: str) -> str | None:
    """16 hex digits: SimHash (Charikar 2002) over pairs of neighbouring words, each pair counted once; None under 4 words.

    Compare by Hamming distance: near-copies of a post differ in a few bits, unrelated texts in about 32.
    """
    words = _WORD.findall(text)[:MAXIMUM_WORDS]
    if len(words) < MINIMUM_WORDS:
        return None
    shingles = {" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}
    digests = b"".join([xxhash.xxh3_64_digest(shingle.encode("utf-8", "replace")) for shingle in shingles])
    bits = np.unpackbits(np.frombuffer(digests, dtype=np.uint8).reshape(-1, BITS // 8), axis=1)
    majority = bits.sum(axis=0, dtype=np.int64) * 2 > len(shingles)
    return np.packbits(majority).tobytes().hex()


def distance(one: str, other: str) -> int:
    """Number of bits in which two hashes differ, 0 to 64."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
