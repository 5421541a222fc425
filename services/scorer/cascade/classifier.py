"""Contents come in; calibrated, explained scores go out: tier 1 reads everything, tier 2 what is not plainly harmless to it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.scoring import Signal
from schemas.vocabulary import SignalKind, Tier
from services.runtime.errors import Fatal
from services.scorer.cascade import explain, labels
from services.scorer.cascade.calibration import Calibration, load_calibration, probability
from services.scorer.cascade.language import Language, language_of, prepare
from services.scorer.cascade.linear import HEAD_BUCKETS, Linear
from services.scorer.cascade.model_files import CALIBRATION, ENCODER, HEADS, LINEAR, VOCABULARY, ModelFiles
from services.scorer.cascade.ngrams import BUCKETS
from services.scorer.cascade.readings import Reading, Readings
from services.scorer.cascade.sides import exemptions_of, gang_of, overtness_of, types_of
from services.scorer.cascade.transformer import Transformer
from services.scorer.cascade.vocabulary import words_of
from services.scorer.cascade.windows import Unit, units
from services.scorer.lexicon import Lexicon, signals_of
from services.scorer.ports import SILENT, ClassifierDigests, Content, Score
from services.scorer.settings import Share

# Stretches of one content that tier 2 reads: the ones that tier 1 finds strongest.
STRETCHES = 3
UNSUPPORTED_CONFIDENCE = 0.2


@dataclass(frozen=True, slots=True)
class Gate:
    """Which texts tier 2 reads: those above a share of the stream, and of a batch no more than `runs` new ones (None: all).

    Naming the words of a violent one takes up to `explain.ASKED` runs more; where coded terms explain it, only if `thorough`.
    """

    share: str = Share.ALL
    runs: int | None = None
    threads: int = 1
    remembered: int = 20_000
    explain: bool = True
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    content: Content
    units: Sequence[Unit]
    complete: bool
    chosen: tuple[str, ...]


class Cascade:
    """The trained classifier. A content's score does not depend on its neighbours, unless it says `degraded`."""

    def __init__(self, files: ModelFiles, lexicon: Lexicon, gate: Gate) -> None:
        prepare()
        self._calibration = load_calibration(files.contents[CALIBRATION])
        self._gate = gate
        self._lowest = gate_of(self._calibration, gate.share)
        self._readings = Readings(
            lexicon,
            linear_of(files, self._calibration),
            Transformer(files.contents[ENCODER], words_of(files.contents[VOCABULARY])),
            self._calibration,
            gate.remembered,
            gate.threads,
        )
        self._words = lru_cache(gate.remembered)(partial(explain.weighty_words, self._readings))
        self.digests = ClassifierDigests(files.digest, lexicon.digest, files.calibration_digest)

    def score(self, contents: Sequence[Content]) -> list[Score]:
        """One Score per content, in order."""
        split = [units(content.texts) for content in contents]
        first = self._readings.first(unit.text for of, _ in split for unit in of)
        cases = [_Case(c, *of, self._chosen(of[0], first)) for c, of in zip(contents, split, strict=True)]
        second = self._escalate(cases, first)
        return [self._judge(case, first, second) for case in cases]

    def _chosen(self, of: Sequence[Unit], first: Mapping[str, Reading]) -> tuple[str, ...]:
        texts = list(dict.fromkeys(unit.text for unit in of if first[unit.text].linear >= self._lowest))
        return tuple(sorted(texts, key=lambda text: (-first[text].linear, text))[:STRETCHES])

    def _escalate(self, cases: Sequence[_Case], first: Mapping[str, Reading]) -> dict[str, Reading]:
        wanted = list(dict.fromkeys(text for case in cases for text in case.chosen))
        known = [text for text in wanted if first[text].transformer is not None]
        new = [text for text in wanted if first[text].transformer is None]
        if self._gate.runs is not None and len(new) > self._gate.runs:
            new = sorted(new, key=lambda text: (-first[text].linear, text))[: self._gate.runs]
        done = self._readings.second([first[text] for text in new])
        return {reading.text: reading for reading in [*done, *(first[text] for text in known)]}

    def _judge(self, case: _Case, first: Mapping[str, Reading], second: Mapping[str, Reading]) -> Score:
        if not case.units:
            return SILENT
        language = _language(case.content)
        asked = {text for text in case.chosen if text in second}
        read = {unit.text: (second if unit.text in asked else first)[unit.text] for unit in case.units}
        # What another content made tier 2 say of the same words must not change this one.
        odds = {t: (self._readings.odds if t in asked else self._readings.linear_odds)(r) for t, r in read.items()}
        best = max(case.units, key=lambda unit: odds[unit.text])
        reading = read[best.text] if best.text in asked else replace(read[best.text], transformer=None)
        p = probability(odds[best.text])
        degraded = any(text not in second for text in case.chosen)
        side = self._readings.side(reading)
        signals = [Signal(kind=SignalKind.UNSUPPORTED_LANGUAGE)] if not language.supported else []
        signals += self._signals(case, best, read, odds, ask=best.text in asked and not degraded)
        return Score(
            p_violence=p,
            types=types_of(side, p),
            exemptions=exemptions_of(side),
            calibrated=False,
            overtness=overtness_of(side, p, self._calibration.threshold),
            gang_related=gang_of(side, reading),
            language=language.tag,
            confidence=self._confidence(case, reading, p, language, degraded=degraded),
            tier=Tier.LINEAR if reading.transformer is None else Tier.TRANSFORMER,
            degraded=degraded,
            signals=tuple(signals),
        )

    def _signals(
        self, case: _Case, best: Unit, read: Mapping[str, Reading], odds: Mapping[str, float], *, ask: bool
    ) -> list[Signal]:
        texts = case.content.texts
        # A short text was searched when it was read; of a long one only its windows were.
        find = self._readings.lexicon.find
        hits = [read[t.normalised].hits if t.normalised in read else find(t.normalised) for t in texts]
        terms = signals_of(texts, hits)
        named = _named(case.units, best, odds)
        window = explain.window_signal(named, texts, odds[named.text])
        found = [*terms, window] if window is not None else terms
        if self._gate.explain and _worth_explaining(odds[best.text]):
            # Where coded terms explain already, the words cost no runs of tier 2: they would be most of what it does under load.
            ask = ask and (self._gate.thorough or not terms)
            found += explain.word_signals(self._words(read[best.text], transformer=ask), best, texts)
        return found

    def _confidence(self, case: _Case, reading: Reading, p: float, language: Language, *, degraded: bool) -> float:
        sure = max(p, 1 - p)
        if reading.transformer is not None:
            # Two readers that agree are to be believed more than either.
            sure = 0.5 * sure + 0.5 * (1 - abs(p - probability(self._readings.linear_odds(reading))))
        if degraded:
            sure *= 0.7
        if not case.complete:
            sure *= 0.8
        return round(min(sure, UNSUPPORTED_CONFIDENCE) if not language.supported else sure, 6)


