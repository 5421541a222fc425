"""Where contents stand under two sets of rules comes in; what moves, enters and leaves the bands goes out."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge, nsmallest
from itertools import groupby
from operator import attrgetter

from rich.console import Group
from rich.table import Table

from schemas.vocabulary import Band
from services.commands.rank_places import Standing
from services.runtime.terminal import cell

MOST = 20
Flow = tuple[Band, Band]


@dataclass(frozen=True, slots=True)
class Moved:
    """One content and where it stands before and after."""

    before: Standing
    after: Standing

    @property
    def by(self) -> float:
        """How far its risk moves."""
        return self.after.risk - self.before.risk


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is listed under both: of each flow from band to band the risks before and after, and the contents that move furthest."""

    risks: Mapping[Flow, tuple["array[float]", "array[float]"]]
    furthest: tuple[Moved, ...]

    @property
    def flows(self) -> Mapping[Flow, int]:
        """How many go from which band to which."""
        return {flow: len(before) for flow, (before, _) in self.risks.items()}

    @property
    def entering(self) -> int:
        """How many the desk would hear of that it does not hear of now."""
        return sum(n for (before, after), n in self.flows.items() if before is Band.NONE and after is not Band.NONE)

    @property
    def leaving(self) -> int:
        """How many the desk would no longer hear of."""
        return sum(n for (before, after), n in self.flows.items() if before is not Band.NONE and after is Band.NONE)


def compare(before: Iterable[Standing], after: Iterable[Standing]) -> Comparison:
    """Both in the order of their keys, of the same contents, because what is listed does not depend on the rules."""
    risks: dict[Flow, tuple[array[float], array[float]]] = {}

    def moved() -> Iterator[Moved]:
        key = attrgetter("content_key")
        for _, both in groupby(merge(before, after, key=key), key=key):
            was, *now = both
            if now:
                across, up = risks.setdefault((was.band, now[0].band), (array("d"), array("d")))
                across.append(was.risk)
                up.append(now[0].risk)
                if was != now[0]:
                    yield Moved(was, now[0])

    furthest = nsmallest(MOST, moved(), key=lambda m: (m.before.band is m.after.band, -abs(m.by), m.before.content_key))
    return Comparison(risks, tuple(furthest))


def table_of(comparison: Comparison) -> Group:
    """For a terminal: counts per band, then what moves furthest."""
    flows = comparison.flows
    counts = Table(title="contents per band, now (down) and against (across)")
    counts.add_column("")
    for band in Band:
        counts.add_column(band.value, justify="right")
    for before in Band:
        counts.add_row(before.value, *(str(flows.get((before, after), 0)) for after in Band))
    furthest = Table(title=f"what moves furthest; {comparison.entering} enter the queue, {comparison.leaving} leave it")
    for name in ("content", "now", "against", "risk now", "risk against"):
        furthest.add_column(name, justify="right" if name.startswith("risk") else "left", overflow="fold")
    for each in comparison.furthest:
        furthest.add_row(
            # A platform's id may hold anything: brackets are no markup, and nothing in it steers the terminal.
            cell(each.before.content_id),
            each.before.band.value,
            each.after.band.value,
            f"{each.before.risk:.3f}",
            f"{each.after.risk:.3f}",
        )
    return Group(counts, furthest) if comparison.furthest else Group(counts, "Nothing moves.")
