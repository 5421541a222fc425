"""A classifier that knows only the lexicon: coded terms in, a plain and honest score out; it says so in its digests."""

import math
from collections.abc import Iterable, Sequence

from schemas.scoring import GangRelated
from schemas.vocabulary import Exemption, Overtness, Tier, ViolenceType
from services.scorer.lexicon import Lexicon, Term, signals_of
from services.scorer.ports import ClassifierDigests, Content, Score


class LexiconClassifier:
    """Scores by noisy-or over the strengths of the terms found. Not calibrated: it orders, it does not estimate."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.digests = ClassifierDigests(model="lexicon-only", lexicon=lexicon.digest, calibration="none")

    def score(self, contents: Sequence[Content]) -> list[Score]:
        """One Score per content, in order; each depends on its own content alone."""
        return [self._score(content) for content in contents]

    def _score(self, content: Content) -> Score:
        hits = [self._lexicon.find(text.normalised) for text in content.texts]
        terms: dict[str, Term] = {hit.meaning.term: hit.meaning for of in hits for hit in of}
        types = {name: either(term.strength for term in terms.values() if name in term.types) for name in ViolenceType}
        p = either(term.strength for term in terms.values())
        gang = [term for term in terms.values() if term.gang]
        return Score(
            p_violence=p,
            types={name: value for name, value in types.items() if value > 0},
            exemptions={Exemption.NONE: 1.0},
            calibrated=False,
            overtness=Overtness.COVERT if terms else Overtness.NONE,
            gang_related=GangRelated(p=either(t.strength for t in gang), signals=tuple(sorted(t.term for t in gang))),
            language=None,
            confidence=0.3,
            tier=Tier.LEXICON,
            degraded=False,
            signals=tuple(signals_of(content.texts, hits)),
        )


def either(strengths: Iterable[float]) -> float:
    """Noisy-or: the probability that at least one of several independent signs is real; 0 for none."""
    return round(1 - math.prod(1 - s for s in strengths), 6)
