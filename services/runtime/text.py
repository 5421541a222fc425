"""Text as a person typed it in, the same text with obfuscation undone and a map back to the original out; pure."""

from typing import NamedTuple

from schemas.vocabulary import TextFlag
from services.runtime.text_letters import maybe_capital_i, part_hashtags, read_capital_i, runs_together
from services.runtime.text_map import Run, Work, coarser, identity, to_original
from services.runtime.text_steps import LETTER_STEPS, UNICODE_STEPS, drop_invisible, lower, suspicious
from services.runtime.text_tables import plain_punctuation

__all__ = ["Normalised", "Run", "coarser", "identity", "normalise", "to_original"]

# A record has to stay within the broker's limit: what undoing blows up more than this is undone sparingly, and every word is kept.
GROWTH = 4
SLACK = 4_000
# Each round undoes what the one before laid bare; real text is stable after two.
ROUNDS = 8


class Normalised(NamedTuple):
    """The lower-cased plain text, the runs that map it back to the original, and what was found on the way."""

    text: str
    runs: tuple[Run, ...]
    flags: tuple[TextFlag, ...] = ()


def normalise(text: str, growth: int = GROWTH, slack: int = SLACK) -> Normalised:
    """Undo obfuscation: NFKC, invisible characters, look-alike letters, leet, spaced and held letters; name emoji; part hashtags; lower.

    Accepts any str, never raises, and leaves its own output unchanged. `NormalisedText` describes the runs `(n, o, length)`. The
    result is no longer than `growth` times the text and `slack`: beyond, some emoji are spaces, and it is flagged.
    """
    plain = plain_punctuation(text)
    if plain.isascii() and not runs_together(plain) and not maybe_capital_i(plain):
        plain = plain.lower()
        if not suspicious(plain):
            return Normalised(plain, identity(len(plain)))
    work = Work(plain, len(text), growth, slack)
    _undo(work)
    if work.outgrown:
        work = Work(plain, len(text), growth, slack, sparing=True)
        _undo(work)
    flags = tuple([flag for flag in TextFlag if flag in work.flags]) if work.flags else ()
    return Normalised(work.text, work.runs(), flags)


def _undo(work: Work) -> None:
    """Every step until nothing is left to undo, or the text has outgrown its bound."""
    read_capital_i(work)
    part_hashtags(work)
    for _ in range(ROUNDS):
        before = work.text
        more = _round(work)
        if work.text == before or work.outgrown or (work.text.isascii() and not (more and suspicious(work.text))):
            break


def _round(work: Work) -> bool:
    """Every step once; whether one that reads letters had something to do."""
    for step in UNICODE_STEPS:
        if not work.text.isascii() or step is drop_invisible:
            step(work)
            if work.outgrown:
                return False
    read_capital_i(work)
    lower(work)
    if not suspicious(work.text):
        return False
    for step in LETTER_STEPS:
        step(work)
    return True
