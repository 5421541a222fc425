"""A text under way in, the same with words put together again out: letters set apart, letters held, words run together in a hashtag."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, product

from services.runtime.text_addresses import replace_outside_addresses
from services.runtime.text_joined import parted
from services.runtime.text_map import Edit, Work
from services.runtime.text_words import SHORTEST, ranks, words

_SIGNS = r" \t.,\-_*~|/!+^=•·"
# One sign between letters, or the same one twice or three times, or a line each.
_SPACED = re.compile(
    rf"(?<![\w'])[a-z](?:(\r?\n|(?!\*\*)([{_SIGNS}])\2{{0,2}})[a-z])(?:\1[a-z](?![^\W_]|'))++(?![\w']|[.:/@]\w)"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
# Cheap looks at a lower-cased text: each begins with a rare sign, so that plain text is passed over quickly.
_SPACED_HINT = re.compile(rf"([\n{_SIGNS}])[a-z](?:\1{{1,3}}|\r\n)[a-z](?![a-z0-9'])")
_CUT_HINT = re.compile(r"[-.*/](?<=[a-z].)[a-z]")
_HELD = re.compile(r"([a-z])\1\1")
# One sign in the middle of letters, with nothing else around it.
_CUT = re.compile(r"(?<![\w'@*./-])([a-z]{1,12})[-.*/]([a-z]{1,12})(?![\w'@*/-]|\.\w)")
# "re-sign" is no "resign": what stands before a hyphen by right.
_LEADING = frozenset({"anti", "bi", "co", "de", "ex", "mis", "non", "out", "over", "pre", "re", "sub", "un", "up"})
_CAPITAL_I = re.compile(r"I(?<=[a-z].)")
_WITH_CAPITAL_I = re.compile(r"(?<!\w)[A-Za-z]?[a-z]*[a-z]I[a-zI]*(?!\w)|(?<!\w)I[a-z]+I[a-zI]*(?!\w)")
# Letters that are words by themselves in text speak: "u r a" is not a spelled-out word.
_TEXT_SPEAK = frozenset("abcikmnoruxy")
# Signs that part abbreviations and lists: so many letters apart by one of them hide nothing.
_LISTING, _LISTED = ".,/", 3
# Letters that are held in one word; of more, each stands twice: no word has so many, and every one doubles the readings.
_MOST_HELD = 6
# Where a word begins in other letters is not told by these capitals.
_TAG = re.compile(r"#([A-Za-z][A-Za-z0-9_]+)(?!\w)")
# A number belongs to the capitals before it (#MAC10, #SE15), unless it begins a word (#KILL2nite).
_PART = re.compile(
    r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[0-9]*[a-z][a-z0-9]*|[A-Z][A-Z0-9]*+s?(?![a-z])|[A-Z]++(?:[0-9]++(?![a-z]))?|[0-9]+"
)
# "world war iii" is no held letter.
_NUMERAL = re.compile(r"x{0,3}v?i{3}")


def holds_repeats(text: str) -> bool:
    """Whether a lower-cased text holds a letter longer than two."""
    return (_HELD if text.isascii() else _REPEATED).search(text) is not None


def maybe_spaced(text: str) -> bool:
    """Whether a lower-cased text may hold letters that are set apart; False is certain."""
    return _SPACED_HINT.search(text) is not None


def join_spaced(work: Work) -> None:
    """Letters set apart by one and the same sign become a word again: k i l l, k.i.l.l. Short abbreviations (R.I.P) hide nothing."""
    text = work.text
    if not maybe_spaced(text):
        return
    edits: list[Edit] = []
    hidden = False
    for found in _SPACED.finditer(text):
        gap = found[1]
        sign, letters = gap[-1], found[0].replace(gap, "")
        if not _is_spelled(letters, gap):
            continue
        hidden = hidden or sign not in _LISTING or len(letters) > _LISTED
        edits += [(at, at + len(gap), "") for at in range(found.start() + 1, found.end(), 1 + len(gap))]
    replace_outside_addresses(work, edits, obfuscated=hidden)


def _is_spelled(letters: str, gap: str) -> bool:
    """Whether letters apart by a gap hide a word. Where the gap is wide, "w d l" may be a table, and a word has to vouch for it."""
    if letters in words() and len(letters) > SHORTEST:
        return True
    if gap.isspace() and _TEXT_SPEAK.issuperset(letters):
        return False
    return (len(gap) == 1 and gap != "\n") or letters in words() or bool(parted(letters))


def holds_cut(text: str) -> bool:
    """Whether a lower-cased text holds a word that a sign cuts in two."""
    return _CUT_HINT.search(text) is not None and next(_joints(text), None) is not None


def join_cut(work: Work) -> None:
    """A word that one sign cuts in two becomes one again, where a part of it is no word: ki-ll, sh.oot."""
    if holds_cut(work.text):
        replace_outside_addresses(work, [(at, at + 1, "") for at in _joints(work.text)])


def _joints(text: str) -> Iterator[int]:
    for found in _CUT.finditer(text):
        before, after = found.groups()
        whole = before + after
        # "t-shirt", "re-sign" and "P.Rice" are what they are.
        led = before in _LEADING or (len(before) == 1 and after in ranks())
        if len(whole) > SHORTEST and whole in words() and not led and not (before in ranks() and after in ranks()):
            yield found.end(1)


def maybe_capital_i(text: str) -> bool:
    """Whether a text, as typed, may hold capitals that are read as a small l; False is certain."""
    return _CAPITAL_I.search(text) is not None


def read_capital_i(work: Work) -> None:
    """A capital I within a word is the small l it looks like, where that makes a word: kiII, yourseIf."""
    if not maybe_capital_i(work.text):
        return
    edits: list[Edit] = []
    for found in _WITH_CAPITAL_I.finditer(work.text):
        word = found.group()
        if word.lower() not in ranks() and (read := word.replace("I", "l")).lower() in words():
            edits.append((*found.span(), read))
    replace_outside_addresses(work, edits)


def cap_repeats(work: Work) -> None:
    """A letter that is held longer than two stands twice, or once where that makes a word that people write: killll, youuu."""
    if not holds_repeats(work.text):
        return
    edits = [edit for word in _LETTERS.finditer(work.text) for edit in _capped(word.group(), word.start())]
    replace_outside_addresses(work, edits, obfuscated=False)


def _capped(word: str, start: int) -> Iterator[Edit]:
    held = [] if _NUMERAL.fullmatch(word) else list(_REPEATED.finditer(word))
    times: Sequence[int] = (2,) * len(held)
    if 0 < len(held) <= _MOST_HELD:
        choices = product((2, 1), repeat=len(held))
        times = next((each for each in choices if _held(word, held, each) in words()), times)
    for run, count in zip(held, times, strict=True):
        yield start + run.start() + 1, start + run.end(), run.group(1) * (count - 1)


def _held(word: str, held: Sequence[re.Match[str]], times: Sequence[int]) -> str:
    pieces, at = "", 0
    for run, count in zip(held, times, strict=True):
        pieces += word[at : run.start()] + run.group(1) * count
        at = run.end()
    return pieces + word[at:]


def runs_together(text: str) -> bool:
    """Whether a hashtag of the text, as typed, holds several words."""
    return next(_later_words(text), None) is not None


def part_hashtags(work: Work) -> None:
    """Words that capitals begin in a hashtag stand apart: #StopTheViolence."""
    edits = [(at, at + 1, f" {work.text[at]}") for at in _later_words(work.text)]
    replace_outside_addresses(work, edits, obfuscated=False)


def _later_words(text: str) -> Iterator[int]:
    """Where every word but the first of each hashtag begins."""
    if "#" in text:
        for tag in _TAG.finditer(text):
            yield from (part.start() for part in islice(_PART.finditer(text, *tag.span(1)), 1, None))
