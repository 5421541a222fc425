"""Verdicts and bins come in, two SVG plots go out; the same numbers make the same bytes."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from services.scorer.evaluation.suite import Verdict
from services.scorer.training.measures import Bin

# Fixed ids and no date: a plot differs only where its numbers do.
mpl.rcParams["svg.hashsalt"] = "referral-hub"
mpl.rcParams["svg.fonttype"] = "none"
GOOD, BAD = "#2c7fb8", "#d95f0e"


def suite_plot(verdicts: Sequence[Verdict], path: Path) -> None:
    """One bar a function, its floor as a mark."""
    ordered = sorted(verdicts, key=lambda v: (v.function.expect, v.right, v.function.name))
    figure = Figure(figsize=(8, 0.22 * len(ordered) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(ordered))
    axes.barh(places, [v.right for v in ordered], color=[GOOD if v.holds else BAD for v in ordered], height=0.7)
    axes.scatter([v.function.floor for v in ordered], places, marker="|", s=90, color="black", zorder=3, label="floor")
    axes.set_yticks(list(places), [v.function.name.replace("_", " ") for v in ordered], fontsize=7)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of cases right")
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None})


def reliability_plot(bins: Sequence[Bin], path: Path) -> None:
    """How often texts of a predicted probability are violent."""
    figure = Figure(figsize=(4.5, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    axes.plot([one.predicted for one in bins], [one.observed for one in bins], marker="o", color=GOOD)
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("share that is violent")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    figure.savefig(path, format="svg", metadata={"Date": None})
