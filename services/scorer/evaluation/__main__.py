"""`make eval`: the committed model is judged on held-out data and the functional suite; tables go to the terminal, the card to a file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.scorer.cascade.calibration import load_calibration
from services.scorer.cascade.classifier import Cascade, Gate
from services.scorer.cascade.model_files import CALIBRATION, load_model_files
from services.scorer.evaluation.card import Results, card
from services.scorer.evaluation.measuring import gathered, measured
from services.scorer.evaluation.plots import reliability_plot, suite_plot
from services.scorer.evaluation.suite import Verdict
from services.scorer.lexicon import load_lexicon

CARD = Path(__file__).parents[1] / "MODEL_CARD.md"
PLOTS = Path(__file__).parent / "plots"


def main() -> int:
    """Judge and write; 1 where a function of the suite is below its floor.

    Needs the shared data, of which nothing but numbers is copied into the card.
    """
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True)
    options = asked.parse_args()
    console = Console()
    lexicon, files = load_lexicon(), load_model_files()
    classifier = Cascade(files, lexicon, Gate(explain=False))
    sets = gathered(options.data, lexicon)
    with Progress(TextColumn("scoring"), MofNCompleteColumn(), TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("scoring", total=sets.texts)
        threshold = load_calibration(files.contents[CALIBRATION]).threshold
        results, bins = measured(sets, classifier, threshold, lambda n: progress.advance(task, n))
    PLOTS.mkdir(exist_ok=True)
    suite_plot(results.verdicts, PLOTS / "suite.svg")
    reliability_plot(bins, PLOTS / "reliability.svg")
    CARD.write_text(card(results))
    _show(console, results, results.verdicts)
    holding = sum(verdict.holds for verdict in results.verdicts)
    console.print(f"wrote {CARD.name}; {holding} of {len(results.verdicts)} functions hold their floor")
    return 0 if holding == len(results.verdicts) else 1


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