def linear_of(files: ModelFiles, calibration: Calibration) -> Linear:
    """Tier 1 from its files. Raises Fatal naming one that does not have the size that this program expects."""
    scale = calibration.linear
    return Linear(
        _table(files, LINEAR, np.int16, BUCKETS),
        _table(files, HEADS, np.int8, HEAD_BUCKETS, labels.SIDE),
        np.asarray(scale.scales),
        np.asarray(scale.biases),
    )


def _table(files: ModelFiles, name: str, kind: type[np.signedinteger[Any]], *shape: int) -> NDArray[Any]:
    raw = files.contents[name]
    expected = math.prod(shape) * np.dtype(kind).itemsize
    if len(raw) != expected:
        raise Fatal(f"model file {name} holds {len(raw)} bytes, not the {expected} that this program expects")
    return np.frombuffer(raw, kind).reshape(shape)


def gate_of(calibration: Calibration, share: str) -> float:
    """The tier-1 logit above which that share of a stream lies. Raises Fatal for a share that the calibration does not name."""
    gates: dict[str, float] = {Share.ALL: -math.inf} | calibration.gates
    if share not in gates:
        raise Fatal(f"tier 2 cannot read a share of {share}: choose one of {', '.join(sorted(gates, reverse=True))}")
    return gates[share]


def _worth_explaining(odds: float) -> bool:
    return probability(odds) >= explain.EXPLAINED_FROM


def _named(units: Sequence[Unit], best: Unit, odds: Mapping[str, float]) -> Unit:
    """What decided; of words alone the strongest stretch of their text as it stands, if that says as much by itself: it is shorter."""
    if not best.alone:
        return best
    standing = (unit for unit in units if unit.number == best.number and not unit.alone)
    strongest = max(standing, key=lambda unit: odds[unit.text], default=best)
    return strongest if _worth_explaining(odds[strongest.text]) else best


def _language(content: Content) -> Language:
    return language_of(" ".join(text.normalised for text in content.texts))
