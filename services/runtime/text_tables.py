"""Unicode data in, the tables that the text normaliser looks characters up in out; each is built once, at its first use."""

import re
import string
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import emoji
from confusable_homoglyphs import categories, confusables

_ALPHABET = string.ascii_lowercase
# One for one, so that most real posts become plain ASCII before anything dearer looks at them.
PUNCTUATION = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\uff02", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys(
        "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u2800",
        " ",
    ),
    **dict.fromkeys("\u0085\u2028\u2029", "\n"),
    **{chr(0x1F150 + n): letter for n, letter in enumerate(_ALPHABET)},
    **{chr(0x1F170 + n): letter for n, letter in enumerate(_ALPHABET)},
    "\u0130": "i",
}
ODD_PUNCTUATION = re.compile(f"[{''.join(PUNCTUATION)}]")
# Ranges that hold all emoji: a pattern of few ranges is many times faster than one of all their first characters.
MAYBE_EMOJI = re.compile("[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001ffff]")
SURROGATE = re.compile("[\ud800-\udfff]")
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Joiners carry meaning between letters of Arabic, Persian and Indic scripts.
MEANT_JOINER = re.compile("(?<=[\u0590-\u1fff\ua800-\uabff])[\u200c\u200d](?=[\u0590-\u1fff\ua800-\uabff])")
# What text directions and emoji carry in honest text is dropped without a remark.
UNREMARKABLE = frozenset("\u20e3\ufe0e\ufe0f\u200d\u200e\u200f\u061c\ufeff\ufffc")
# Struck-through letters, and marks heaped on one letter.
HEAPED_MARKS = re.compile(
    "[\u0305\u0332\u0333\u033f\u0334-\u0338\u20d2\u20d3\u20d8-\u20da\u20dd-\u20e2\u20e4-\u20e6\u20ea\u20eb]+"
    "|[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20e2\u20e4-\u20ff]{2,}"
)
# Starters that compose with the character before them: vowel signs and Hangul vowels and finals.
JOINING_STARTERS = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35"
    "\U000110ba\U00011127\U0001133e\U00011357\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
) | frozenset(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))  # fmt: skip

_SKIN_TONE = re.compile(r"[_:](?:medium-light|medium-dark|light|medium|dark)_skin_tone")
_HELD_LETTER = re.compile(r"([a-z])\1{2,}")
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")


def plain_punctuation(text: str) -> str:
    """The same text with signs of many shapes as those of a keyboard, one for one."""
    return text if text.isascii() else ODD_PUNCTUATION.sub(lambda found: PUNCTUATION[found.group()], text)


class Emoji(NamedTuple):
    """The names of all emoji, and by their first character how long they may be, longest first."""

    names: dict[str, str]
    lengths: dict[str, tuple[int, ...]]


@cache
def emoji_table() -> Emoji:
    """Names of emoji as one word of a-z, 0-9 and `_`; skin tones are left out, because they say nothing about violence."""
    names = {
        sequence: _named(facts["en"])
        for sequence, facts in emoji.EMOJI_DATA.items()
        if ord(sequence[0]) >= 0x2190 and unicodedata.normalize("NFKC", sequence[0]) == sequence[0]
        and sequence[0] not in "\U0001f170\U0001f171\U0001f17e\U0001f17f"
    }  # fmt: skip
    lengths: dict[str, set[int]] = {}
    for sequence in names:
        lengths.setdefault(sequence[0], set()).add(len(sequence))
    return Emoji(names, {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()})


def _named(name: str) -> str:
    plain = unicodedata.normalize("NFKD", _SKIN_TONE.sub("", name)).encode("ascii", "ignore").decode()
    word = _HELD_LETTER.sub(r"\1\1", _NOT_A_NAME.sub("_", plain.lower()).strip("_"))
    return f" {word} " if word else ""


class Lookalikes(NamedTuple):
    """Letters of other scripts that look like a-z: `sure` by the Unicode data, `wide` also where only the capital does.

    `finder` finds any of `wide`; `small_capitals` any that `latin` makes a plain letter.
    """

    finder: re.Pattern[str]
    sure: dict[str, str]
    wide: dict[str, str]
    small_capitals: re.Pattern[str]
    latin: dict[int, str]


@cache
def lookalikes() -> Lookalikes:
    """Built from the confusables data; digits and symbols are left out, small capitals are told by their Unicode name."""
    sure: dict[str, str] = {}
    for letter, twins in confusables.confusables_data.items():
        if len(letter) != 1 or letter.isascii() or not letter.isalpha():
            continue
        if unicodedata.normalize("NFKC", letter) != letter or categories.alias(letter) in {"LATIN", "COMMON"}:
            continue
        letters = (twin["c"] for twin in twins if len(twin["c"]) == 1)
        plain = next((twin for twin in letters if twin.isascii() and twin.isalpha()), None)
        if plain:
            # An upright stroke is filed under l; as a capital it is meant as I.
            sure[letter] = "i" if plain == "l" and not letter.islower() else plain.lower()
    wide = dict(sure)
    for letter, plain in sure.items():
        small = letter.lower()
        if len(small) == 1:
            wide.setdefault(small, plain)
    latin = _small_capitals()
    return Lookalikes(_any_of(wide), sure, wide, _any_of(map(chr, latin)), latin)


def _any_of(letters: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"[{''.join(sorted(letters))}]")


def _small_capitals() -> dict[int, str]:
    table = {0x251: "a", 0x261: "g"}
    for code in (*range(0x180, 0x2B0), *range(0x1D00, 0x1D80), *range(0xA720, 0xA800)):
        name = unicodedata.name(chr(code), "")
        prefix, _, letter = name.rpartition(" ")
        if prefix == "LATIN LETTER SMALL CAPITAL" and len(letter) == 1:
            table[code] = letter.lower()
    return table
