"""Counts, the head of the queue and addresses come in; what the terminal shows goes out: 80 columns are enough, colour is a help only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

WIDTH = 80
EXCERPT = 40
COLOURS = {"P1": "bold red", "P2": "red", "P3": "yellow", "P4": "cyan"}


@dataclass(frozen=True, slots=True)
class Line:
    """One case as the terminal shows it."""

    band: str
    risk: float
    platform: str
    state: str
    excerpt: str


def flow(counts: Mapping[str, int]) -> Table:
    """How many records each topic holds, in the order of the flow."""
    table = Table(title="What flows", box=box.SIMPLE, title_justify="left", pad_edge=False)
    table.add_column("topic")
    table.add_column("records", justify="right")
    for topic, number in counts.items():
        table.add_row(topic, str(number))
    return table


def queue(lines: Sequence[Line]) -> Table:
    """The head of the queue: most severe first."""
    table = Table(title="The queue", box=box.SIMPLE, title_justify="left", pad_edge=False)
    for name in ("band", "risk", "platform", "state", "text"):
        table.add_column(name, justify="right" if name == "risk" else "left", no_wrap=True)
    for line in lines:
        band = Text(line.band, style=COLOURS.get(line.band, ""))
        words = " ".join(line.excerpt.split())
        shown = words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"
        table.add_row(band, f"{line.risk:.2f}", line.platform, line.state, shown)
    return table


def addresses(places: Mapping[str, str]) -> Table:
    """Where a person can look."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, address in places.items():
        table.add_row(name, address)
    return table


def screen(counts: Mapping[str, int], lines: Sequence[Line], places: Mapping[str, str], state: str) -> RenderableType:
    """Everything at once."""
    return Group(flow(counts), queue(lines), addresses(places), Text(state))
