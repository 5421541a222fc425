"""A text comes in; the same text as people disguise it from filters goes out. Seeded. No augmentation of training makes any of these."""

import random
import re
import string
from collections.abc import Callable, Mapping
from functools import partial

_WORD = re.compile(r"[A-Za-z]{4,}")
_LEET = str.maketrans("aeiosAEIOS", "4310543105")
_CYRILLIC = str.maketrans("aeopcxyAEOPCXTHKM", "аеорсхуАЕОРСХТНКМ")
_FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in string.ascii_letters}
ZERO_WIDTH, STRIKE = "\u200b", "\u0336"


def _translated(table: Mapping[int, int | str], word: str) -> str:
    return word.translate(table)


def _between(mark: str, word: str) -> str:
    return mark.join(word)


def _struck(word: str) -> str:
    return "".join(letter + STRIKE for letter in word)


def _stretched(word: str) -> str:
    return word[:-1] + word[-1] * 4


DISGUISES: Mapping[str, Callable[[str], str]] = {
    "leet": partial(_translated, _LEET),
    "look-alike letters": partial(_translated, _CYRILLIC),
    "full-width letters": partial(_translated, _FULL_WIDTH),
    "spaced letters": partial(_between, " "),
    "letters two spaces apart": partial(_between, "  "),
    "one letter a line": partial(_between, "\n"),
    "dotted letters": partial(_between, "."),
    "invisible characters": partial(_between, ZERO_WIDTH),
    "struck through": _struck,
    "stretched": _stretched,
    "capital I for l": partial(_translated, {ord("l"): "I"}),
}


def disguised(text: str, name: str, seed: int) -> str:
    """About half of the longer words of a text in the disguise of that name, one of them at least."""
    disguise, dice = DISGUISES[name], random.Random(f"{seed} {name} {text}")
    words = list(_WORD.finditer(text))
    chosen = {word.start() for word in words if dice.random() < 0.5} or {word.start() for word in words[:1]}
    return _WORD.sub(lambda found: disguise(found[0]) if found.start() in chosen else found[0], text)
