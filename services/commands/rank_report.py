"""Labels of contents, and the quality of a ranking by them, come in; grades and a table for a person go out."""

from pathlib import Path

import orjson
from rich.table import Table

from services.commands.rank_quality import Quality
from services.runtime.errors import Fatal
from services.runtime.text_lines import unmarked

WORDS = {"harm": 1.0, "harmful": 1.0, "violence": 1.0, "harmless": 0.0, "none": 0.0, "": 0.0}


def read_labels(path: Path) -> dict[str, float]:
    """Grades by content id from lines of {content_id, label or grade}. Raises Fatal naming the line."""
    grades: dict[str, float] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(unmarked(lines), 1):
                if line.strip():
                    name, grade = _label(line, f"{path.name} line {number}")
                    grades[name] = grade
    except OSError as why:
        raise Fatal(f"{path}: {why.strerror}") from why
    return grades


def _label(line: bytes, place: str) -> tuple[str, float]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as why:
        raise Fatal(f"{place}: not JSON: {why}") from why
    if not isinstance(value, dict) or not isinstance(value.get("content_id"), str):
        raise Fatal(f"{place}: an object with `content_id` and `label` or `grade` is expected")
    grade = value.get("grade", value.get("label"))
    if isinstance(grade, str) and grade.lower() in WORDS:
        grade = WORDS[grade.lower()]
    if not isinstance(grade, bool | int | float) or not 0 <= grade <= 10:
        raise Fatal(f"{place}: `label` or `grade` must be a number from 0 to 10, true or false, harmful or harmless")
    return value["content_id"], float(grade)


def report_of(found: Quality, title: str) -> Table:
    """For a terminal."""
    table = Table("measure", "value", title=f"{title} {found.harmful} harmful of {found.labelled} labelled".strip())
    for depth, value in found.precision.items():
        table.add_row(f"precision at {depth}", f"{value:.3f}")
    for depth, value in found.ndcg.items():
        table.add_row(f"nDCG at {depth}", f"{value:.3f}")
    table.add_row("recall in the first 5 %", _share(found.recall_first_twentieth))
    table.add_row("recall at the desk's daily capacity (20 people x 60 items)", _share(found.recall_at_capacity))
    minutes = found.minutes_to_first_harm
    first = "never" if minutes is None else f"case {found.cases_to_first_harm}, {minutes:.1f} minutes of the desk"
    table.add_row("time to first harm", first)
    if found.unknown:
        table.add_row("labels that name nothing here", str(found.unknown))
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
