"""The lexicon: a TOML file of coded terms comes in; hits with gloss, senses and spans in the original text go out."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from schemas.content import NormalisedText
from schemas.scoring import Signal
from schemas.vocabulary import SignalKind, ViolenceType
from services.runtime.data_file import Table, load
from services.runtime.text import normalise, to_original
from services.scorer.phrases import Hit, Phrases

PACKAGED = Path(__file__).parent / "data" / "lexicon.toml"
# Nobody reads more, and a text of nothing but knives holds thousands.
MOST_SIGNALS = 32


class Term(Table):
    """One coded term: what it means in harm, what else it means, where and since when, and when to look at it again."""

    term: str
    forms: tuple[str, ...]
    kind: str
    category: str
    gloss: str
    harmful: str
    harmless: tuple[str, ...]
    types: tuple[ViolenceType, ...]
    region: tuple[str, ...]
    first_seen: str
    review_by: date
    strength: Annotated[float, Field(ge=0, le=1)]
    gang: bool
    examples: dict[str, tuple[str, ...]]


class _File(Table):
    version: str
    first_seen_basis: str | None = None
    term: tuple[Term, ...]
    digest: str = ""


class Lexicon:
    """All terms, searchable; `digest` identifies the file. It signals and explains, alone it never decides."""

    def __init__(self, terms: tuple[Term, ...], digest: str) -> None:
        self.terms = terms
        self.digest = digest
        # Texts are searched in their normalised form, so the forms have to stand in it as well: emoji become names.
        forms = {normalise(form).text.strip(): term for term in terms for form in (term.term, *term.forms)}
        self._phrases = Phrases((form, term) for form, term in forms.items() if form)

    def find(self, normalised: str) -> list[Hit[Term]]:
        """Terms in a normalised text, whole words, longest first where they overlap."""
        return self._phrases.find(normalised)


def signals_of(texts: Sequence[NormalisedText], hits: Sequence[Sequence[Hit[Term]]]) -> list[Signal]:
    """The hits of the texts, in order, as signals whose spans lie in the ORIGINAL texts; of too many, each term before any repeats."""
    found = [(number, text, hit) for number, (text, of) in enumerate(zip(texts, hits, strict=True)) for hit in of]
    if len(found) > MOST_SIGNALS:
        told = Counter[str]()
        turns: list[int] = []
        for _, _, hit in found:
            told[hit.meaning.term] += 1
            turns.append(told[hit.meaning.term])
        kept = sorted(range(len(found)), key=turns.__getitem__)[:MOST_SIGNALS]
        found = [found[place] for place in sorted(kept)]
    return [_signal(*each) for each in found]


def _signal(number: int, text: NormalisedText, hit: Hit[Term]) -> Signal:
    start, end = to_original(text.offsets, hit.start, hit.end)
    return Signal(
        kind=SignalKind.CODED_TERM,
        text=number,
        role=text.role,
        start=start,
        end=end,
        term=hit.meaning.term,
        gloss=hit.meaning.gloss,
        weight=hit.meaning.strength,
    )


def load_lexicon(path: Path = PACKAGED) -> Lexicon:
    """Read and check a lexicon file. Raises Fatal naming the file and every mistake with its line."""
    file = load(_File, path, "lexicon")
    return Lexicon(file.term, file.digest)
