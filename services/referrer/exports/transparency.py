"""The numbers of a transparency report come in; CSV, JSON or a page with plots, drawn as SVG inside it, goes out."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from services.referrer.transparency import TOTAL, Line

WIDTH = 640.0
LABEL = 190.0
STATES = (
    ("actioned", "acted on"), ("reinstated", "put back"), ("refused_by_platform", "refused"), ("expired", "expired"),
    ("withdrawn", "withdrawn"), ("corrected", "corrected"), ("processing", "at work"), ("received", "received"),
    ("issued", "sent, no answer yet"),
)  # fmt: skip
TITLES = {
    "platform": "By platform",
    "kind": "By kind of notice",
    "ground": "By ground",
    "violence_type": "By type of violence",
}
COUNTED = {
    "outcome": "What platforms reported",
    "refused_reason": "Why platforms refused",
    "decision": "What the desk decided",
}


@dataclass(frozen=True, slots=True)
class Head:
    """Of what and when the report speaks."""

    issuer: str
    start: datetime
    end: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a bar: where it begins, how wide it is, and what it says."""

    kind: str
    x: float
    width: float
    says: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A bar of parts per name, widest at the largest total."""

    title: str
    legend: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, str, Sequence[Bar]]]

    @property
    def height(self) -> int:
        """Height of the picture."""
        return 26 * len(self.rows) + 6


def as_csv(lines: Sequence[Line]) -> str:
    """One number a line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["section", "name", "measure", "value"])
    writer.writerows([line.section, line.name, line.measure, _plain(line.value)] for line in lines)
    return out.getvalue()


def as_json(head: Head, lines: Sequence[Line]) -> str:
    """Sections of names of measures."""
    value = {
        "issuer": head.issuer,
        "from": head.start,
        "to": head.end,
        "made_at": head.made_at,
        "sections": _sections(lines),
    }
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode()


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else round(value, 3)


def _sections(lines: Iterable[Line]) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for line in lines:
        found.setdefault(line.section, {}).setdefault(line.name, {})[line.measure] = _plain(line.value)
    return found


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("services.referrer", "exports"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("transparency.html.j2")


def as_html(head: Head, lines: Sequence[Line]) -> str:
    """A page of its own: it needs no script and fetches nothing."""
    sections = _sections(lines)
    groups = [(title, sections[name]) for name, title in TITLES.items() if sections.get(name)]
    plots = [plot for title, names in groups[:1] + groups[2:] if (plot := _states(title, names)) is not None]
    times = _waits(sections.get("platform", {}))
    return _template().render(
        head=head,
        total=sections[TOTAL]["all"],
        groups=groups,
        counted=[(title, sections[name]) for name, title in COUNTED.items() if sections.get(name)],
        plots=[*plots, *([times] if times else [])],
        states=STATES,
        label=LABEL,
        width=WIDTH,
        span=duration,
    )


def _states(title: str, names: Mapping[str, Mapping[str, float]]) -> Plot | None:
    most = max((row["requests"] for row in names.values()), default=0)
    if not most:
        return None
    rows = []
    for name, row in sorted(names.items(), key=lambda pair: (-pair[1]["requests"], pair[0])):
        x, bars = 0.0, []
        for state, words in STATES:
            width = row[state] / most * (WIDTH - LABEL - 40)
            if width:
                bars.append(Bar(state, LABEL + x, width, f"{name}: {row[state]:,} {words}"))
                x += width
        rows.append((name, f"{row['requests']:,}", bars))
    shown = [pair for pair in STATES if any(row[pair[0]] for row in names.values())]
    return Plot(f"{title}: requests and what came of them", shown, rows)


def _waits(names: Mapping[str, Mapping[str, float]]) -> Plot | None:
    """Time from request to action: the median, and on to the ninth decile."""
    timed = {name: row for name, row in names.items() if "seconds_to_action_p90" in row}
    most = max((row["seconds_to_action_p90"] for row in timed.values()), default=0.0)
    if not most:
        return None
    rows = []
    for name, row in sorted(timed.items()):
        half, most_of = row["seconds_to_action_median"], row["seconds_to_action_p90"]
        scale = (WIDTH - LABEL - 80) / most
        bars = [
            Bar("median", LABEL, half * scale, f"{name}: half within {duration(half)}"),
            Bar(
                "p90", LABEL + half * scale, (most_of - half) * scale, f"{name}: nine in ten within {duration(most_of)}"
            ),
        ]
        rows.append((name, duration(most_of), bars))
    return Plot("Time from request to action", (("median", "half of them"), ("p90", "nine in ten")), rows)


def duration(seconds: float) -> str:
    """In the largest unit that a person would use."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
