"""Where contents stand under two sets of rules comes in; what moves, enters and leaves the bands goes out."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Group
from rich.table import Table

from schemas.vocabulary import Band
from services.commands.backtest import Standing
from services.runtime.terminal import cell

MOST = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """One content and where it stands before and after."""

    content_key: str
    before: Standing
    after: Standing

    @property
    def by(self) -> float:
        """How far its risk moves."""
        return self.after.risk - self.before.risk


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every content that is listed under both, and how many go from which band to which."""

    contents: tuple[Moved, ...]
    flows: Mapping[tuple[Band, Band], int]

    @property
    def entering(self) -> int:
        """How many the desk would hear of that it does not hear of now."""
        return sum(n for (before, after), n in self.flows.items() if before is Band.NONE and after is not Band.NONE)

    @property
    def leaving(self) -> int:
        """How many the desk would no longer hear of."""
        return sum(n for (before, after), n in self.flows.items() if before is not Band.NONE and after is Band.NONE)


def compare(before: Mapping[str, Standing], after: Mapping[str, Standing]) -> Comparison:
    """Both hold the same contents, because what is listed does not depend on the rules."""
    contents = tuple(Moved(key, before[key], after[key]) for key in sorted(before) if key in after)
    flows: dict[tuple[Band, Band], int] = {}
    for moved in contents:
        flow = (moved.before.band, moved.after.band)
        flows[flow] = flows.get(flow, 0) + 1
    return Comparison(contents, flows)


def table_of(comparison: Comparison) -> Group:
    """For a terminal: counts per band, then what moves furthest."""
    counts = Table(title="contents per band, now (down) and against (across)")
    counts.add_column("")
    for band in Band:
        counts.add_column(band.value, justify="right")
    for before in Band:
        counts.add_row(before.value, *(str(comparison.flows.get((before, after), 0)) for after in Band))
    furthest = Table(title=f"what moves furthest; {comparison.entering} enter the queue, {comparison.leaving} leave it")
    for name in ("content", "now", "against", "risk now", "risk against"):
        furthest.add_column(name, justify="right" if name.startswith("risk") else "left", overflow="fold")
    moved = [m for m in comparison.contents if m.before != m.after]
    for each in sorted(moved, key=lambda m: (m.before.band is m.after.band, -abs(m.by), m.content_key))[:MOST]:
        furthest.add_row(
            # A platform's id may hold anything: brackets are no markup, and nothing in it steers the terminal.
            cell(each.before.content_id),
            each.before.band.value,
            each.after.band.value,
            f"{each.before.risk:.3f}",
            f"{each.after.risk:.3f}",
        )
    return Group(counts, furthest) if moved else Group(counts, "Nothing moves.")
