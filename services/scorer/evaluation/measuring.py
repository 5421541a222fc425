"""Held-out rows, the suite's cases and the blind sets come in and are scored; all that the model card says of them goes out."""

import json
import random
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from services.scorer.cascade.classifier import Cascade
from services.scorer.cascade.model_files import PACKAGED
from services.scorer.evaluation import judging
from services.scorer.evaluation.card import Results
from services.scorer.evaluation.disguises import DISGUISES, disguised
from services.scorer.evaluation.suite import BLIND, Function, Verdict, judge, read_suite
from services.scorer.lexicon import Lexicon
from services.scorer.ports import Classifier, Score
from services.scorer.training import measures
from services.scorer.training.corpus import Row, calibrates, load, read_again
from services.scorer.training.written import Written, read_written

TRAINING_LOG = PACKAGED / "training.json"
OWN = ("written", "lexicon")
ERRORS_SHOWN = 8
DISGUISED, SEED = 1_000, 20_261
Tick = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Sets:
    """What is scored: held-out rows as they were read and as their sources label them, the suite, the blind sets."""

    rows: Sequence[Row]
    as_labelled: Sequence[Row]
    functions: Sequence[Function]
    blind: Sequence[Written]

    @property
    def texts(self) -> int:
        """How many there are to score."""
        cases = sum(len(function.cases) for function in self.functions)
        return len(self.rows) + len(self.as_labelled) + cases + len(self.blind) + DISGUISED * (1 + len(DISGUISES))


def gathered(data: Path, lexicon: Lexicon) -> Sets:
    """All sets; the held-out rows of the shared data lie at `data`."""
    held_out = [row for row in load(data, lexicon) if row.dev]
    return Sets(
        rows=[row for row in held_out if row.violence is not None],
        as_labelled=[replace(row, violence=row.labelled) for row in held_out if row.labelled is not None],
        functions=read_suite(),
        blind=read_written(BLIND),
    )


def measured(sets: Sets, classifier: Cascade, threshold: float, tick: Tick) -> tuple[Results, list[measures.Bin]]:
    """What one run found, and the calibration of the half that did not calibrate; `tick` hears how many more texts are scored."""
    begun = time.perf_counter()
    rows = sets.rows
    said = judging.scored(classifier, [row.text for row in rows], tick)
    scores = np.array([score.p_violence for score in said])
    again = _scores(classifier, [row.text for row in sets.as_labelled], tick)
    bars = (threshold, measures.threshold_at(scores[_ordinary(rows)], 0.01))
    other = np.array([not calibrates(row) for row in rows])
    labels = np.array([(row.violence or 0) > 0.5 for row in rows])
    results = Results(
        digests=asdict(classifier.digests),
        threshold=threshold,
        sources=(
            *_sources(rows, scores),
            judging.judged("all shared sources as they are labelled", sets.as_labelled, again),
        ),
        read_again=_read_again(),
        calibration_error=measures.calibration_error(labels[other], scores[other]),
        coded=_coded(rows, scores),
        blind=_blind(classifier, sets.blind, bars, tick),
        disguised=_disguised(classifier, rows, tick),
        verdicts=tuple(_verdicts(classifier, sets.functions, threshold, tick)),
        named=tuple(_named(rows, said)),
        gaps=tuple(judging.gaps(rows, scores, threshold, OWN)),
        missed=tuple(_extremes(rows, scores, violent=True)),
        flagged=tuple(_extremes(rows, scores, violent=False)),
        seconds=time.perf_counter() - begun,
        texts=sets.texts,
        memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        training=json.loads(TRAINING_LOG.read_text()) if TRAINING_LOG.exists() else {},
    )
    return results, measures.bins(labels[other], scores[other])


def _scores(classifier: Classifier, texts: Sequence[str], tick: Tick) -> judging.Values:
    return np.array([score.p_violence for score in judging.scored(classifier, texts, tick)])


