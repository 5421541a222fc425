"""A comparison of two sets of rules comes in, a drawing of what moves goes into a file."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from schemas.vocabulary import Band
from services.commands.rank_changes import Comparison

COLOURS = {
    "same band": "#9aa5b1",
    "enters the queue": "#c0392b",
    "leaves the queue": "#2471a3",
    "another band": "#b7950b",
}


# Share of the largest number from which a cell is too dark for black.
DARK_FROM = 0.6


def draw(comparison: Comparison, path: Path) -> None:
    """Risk against risk, one point a content, and how many go from which band to which; into an .svg or a .png file."""
    # The same comparison gives the same bytes: ids from a fixed salt, and no date.
    matplotlib.rcParams["svg.hashsalt"] = "referral-hub"
    figure = Figure(figsize=(11, 5), layout="constrained")
    risks, bands = figure.subplots(1, 2)
    _risks(risks, comparison)
    _bands(bands, comparison)
    if comparison.risks:
        # Below both: wherever a policy moves the risks, nothing lies over a point.
        figure.legend(loc="outside lower left", ncols=len(COLOURS), frameon=False)
    figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def _risks(axes: Axes, comparison: Comparison) -> None:
    for label, colour in COLOURS.items():
        flows = [risks for flow, risks in comparison.risks.items() if _kind(*flow) == label]
        if flows:
            across, up = (np.concatenate(side) for side in zip(*flows, strict=True))
            name = f"{label} ({len(across)})"
            axes.scatter(across, up, s=14, color=colour, label=name, rasterized=len(across) > 2_000)
    axes.plot([0, 1], [0, 1], color="#444444", linewidth=0.8)
    axes.set(xlabel="risk now", ylabel="risk against", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), title="Risk")


def _kind(before: Band, after: Band) -> str:
    if before is after:
        return "same band"
    if Band.NONE in (before, after):
        return "enters the queue" if before is Band.NONE else "leaves the queue"
    return "another band"


def _bands(axes: Axes, comparison: Comparison) -> None:
    names = [band.value for band in Band]
    flows = comparison.flows
    counts = [[flows.get((before, after), 0) for after in Band] for before in Band]
    # Most content stays where nobody hears of it; the colour is for the rest.
    most = max((n for row, before in zip(counts, Band, strict=True) for n, after in zip(row, Band, strict=True)
                if not before is after is Band.NONE), default=1)  # fmt: skip
    most = max(1, most)
    axes.imshow(counts, cmap="Oranges", vmin=0, vmax=most)
    axes.set(xticks=range(len(names)), yticks=range(len(names)), xticklabels=names, yticklabels=names)
    axes.set(xlabel="band against", ylabel="band now", title="Contents per band")
    for down, row in enumerate(counts):
        for across, count in enumerate(row):
            axes.text(across, down, str(count), ha="center", va="center", color=ink(count, most))


def ink(count: int, most: int) -> str:
    """The colour in which a number can be read on that of its cell."""
    return "white" if count > DARK_FROM * most else "black"
