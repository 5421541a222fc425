"""`make eval`: the committed model is judged on held-out data and the functional suite; tables go to the terminal, the card to a file."""

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.scorer.cascade.calibration import load_calibration
from services.scorer.cascade.classifier import Cascade, Gate
from services.scorer.cascade.model_files import CALIBRATION, PACKAGED, load_model_files
from services.scorer.evaluation import judging
from services.scorer.evaluation.card import Results, card
from services.scorer.evaluation.disguises import DISGUISES, disguised
from services.scorer.evaluation.plots import reliability_plot, suite_plot
from services.scorer.evaluation.suite import BLIND, Verdict, judge, read_suite
from services.scorer.lexicon import load_lexicon
from services.scorer.ports import Classifier, Score
from services.scorer.training import measures
from services.scorer.training.corpus import Row, calibrates, load, read_again
from services.scorer.training.written import Written, read_written

CARD = Path(__file__).parents[1] / "MODEL_CARD.md"
PLOTS = Path(__file__).parent / "plots"
TRAINING_LOG = PACKAGED / "training.json"
OWN = ("written", "lexicon")
ERRORS_SHOWN = 8
DISGUISED, SEED = 1_000, 20_261


def main() -> int:
    """Judge and write; 1 where a function of the suite is below its floor.

    Needs the shared data, of which nothing but numbers is copied into the card.
    """
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True)
    options = asked.parse_args()
    console = Console()
    lexicon, files = load_lexicon(), load_model_files()
    threshold = load_calibration(files.contents[CALIBRATION]).threshold
    classifier = Cascade(files, lexicon, Gate(explain=False))
    held_out = [row for row in load(options.data, lexicon) if row.dev]
    rows = [row for row in held_out if row.violence is not None]
    as_labelled = [replace(row, violence=row.labelled) for row in held_out if row.labelled is not None]
    functions = read_suite()
    cases = [case for function in functions for case in function.cases]
    begun = time.perf_counter()
    blind = read_written(BLIND)
    total = len(rows) + len(as_labelled) + len(cases) + len(blind) + DISGUISED * (1 + len(DISGUISES))
    with Progress(TextColumn("scoring"), MofNCompleteColumn(), TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("scoring", total=total)
        tick = lambda n: progress.advance(task, n)  # noqa: E731
        said = judging.scored(classifier, [row.text for row in rows], tick)
        scores = np.array([score.p_violence for score in said])
        again = np.array(
            [score.p_violence for score in judging.scored(classifier, [row.text for row in as_labelled], tick)]
        )
        verdicts = judge(
            functions,
            dict(zip(cases, (s.p_violence for s in judging.scored(classifier, cases, tick)), strict=True)),
            threshold,
        )
        bars = (threshold, measures.threshold_at(scores[_ordinary(rows)], 0.01))
        unseen = _blind(classifier, blind, bars, tick)
        hidden = _disguised(classifier, rows, tick)
    results = Results(
        digests=asdict(classifier.digests),
        threshold=threshold,
        sources=(
            *_sources(rows, scores),
            judging.judged("all shared sources as they are labelled", as_labelled, again),
        ),
        read_again=_verdicts(),
        calibration_error=_halves_error(rows, scores),
        coded=_coded(rows, scores),
        blind=unseen,
        disguised=hidden,
        verdicts=tuple(verdicts),
        named=tuple(_named(rows, said)),
        gaps=tuple(judging.gaps(rows, scores, threshold, OWN)),
        missed=tuple(_extremes(rows, scores, violent=True)),
        flagged=tuple(_extremes(rows, scores, violent=False)),
        seconds=time.perf_counter() - begun,
        texts=total,
        memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        training=json.loads(TRAINING_LOG.read_text()) if TRAINING_LOG.exists() else {},
    )
    PLOTS.mkdir(exist_ok=True)
    suite_plot(verdicts, PLOTS / "suite.svg")
    other = np.array([not calibrates(row) for row in rows])
    labels = np.array([(row.violence or 0) > 0.5 for row in rows])
    reliability_plot(measures.bins(labels[other], scores[other]), PLOTS / "reliability.svg")
    CARD.write_text(card(results))
    _show(console, results, verdicts)
    holding = sum(verdict.holds for verdict in verdicts)
    console.print(f"wrote {CARD.name}; {holding} of {len(verdicts)} functions hold their floor")
    return 0 if holding == len(verdicts) else 1


def _verdicts() -> dict[str, int]:
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


def _halves_error(rows: Sequence[Row], scores: judging.Values) -> float:
    """Calibration error on the half of the held-out rows that did not calibrate."""
    other = np.array([not calibrates(row) for row in rows])
    labels = np.array([(row.violence or 0) > 0.5 for row in rows])
    return measures.calibration_error(labels[other], scores[other])


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


def _blind(
    classifier: Classifier, texts: Sequence[Written], bars: Sequence[float], tick: Callable[[int], None]
) -> list[judging.Blind]:
    """Each block of the blind sets: the shares at or above the bars, and recall beside all harmless texts of its set."""
    scores = np.array([score.p_violence for score in judging.scored(classifier, [t.text for t in texts], tick)])
    made = []
    for name in dict.fromkeys(text.idiom for text in texts):
        block = np.array([text.idiom == name for text in texts])
        first = texts[int(block.argmax())]
        harmless = np.array([not t.violence and t.file == first.file for t in texts])
        made.append(judging.blind(name, scores[block], scores[harmless] if first.violence else None, bars))
    return made


def _disguised(classifier: Classifier, rows: Sequence[Row], tick: Callable[[int], None]) -> list[tuple[str, float]]:
    """AUPRC of the same own held-out texts, as written and in every disguise."""
    own = [row for row in rows if row.source == "written"]
    chosen = random.Random(SEED).sample(own, min(DISGUISED, len(own)))
    labels = np.array([bool(row.violence) for row in chosen])

    def precision(texts: Sequence[str]) -> float:
        scores = np.array([score.p_violence for score in judging.scored(classifier, texts, tick)])
        return measures.average_precision(labels, scores)

    made = [("as written", precision([row.text for row in chosen]))]
    return made + [(name, precision([disguised(row.text, name, SEED) for row in chosen])) for name in DISGUISES]


def _extremes(rows: Sequence[Row], scores: judging.Values, *, violent: bool) -> list[tuple[str, float]]:
    """The project's own held-out texts that came out most wrong."""
    chosen = [n for n, row in enumerate(rows) if row.source == "written" and bool(row.violence) == violent]
    order = sorted(chosen, key=lambda n: (scores[n] if violent else -scores[n], rows[n].text))
    return [(rows[n].text, float(scores[n])) for n in order[:ERRORS_SHOWN]]


def _show(console: Console, results: Results, verdicts: Sequence[Verdict]) -> None:
    table = Table("source", "texts", "violent", "AUPRC", "recall 5 %", "recall 1 %", "ECE")
    for one in results.sources:
        table.add_row(
            one.name,
            f"{one.rows:,}",
            f"{one.violent:,}",
            *(f"{value:.3f}" for value in (one.precision, one.recall_5, one.recall_1, one.error)),
        )
    console.print(table)
    suite = Table("function", "expected", "right", "floor", "")
    for verdict in verdicts:
        function = verdict.function
        suite.add_row(
            function.name,
            function.expect,
            f"{verdict.right:.0%}",
            f"{function.floor:.0%}",
            "" if verdict.holds else "below",
        )
    console.print(suite)


if __name__ == "__main__":
    sys.exit(main())
