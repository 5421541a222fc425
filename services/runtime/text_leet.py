"""A text under way in, the same with digits and signs that stand for letters read as those letters out.

A token is read by its shape (one kind of digit between letters), or, where the shape may as well be a number, a plate, a postcode or
the name of a gun, if what it then spells is a word that people write.
"""

import re
from itertools import islice, product

from services.runtime.text_addresses import replace_outside_addresses
from services.runtime.text_map import Edit, Work
from services.runtime.text_words import words

# Too many numbers with a letter spell a shorter word.
SHORTEST_WORD = 4

_SIGNS = "@$!|\u20ac\u00a1"
_LETTERS = dict(zip("013457" + _SIGNS, "oieastasiiei", strict=True))
# What else a sign may stand for; only where a word vouches for it.
_VOUCHED = {**_LETTERS, "1": "il", "|": "il", "!": "il", "6": "bg", "8": "b", "9": "g"}
_MOST_READINGS = 64
_LEET_TOKEN = re.compile(rf"(?<![0-9a-z{_SIGNS}])[a-z]*+[0-9{_SIGNS}][0-9a-z{_SIGNS}]*")
# Cheap looks at a lower-cased text: each begins with a rare sign, so that plain text is passed over quickly.
_INSIDE = re.compile(rf"[013457{_SIGNS}](?<=[a-z].)[a-z013457@$|]")
_AT_AN_END = re.compile(r"[01345-9](?:(?<=[a-z]{2}.)|[a-z]{2})")
_DOLLAR_WORD = re.compile(r"\$[a-z]{3}")
# Numbers that belong inside a word: postcode districts with a letter behind, and names of things.
_GENUINE_NUMBER = re.compile(
    r"(?:ec[1-4]|wc[12]|sw1|nw1w|se1p|e1w|n1c)[a-z]?|w1[abcdfghjkstuw]|w3c|m1(?:a\d?|garand)|mp5[a-z]+|b4u|[mc]4[ad]|[a-z]+\d+s|0(?:km|ml|mph|pts|deg|day|hrs|min|sec)\w*"
)
# A plate or a postcode without its space: read only where it spells a word ("ki11ing").
_PLATE = re.compile(r"[a-z]{2}[0-9]{2}[a-z]{3}|[a-z]{1,2}[0-9][0-9a-z]?[0-9][a-z]{2}")
# What stands behind a number between two words: "at5pm", "kill4u", "flat4b".
_SHORT_BEFORE = frozenset({"at", "by", "ps", "mp"})
_UNITS = frozenset({"pm", "am", "k", "u", "a", "b", "pro"})
_AT_A_NUMBER = re.compile(r"[a-z]+@[0-9]+(?:am|pm)?")
_COUNTED = re.compile(r"(?P<before>[a-z]*)(?P<number>[0-9]+)(?P<after>[a-z]*)")
_DIGITS = re.compile(r"[0-9]+")
_SIGN_RUN = re.compile(rf"([{_SIGNS}])\1*")
# Two letters and a number are a plate, a gun or a postcode (ba11, se11), but for these.
_NO_NUMBERS = frozenset("bi11 fi11 he11 hi11 ki11 pi11 te11 we11 wi11".split())  # noqa: SIM905
_VOWELS = frozenset("aeiou")
_BEFORE_L = frozenset("bcfgps")


def maybe_leet(text: str) -> bool:
    """Whether a lower-cased text may hold leet; False is certain."""
    return bool(_INSIDE.search(text) or _AT_AN_END.search(text) or _DOLLAR_WORD.search(text))


def read_leet(work: Work) -> None:
    """Digits and signs that stand for letters inside words become those letters; numbers with a meaning of their own stay."""
    text = work.text
    if not maybe_leet(text):
        return
    edits: list[Edit] = []
    for found in _LEET_TOKEN.finditer(text):
        token = found.group()
        core = token.strip("!|@\u00a1")
        # Lower case: there is a letter in it.
        if not token.islower() or core.isalpha() or (found.start() and text[found.start() - 1].isalnum()):
            continue
        start = found.start() + token.index(core)
        read = _read(core)
        if read != core:
            edits.append((start, start + len(core), read))
    replace_outside_addresses(work, edits)


def _read(core: str) -> str:
    """A token with its leet read as letters, or as it was when its numbers are numbers."""
    if _GENUINE_NUMBER.fullmatch(core) or _AT_A_NUMBER.fullmatch(core):
        return core
    if _PLATE.fullmatch(core):
        return _vouched(core)
    if _shaped_like_a_word(core):
        spelled = _spelled(core)
        return core if spelled not in words() and _parts_two_words(core) else spelled
    return core if len(core) < SHORTEST_WORD or _counts(core) else _vouched(core)


def _parts_two_words(core: str) -> bool:
    """Whether a number stands between two words, or a word and a unit, that are not one word: march4marriage, at5pm."""
    found = _COUNTED.fullmatch(core)
    if found is None or not (found["before"] in words() or found["before"] in _SHORT_BEFORE):
        return False
    return found["after"] in words() or found["after"] in _UNITS


def _spelled(core: str) -> str:
    letters: list[str] = []
    for at, sign in enumerate(core):
        plain = _LETTERS.get(sign, sign)
        if sign in "1|" and _reads_as_l(letters, core, at):
            plain = "l"
        letters.append(plain)
    return "".join(letters)


def _reads_as_l(letters: list[str], core: str, at: int) -> bool:
    before = letters[-1] if letters else ""
    after = core[at + 1 : at + 2]
    return before in _VOWELS or (before == "l" and core[at - 1] in "1|") or (before in _BEFORE_L and after in _VOWELS)


def _shaped_like_a_word(core: str) -> bool:
    for run in _DIGITS.finditer(core):
        digits, start, end = run.group(), run.start(), run.end()
        at_start = start == 0 and digits == "0" and core[1:4].isalpha() and len(core) > 3
        if end == len(core) or (start == 0 and not at_start) or len(set(digits)) > 1 or digits[0] in "2689":
            return False
    for run in _SIGN_RUN.finditer(core):
        left, right = run.start(), len(core) - run.end()
        if run.group()[0] == "$":
            if (left == 0 and right < 3) or (right == 0 and len(run.group()) < 2):
                return False
        elif left == 0 or right == 0 or (left > 2 and right > 2) or len(run.group()) > 1:
            return False
    return True


def _counts(core: str) -> bool:
    """Whether a number stands before or behind a word or a unit: year7, 5kids, 100k, ar15, level10."""
    found = _COUNTED.fullmatch(core)
    if found is None or (found["before"] and found["after"]):
        return False
    rest = found["before"] or found["after"]
    return rest in words() or (len(rest) < 3 and len(found["number"]) > 1 and core not in _NO_NUMBERS)


def _vouched(core: str) -> str:
    """The first reading that is a word, else the token."""
    choices = [_VOUCHED.get(sign, sign) for sign in core]
    readings = map("".join, islice(product(*choices), _MOST_READINGS))
    return next((reading for reading in readings if reading in words()), core)