def _verdicts(classifier: Classifier, functions: Sequence[Function], threshold: float, tick: Tick) -> list[Verdict]:
    cases = [case for function in functions for case in function.cases]
    return judge(functions, dict(zip(cases, _scores(classifier, cases, tick), strict=True)), threshold)


def _read_again() -> dict[str, int]:
    """How many labels a second reading changed, by what they became."""
    found = list(read_again().values())
    return {"violent": found.count(1), "not violent": found.count(0), "undecided": found.count(None)}


def _sources(rows: Sequence[Row], scores: judging.Values) -> list[judging.Judged]:
    names = sorted({row.source for row in rows})
    made = [judging.judged("all held-out rows", rows, scores)]
    shared = [n for n, row in enumerate(rows) if row.source not in OWN]
    made.append(judging.judged("all shared sources", [rows[n] for n in shared], scores[shared]))
    for name in names:
        chosen = [n for n, row in enumerate(rows) if row.source == name]
        made.append(judging.judged(name, [rows[n] for n in chosen], scores[chosen]))
    return made


def _named(rows: Sequence[Row], said: Sequence[Score]) -> list[judging.Named]:
    """Types and exemptions on own held-out texts, the half that did not calibrate."""
    chosen = [n for n, row in enumerate(rows) if row.source == "written" and not calibrates(row)]
    return judging.named([rows[n] for n in chosen], [said[n] for n in chosen])


def _coded(rows: Sequence[Row], scores: judging.Values) -> list[judging.Coded]:
    """Coded texts of held-out idioms beside harmless ones of the project, and beside ordinary posts of others as well."""
    covert = [n for n, r in enumerate(rows) if r.source in OWN and r.violence and r.overtness in ("covert", "mixed")]
    street = [n for n in covert if rows[n].gang]
    own = [n for n, r in enumerate(rows) if r.source in OWN and not r.violence]
    return [
        judging.coded(f"{who} beside {whom}", scores[texts], scores[harmless])
        for who, texts in (("coded street language", street), ("everything coded", covert))
        for whom, harmless in (("look-alikes", own), ("look-alikes and ordinary posts", own + _ordinary(rows)))
    ]


def _ordinary(rows: Sequence[Row]) -> list[int]:
    """Where the harmless posts of others stand."""
    return [n for n, row in enumerate(rows) if row.source not in OWN and row.violence == 0]


def _blind(classifier: Classifier, texts: Sequence[Written], bars: Sequence[float], tick: Tick) -> list[judging.Blind]:
    """Each block of the blind sets: the shares at or above the bars, and recall beside all harmless texts of its set."""
    scores = _scores(classifier, [text.text for text in texts], tick)
    made = []
    for name in dict.fromkeys(text.idiom for text in texts):
        block = np.array([text.idiom == name for text in texts])
        first = texts[int(block.argmax())]
        harmless = np.array([not t.violence and t.file == first.file for t in texts])
        made.append(judging.blind(name, scores[block], scores[harmless] if first.violence else None, bars))
    return made


def _disguised(classifier: Classifier, rows: Sequence[Row], tick: Tick) -> list[tuple[str, float]]:
    """AUPRC of the same own held-out texts, as written and in every disguise."""
    own = [row for row in rows if row.source == "written"]
    chosen = random.Random(SEED).sample(own, min(DISGUISED, len(own)))
    labels = np.array([bool(row.violence) for row in chosen])

    def precision(texts: Sequence[str]) -> float:
        return measures.average_precision(labels, _scores(classifier, texts, tick))

    made = [("as written", precision([row.text for row in chosen]))]
    return made + [(name, precision([disguised(row.text, name, SEED) for row in chosen])) for name in DISGUISES]


def _extremes(rows: Sequence[Row], scores: judging.Values, *, violent: bool) -> list[tuple[str, float]]:
    """The project's own held-out texts that came out most wrong."""
    chosen = [n for n, row in enumerate(rows) if row.source == "written" and bool(row.violence) == violent]
    order = sorted(chosen, key=lambda n: (scores[n] if violent else -scores[n], rows[n].text))
    return [(rows[n].text, float(scores[n])) for n in order[:ERRORS_SHOWN]]
