"""A text under way in, the same with one kind of obfuscation undone: the steps of the text normaliser, in their order."""

import re
import unicodedata
from collections.abc import Callable, Iterator

from schemas.vocabulary import TextFlag
from services.runtime import text_tables as tables
from services.runtime.text_emoji import name_emoji
from services.runtime.text_joined import maybe_joined, part_joined
from services.runtime.text_leet import maybe_leet, read_leet
from services.runtime.text_letters import (
    cap_repeats,
    holds_cut,
    holds_repeats,
    join_cut,
    join_spaced,
    maybe_spaced,
    part_hashtags,
    runs_together,
)
from services.runtime.text_map import Edit, Work

# What may compose: no sign but the last one of plain ASCII takes part.
_FOREIGN = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")
# Marks are put in order in time that grows with the square of their number; no letter has this many.
_LONGEST_CLUSTER = 64
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WORD = re.compile(r"[^\W_]+")


def suspicious(text: str) -> bool:
    """Whether a lower-cased text may hold something that the letter steps, or the dropping of control characters, would change."""
    return bool(
        runs_together(text)
        or holds_repeats(text)
        or maybe_spaced(text)
        or holds_cut(text)
        or maybe_leet(text)
        or maybe_joined(text)
        or _holds_control(text)
    )


def _holds_control(text: str) -> bool:
    return not text.isprintable() and _CONTROL.search(text) is not None


def compose(work: Work) -> None:
    """NFKC, cluster by cluster, and one plain letter for small capitals."""
    if unicodedata.is_normalized("NFKC", work.text):
        return
    text = work.text
    edits: list[Edit] = []
    grown = 0
    for stretch in _FOREIGN.finditer(text):
        start = stretch.start()
        for end in _boundaries(text, start + 1, stretch.end()):
            piece = text[start:end]
            composed = tables.plain_punctuation(unicodedata.normalize("NFKC", piece))
            if composed != piece:
                if work.sparing:
                    composed = composed[: work.growth * len(piece)]
                edits.append((start, end, composed))
                grown += len(composed)
            start = end
            if grown > work.limit:
                break
        if grown > work.limit:
            break
    work.replace(edits)


def _boundaries(text: str, low: int, high: int) -> Iterator[int]:
    """Positions where no character composes with the one before, or where that goes on for too long, and the end."""
    combining, joining = unicodedata.combining, tables.JOINING_STARTERS
    begun = low - 1
    for at in range(low, high):
        letter = text[at]
        if letter < "\u0300" or (not combining(letter) and letter not in joining) or at - begun == _LONGEST_CLUSTER:
            begun = at
            yield at
    yield high


def drop_invisible(work: Work) -> None:
    """Characters that nobody sees go; so do struck-through and heaped marks. Lone surrogates become U+FFFD."""
    if work.text.isascii() and not _holds_control(work.text):
        return
    if tables.SURROGATE.search(work.text):
        work.replace([(m.start(), m.end(), "\ufffd") for m in tables.SURROGATE.finditer(work.text)])
    if tables.INVISIBLE.search(work.text):
        _drop_unseen(work)
    heaps: list[Edit] = [(m.start(), m.end(), "") for m in tables.HEAPED_MARKS.finditer(work.text)]
    if heaps:
        work.replace(heaps)
        work.flags.add(TextFlag.OBFUSCATED)


def _drop_unseen(work: Work) -> None:
    text = work.text
    kept = {m.start() for m in tables.MEANT_JOINER.finditer(text)}
    edits: list[Edit] = []
    for found in tables.INVISIBLE.finditer(text):
        start, end = found.span()
        if end - start == 1 and start in kept:
            continue
        edits.append((start, end, ""))
        if not tables.UNREMARKABLE.issuperset(found.group()):
            work.flags.add(TextFlag.INVISIBLE)
            if start > 0 and end < len(text) and text[start - 1].isalpha() and text[end].isalpha():
                work.flags.add(TextFlag.OBFUSCATED)
    if edits:
        work.replace(edits)


def latinise(work: Work) -> None:
    """Look-alike letters become a-z inside words that mix scripts, and in words of look-alikes alone within Latin text.

    Genuine words of another script stay: a word with a letter that has no Latin twin is one, and its presence vouches for the rest.
    """
    table = tables.lookalikes()
    text = work.text
    if table.small_capitals.search(text):
        text = text.translate(table.latin)
        work.replace([(0, len(text), text)])
    if not table.finder.search(text):
        return
    edits: list[Edit] = []
    alone: list[Edit] = []
    latin_words = vouched = False
    for found in _WORD.finditer(text):
        word = found.group()
        foreign = [letter for letter in word if not letter.isascii()]
        mixed = any("a" <= letter <= "z" or "A" <= letter <= "Z" for letter in word)
        latin_words = latin_words or (mixed and not foreign)
        if not foreign:
            continue
        known = all(letter in table.wide for letter in foreign)
        if mixed and any(letter in table.wide for letter in foreign):
            work.flags.add(TextFlag.MIXED_SCRIPT)
        if mixed and known:
            edits.append((*found.span(), "".join(table.wide.get(letter, letter) for letter in word)))
        elif not mixed and len(foreign) > 2 and all(letter in table.sure for letter in foreign):
            alone.append((*found.span(), "".join(table.sure.get(letter, letter) for letter in word)))
        elif not mixed and not unicodedata.name(foreign[0], "").startswith("LATIN"):
            vouched = vouched or not known
    if latin_words and not vouched:
        edits = sorted(edits + alone)
    if edits:
        work.replace(edits)
        work.flags.add(TextFlag.OBFUSCATED)


def lower(work: Work) -> None:
    """Lower case, one for one; a capital whose small form is longer keeps its base letter."""
    text = work.text.lower()
    if len(text) != len(work.text):
        text = "".join(letter.lower()[:1] for letter in work.text)
    if text != work.text:
        work.replace([(0, len(text), text)])


UNICODE_STEPS: tuple[Callable[[Work], None], ...] = (name_emoji, compose, drop_invisible, latinise)
LETTER_STEPS: tuple[Callable[[Work], None], ...] = (
    part_hashtags,
    join_spaced,
    join_cut,
    read_leet,
    part_joined,
    cap_repeats,
)
