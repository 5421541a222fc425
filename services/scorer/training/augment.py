"""Rows come in; the same rows as people disguise, shorten and bury them go out. Seeded.

The functional suite judges leet, spaced letters, look-alike letters, invisible characters and its own misspellings; none of these
is used here, so that the suite measures what was not practised.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from services.scorer.training.corpus import Row, plain

_WORD = re.compile(r"[A-Za-z]{4,}")
_NEAR = {"a": "s", "e": "r", "i": "o", "o": "p", "t": "y", "n": "m", "l": "k", "s": "d", "r": "t", "u": "y", "h": "j"}
_SOUNDS = [
    ("ph", "f"),
    ("ck", "k"),
    ("th", "f"),
    ("you", "yu"),
    ("ill", "il"),
    ("er", "a"),
    ("ing", "in"),
    ("ight", "ite"),
    ("ee", "ea"),
]


def _masked(word: str, dice: random.Random) -> str:
    inner = [n for n, letter in enumerate(word) if n > 0 and letter in "aeiouAEIOU"]
    at = dice.choice(inner) if inner else 1
    return word[:at] + dice.choice("*#_x") + word[at + 1 :]


def _without_vowels(word: str, dice: random.Random) -> str:
    return word[0] + re.sub("[aeiou]", "", word[1:]) if dice.random() < 0.9 else word


def _swapped(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _dropped(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _doubled(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word))
    return word[:at] + word[at] * 2 + word[at + 1 :]


def _slipped(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word))
    return word[:at] + _NEAR.get(word[at].lower(), word[at]) + word[at + 1 :]


def _by_sound(word: str, dice: random.Random) -> str:
    for spelling, sound in dice.sample(_SOUNDS, len(_SOUNDS)):
        if spelling in word:
            return word.replace(spelling, sound)
    return word


def _dashed(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word))
    return word[:at] + dice.choice("-.'/") + word[at:]


DISGUISES: Sequence[Callable[[str, random.Random], str]] = (
    _masked, _without_vowels, _swapped, _dropped, _doubled, _slipped, _by_sound, _dashed,
)  # fmt: skip


def disguised(text: str, dice: random.Random) -> str:
    """One to three words, or all of them, changed by one disguise; now and then words run together."""
    disguise = dice.choice(DISGUISES)
    words = list(_WORD.finditer(text))
    if not words:
        return text
    chosen = {found.start() for found in dice.sample(words, min(len(words), dice.choice((1, 2, 3, len(words)))))}
    changed = _WORD.sub(lambda found: disguise(found[0], dice) if found.start() in chosen else found[0], text)
    if dice.random() < 0.15:
        changed = changed.replace(" ", "", 1) if dice.random() < 0.5 else changed.replace(" ", dice.choice("-._"), 2)
    return changed


def disguised_rows(rows: Sequence[Row], seed: int) -> Iterator[Row]:
    """One disguised copy of every row given."""
    dice = random.Random(seed)
    for row in rows:
        text = disguised(row.text, dice)
        yield replace(row, id=row.id + ":disguised", text=text, normalised=plain(text), weight=row.weight * 0.5)


def buried_rows(harmful: Sequence[Row], harmless: Sequence[Row], count: int, seed: int) -> Iterator[Row]:
    """A harmful text before, after or between harmless ones, and harmless ones among themselves."""
    dice = random.Random(seed)
    for number in range(count):
        around = [row.text for row in dice.sample(harmless, dice.choice((1, 1, 2, 3)))]
        core = dice.choice(harmful) if dice.random() < 0.5 else None
        if core is not None:
            around.insert(dice.randrange(len(around) + 1), core.text)
        text = dice.choice((" ", "\n", ". ", " ")).join(around)
        first = core or harmless[0]
        yield replace(
            first,
            id=f"buried:{number}",
            text=text,
            normalised=plain(text),
            source="buried",
            violence=0.0 if core is None else 1.0,
            weight=0.4,
            types=frozenset() if core is None else core.types,
            exemptions=None,
            overtness="none" if core is None else core.overtness,
            gang=False if core is None else core.gang,
        )
