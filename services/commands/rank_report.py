"""The quality of a ranking comes in; a table for a person goes out."""

from rich.table import Table

from services.commands.rank_quality import Quality


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
    if found.ambiguous:
        table.add_row("labels not counted: an id in several cases, use `content_key`", str(found.ambiguous))
    if found.unknown:
        table.add_row("labels that name nothing here", str(found.unknown))
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
