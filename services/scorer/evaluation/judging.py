"""Held-out rows and their scores come in; what the model card says of them goes out. Pure but for the clock of `timed`."""

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.content import NormalisedText
from schemas.vocabulary import Exemption, ViolenceType
from services.scorer.lines import a_text
from services.scorer.ports import Classifier, Content, Score
from services.scorer.training import measures
from services.scorer.training.corpus import Row

Values = NDArray[np.float64]
BATCH = 64
# Mentions that must not change how a harmless text is read; looked for in normalised harmless held-out texts.
GROUPS: Mapping[str, str] = {
    "women, girls": r"\b(?:wom[ae]n|girls?|females?|ladies|wife|mum)\b",
    "men, boys": r"\b(?:m[ae]n|boys?|males?|lads?|husband|dad)\b",
    "muslims": r"\b(?:muslims?|islam|mosque|hijab|moslems?)\b",
    "jews": r"\b(?:jew(?:s|ish)?|synagogue|shabbat)\b",
    "christians": r"\b(?:christians?|church|jesus)\b",
    "black people": r"\bblacks?\b",
    "white people": r"\bwhites?\b",
    "asian people": r"\b(?:asians?|chinese|indians?|pakistanis?)\b",
    "migrants": r"\b(?:im)?migrants?\b|\brefugees?\b",
    "gay and trans people": r"\b(?:gays?|lesbians?|trans|queer)\b",
    "African-American English (tweets)": r"\b(?:finna|ain'?t|y'?all|bruh|nah|tryna|imma|homie|dey|da)\b",
    "London English": r"\b(?:bruv|fam|mandem|wagwan|innit|peng|bare|ting|ends|wallahi|akh)\b",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One source: how many texts, how many of them violent, and how the scores order and estimate them."""

    name: str
    rows: int
    violent: int
    precision: float
    recall_5: float
    recall_2: float
    recall_1: float
    error: float


def scored(classifier: Classifier, texts: Sequence[str], tick: Callable[[int], None]) -> list[Score]:
    """Scores of texts, in order; `tick` hears how many more are done."""
    made: list[Score] = []
    for at in range(0, len(texts), BATCH):
        part = [Content((a_text(text),)) for text in texts[at : at + BATCH]]
        made += classifier.score(part)
        tick(len(part))
    return made


def judged(name: str, rows: Sequence[Row], scores: Values) -> Judged:
    """One line of the table; `scores` belong to `rows`."""
    labels = np.array([(row.violence or 0) > 0.5 for row in rows], bool)
    return Judged(
        name=name,
        rows=len(rows),
        violent=int(labels.sum()),
        precision=measures.average_precision(labels, scores),
        recall_5=measures.recall_at(labels, scores, 0.05),
        recall_2=measures.recall_at(labels, scores, 0.02),
        recall_1=measures.recall_at(labels, scores, 0.01),
        error=measures.calibration_error(labels, scores),
    )


@dataclass(frozen=True, slots=True)
class Coded:
    """Coded texts beside harmless ones: how many of each, and recall at 2 % false positives."""

    name: str
    violent: int
    harmless: int
    recall: float


def coded(name: str, violent: Values, harmless: Values) -> Coded:
    """One line of the table, of the scores of both."""
    return Coded(name, len(violent), len(harmless), _recall_beside(violent, harmless, 0.02))


def _recall_beside(violent: Values, harmless: Values, false_positive_rate: float) -> float:
    labels = np.repeat([True, False], [len(violent), len(harmless)])
    return measures.recall_at(labels, np.concatenate((violent, harmless)), false_positive_rate)


@dataclass(frozen=True, slots=True)
class Blind:
    """One block of a blind set: how many texts, the shares above each bar, and recall at 2 and 5 % false positives where violent."""

    name: str
    texts: int
    flagged: tuple[float, ...]
    recall_2: float
    recall_5: float


def blind(name: str, scores: Values, harmless: Values | None, bars: Sequence[float]) -> Blind:
    """One line of the table; `harmless` are the scores that a violent block is measured beside, None for a harmless block."""
    flagged = tuple(float((scores >= bar).mean()) for bar in bars)
    if harmless is None:
        return Blind(name, len(scores), flagged, float("nan"), float("nan"))
    recall_2, recall_5 = (_recall_beside(scores, harmless, rate) for rate in (0.02, 0.05))
    return Blind(name, len(scores), flagged, recall_2, recall_5)


@dataclass(frozen=True, slots=True)
class Named:
    """One violence type or exemption: how many texts have it, how well it is ranked, its mean probability where it is and where not."""

    name: str
    having: int
    of: int
    ranked: float
    there: float
    elsewhere: float


def named(rows: Sequence[Row], scores: Sequence[Score]) -> list[Named]:
    """Types among violent texts, exemptions among all, where an author said which a text has."""
    made = []
    for kind in ViolenceType:
        asked = [
            (kind in r.types, s.types.get(kind, 0.0))
            for r, s in zip(rows, scores, strict=True)
            if r.types and r.violence
        ]
        made.append(_named(kind, asked))
    for exempt in Exemption:
        known = [(r, s) for r, s in zip(rows, scores, strict=True) if r.exemptions is not None]
        asked = [(exempt in (r.exemptions or ()), s.exemptions.get(exempt, 0.0)) for r, s in known]
        made += [_named(exempt, asked)] if exempt is not Exemption.NONE else []
    return made


def _named(name: str, asked: Sequence[tuple[bool, float]]) -> Named:
    has = np.array([one for one, _ in asked], bool)
    said = np.array([value for _, value in asked], float)
    there, elsewhere = (float(part.mean()) if len(part) else float("nan") for part in (said[has], said[~has]))
    return Named(name, int(has.sum()), len(asked), measures.pairs_in_order(has, said), there, elsewhere)


@dataclass(frozen=True, slots=True)
class Flagged:
    """How many harmless texts, and the share of them flagged at the threshold."""

    texts: int
    share: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Harmless texts that mention a group: those that others posted, and our own, most of which were written to mislead a model."""

    name: str
    others: Flagged
    own: Flagged


def gaps(rows: Sequence[Row], scores: Values, threshold: float, own: Collection[str]) -> list[Gap]:
    """One line a group, and one for all harmless texts; `own` are the names of our own sources."""
    harmless = [(row, score) for row, score in zip(rows, scores, strict=True) if row.violence == 0]

    def line(name: str, pattern: str) -> Gap:
        found = [(row.source in own, score) for row, score in harmless if re.search(pattern, row.normalised)]
        others, ours = ([score for of_own, score in found if of_own is kind] for kind in (False, True))
        return Gap(name, _flagged(others, threshold), _flagged(ours, threshold))

    return [line(name, pattern) for name, pattern in {"all harmless texts": "", **GROUPS}.items()]


def _flagged(scores: Sequence[float], threshold: float) -> Flagged:
    return Flagged(len(scores), sum(score >= threshold for score in scores) / max(1, len(scores)))


def timed(work: Callable[[], object], texts: int) -> float:
    """Texts a second."""
    begun = time.perf_counter()
    work()
    return texts / (time.perf_counter() - begun)


def contents(texts: Sequence[str]) -> list[Content]:
    """As ingest hands them over."""
    parts: list[NormalisedText] = [a_text(text) for text in texts]
    return [Content((part,)) for part in parts]
