"""A normalised text and the lexicon come in; the text as each tier reads it, with what its coded terms can mean, goes out. Pure."""

import re
from collections.abc import Sequence

from services.scorer.lexicon import Lexicon, Term
from services.scorer.phrases import Hit

# More terms than these, or longer glosses, would crowd out the text itself.
TERMS = 3
GLOSS_WORDS = 4
_BRACKETS = re.compile(r"\s*\([^)]*\)")

Hits = Sequence[Hit[Term]]


def for_linear(text: str, hits: Hits) -> str:
    """The text and one word per sort of term found: tier 1 learns what sorts together mean."""
    if not hits:
        return text
    sorts = {f"lex_{hit.meaning.category}" for hit in hits}
    sorts |= {"lex_gang"} if any(hit.meaning.gang for hit in hits) else set()
    return f"{text} {' '.join(sorted(sorts))}"


def for_transformer(text: str, hits: Hits) -> str:
    """The text and the gloss of each term: a term that the lexicon learns tomorrow is read without training."""
    glosses: dict[str, str] = {}
    for hit in hits:
        glosses.setdefault(hit.phrase, short(hit.meaning.gloss))
    said = [f"{phrase} : {gloss}" for phrase, gloss in list(glosses.items())[:TERMS]]
    return " | ".join([text, *said])


def short(gloss: str) -> str:
    """The first words of a gloss, without what stands in brackets."""
    return " ".join(_BRACKETS.sub("", gloss).replace(",", " ,").split()[:GLOSS_WORDS]).rstrip(" ,").lower()


def read(lexicon: Lexicon, text: str) -> tuple[str, str]:
    """The text as tier 1 and as tier 2 read it."""
    hits = lexicon.find(text)
    return for_linear(text, hits), for_transformer(text, hits)
