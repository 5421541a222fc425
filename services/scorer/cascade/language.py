"""A text comes in; its language, and whether the scorer may be trusted with it, goes out. What may be slang stays open."""

import re
from dataclasses import dataclass
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

LEAST_LETTERS = 60
LEAST_FOREIGN_LETTERS = 12
# Letters of another script speak for themselves, but for faces made of a few.
LEAST_OTHER_LETTERS = 4
# Street language and typing errors look foreign to letter statistics; only texts with few words that are English alone are asked about.
# Of 197,000 texts of the written and shared data the answer names 101, nearly all of them foreign, and of the written ones none.
PLAIN_SHARE = 0.08
ENGLISH_SHARE = 0.12
# Spanish and Portuguese share a text's chances among them, dialects of English leave some to English.
SURE = 0.3
TIMES_ENGLISH = 45
# English of the Caribbean reads like Nigerian Pidgin to letter statistics; the scorer knows it. Addresses and names are no language.
KNOWN = ("en", "pcm", "zxx")
# Characters of each piece of a long text that are looked at: of its beginning, its middle and its end.
PIECE = 400
# Names of emoji are English, whoever typed them.
_NAME = re.compile(r"\w*_\w*")
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
# No other language has these, or seldom: of the everyday ones many are German, Spanish or Danish as well.
PLAIN = frozenset(
    """
    the and or if it its with from this that these those then than there their them they she him our you your what who when where why
    how not were been have just get got gonna wanna gotta would could should did does doesn didn wasn isn about never ever again any
    know think need says said because into really people only before after very something someone somebody nothing everyone everybody
    anyone nobody every much many being doing always told took take give keep another around away both each such while until through
    without since today tonight tomorrow yesterday morning whole own dead against woman women please two ur
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
    """Tell English from other languages where that can be told; of a long text any piece in another language makes it one."""
    if len(text) <= 2 * PIECE:
        return _of(text)
    middle = (len(text) - PIECE) // 2
    pieces = [_of(piece) for piece in (text[:PIECE], text[middle : middle + PIECE], text[-PIECE:])]
    return next((piece for piece in pieces if not piece.supported), ENGLISH if ENGLISH in pieces else OPEN)


def _of(text: str) -> Language:
    if "_" in text:
        text = _NAME.sub(" ", text)
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    foreign = not text.isascii() and _OTHER.search(text) is not None
    other = foreign and 2 * sum(len(word) for word in words if _OTHER.search(word)) > letters
    # One word may be laughter or a name.
    if letters < (LEAST_OTHER_LETTERS if other else LEAST_FOREIGN_LETTERS) or (len(words) == 1 and not other):
        return OPEN
    english = ENGLISH if letters >= LEAST_LETTERS else OPEN
    if sum(map(PLAIN.__contains__, words)) >= PLAIN_SHARE * len(words):
        return english
    tag, sure = _identifier().classify(text)
    if tag in KNOWN or (not other and (sure < SURE or sure < TIMES_ENGLISH * _known(text))):
        return english if sum(map(EVERYDAY.__contains__, words)) >= ENGLISH_SHARE * len(words) else OPEN
    return Language(str(tag), False)


def _known(text: str) -> float:
    chances = dict(_identifier().rank(text))
    return float(sum(chances[tag] for tag in KNOWN))


def prepare() -> None:
    """Load what tells languages apart; with the first text of another one it held the event loop up for a tenth of a second."""
    _identifier()


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
