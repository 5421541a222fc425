"""Normalised text comes in; what finds its near-copies goes out: bands that near-copies share, and how far two hashes lie apart."""

import re
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import xxhash

MAXIMUM_WORDS = 2_000
MINIMUM_WORDS = 4
BANDS, ROWS = 6, 2
PDQ_HEX, PDQ_BANDS = 64, 16
# A picture of one colour gives a hash of nearly only zeros or ones, and would be a copy of every other such picture.
PDQ_BITS_SET = range(64, 193)

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
# Who is spoken to; anywhere else a handle may be whom or what it is about, and one that begins with a digit a time.
_ADDRESSED = re.compile(r"\s*(?:@[^\W\d]\S*\s+)+")
# Copies are numbered at their end, by numbers that are no hour, day or age; after these words a number names something.
_NUMBERED = re.compile(r"\d{3,}")
_NAMING = frozenset({
    "about", "after", "all", "around", "at", "before", "block", "bus", "by", "every", "flat", "for", "from", "house", "in", "lane",
    "near", "no", "number", "of", "on", "outside", "past", "road", "room", "route", "street", "the", "till", "to", "until", "up",
    "vs", "with",
})  # fmt: skip
_MULTIPLIERS = np.array(
    [xxhash.xxh3_64_intdigest(f"near-copy {n}".encode()) | 1 for n in range(BANDS * ROWS)], dtype=np.uint64
)
_OFFSETS = np.array([xxhash.xxh3_64_intdigest(f"offset {n}".encode()) for n in range(BANDS * ROWS)], dtype=np.uint64)


def bands(text: str) -> tuple[int, ...]:
    """MinHash (Broder 1997) over pairs of neighbouring words, in 6 bands of 2; empty under 4 words.

    Texts of which seven tenths of the pairs are the same share a band in 98 of 100 cases, unrelated ones hardly ever. Numbers
    count as one another, because copies are often numbered. Sharing a band only makes a candidate: the similarity hash decides.
    """
    words = _WORD.findall(_DIGITS.sub("0", text))[:MAXIMUM_WORDS]
    if len(words) < MINIMUM_WORDS:
        return ()
    shingles = {f"{one} {other}" for one, other in pairwise(words)}
    hashes = np.array([xxhash.xxh3_64_intdigest(s.encode("utf-8", "replace")) for s in shingles], dtype=np.uint64)
    lowest = _mixed(hashes).min(axis=1).tolist()
    return tuple(_folded(lowest[band * ROWS : (band + 1) * ROWS]) for band in range(BANDS))


def _folded(lowest: list[int]) -> int:
    """One number of 32 bits for the values of a band: small to keep, and two bands that fall together by chance do no harm."""
    return xxhash.xxh3_64_intdigest(":".join(map(str, lowest)).encode()) & 0xFFFFFFFF


def _mixed(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """One row per hash function: multiply, add, and take the high bits, which depend on all of the low ones."""
    with np.errstate(over="ignore"):
        mixed = hashes[None, :] * _MULTIPLIERS[:, None] + _OFFSETS[:, None]
    return mixed >> np.uint64(16)


def short_text(text: str) -> str | None:
    """A digest of a text that is too short for a similarity hash; equal texts are copies. None where nothing is said.

    Where two words are left, it does not count to whom they are said, nor by what number they are told from their copies.
    """
    words = _WORD.findall(text)
    if not words or len(words) >= MINIMUM_WORDS:
        return None
    if (addressed := _ADDRESSED.match(text)) and len(said := _WORD.findall(text, addressed.end())) > 1:
        words = said
    elif len(words) > 2 and _NUMBERED.fullmatch(words[-1]) and words[-2] not in _NAMING:
        words[-1] = "0"
    return xxhash.xxh3_128_hexdigest(" ".join(words).encode("utf-8", "replace"))


def pdq_bands(pdq: str) -> tuple[str, ...]:
    """16 bands of 16 bits: hashes up to 15 bits apart share one for certain, those 31 apart in nine cases of ten."""
    width = PDQ_HEX // PDQ_BANDS
    return tuple(f"{band}:{pdq[band * width : (band + 1) * width]}" for band in range(PDQ_BANDS))


def tells(pdq: str) -> bool:
    """Whether an image hash says anything: that of a plain picture does not."""
    return int(pdq, 16).bit_count() in PDQ_BITS_SET


def distance(one: str, other: str) -> int:
    """Number of bits in which two hashes of the same length differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
