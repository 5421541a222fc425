"""A text comes in; its language, and whether the scorer may be trusted with it, goes out. What may be slang stays open."""

import re
from dataclasses import dataclass
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Street language and typing errors look foreign to letter statistics; only texts without English words are asked about. Of 74,000
# short texts of the written and shared data the answer named fifteen, each of them foreign.
LEAST_LETTERS = 60
LEAST_FOREIGN_LETTERS = 12
# Letters of another script speak for themselves, but for faces made of a few.
LEAST_OTHER_LETTERS = 4
SURE = 0.9
ENGLISH_SHARE = 0.12
# English of the Caribbean reads like Nigerian Pidgin to letter statistics; the scorer knows it.
KNOWN = ("en", "pcm")
_WORD = re.compile(r"[^\W\d_]+")
_OTHER = re.compile("[\u0250-\u1dff\u1f00-\U0010ffff]")
EVERYDAY = frozenset(
    """
    the a an and or but if to of in on at for with from by is are was were be been am it its it's that this these those he she they
    we you i me my your his her their our us them him what who when where why how not no yes do does did don't dont can can't cant
    will would should could have has had just like get got go going gonna all so up out down about now then there here some any one
    two man bro fam yo ya u ur im i'm ill i'll never ever still even know see said say think want need make made back off over again
    too more than who's whos
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Language:
    """The language as a tag, None where the text is too short to tell."""

    tag: str | None
    supported: bool


OPEN = Language(None, True)
ENGLISH = Language("en", True)


def language_of(text: str) -> Language:
    """Tell English from other languages where that can be told."""
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    other = _OTHER.search(text) is not None and 2 * sum(len(word) for word in words if _OTHER.search(word)) > letters
    if letters < (LEAST_OTHER_LETTERS if other else LEAST_FOREIGN_LETTERS):
        return OPEN
    english = sum(map(EVERYDAY.__contains__, words))
    if english >= ENGLISH_SHARE * len(words):
        return ENGLISH if letters >= LEAST_LETTERS else OPEN
    tag, sure = _identifier().classify(text)
    if tag in KNOWN or (not other and sure < SURE):
        return OPEN
    return Language(str(tag), False)


def prepare() -> None:
    """Load what tells languages apart; with the first text of another one it held the event loop up for a tenth of a second."""
    _identifier()


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
