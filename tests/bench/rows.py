"""What a benchmark measured comes in as rows; a table that people compare goes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number: its name, value and unit, the aim it is compared with, and how it was measured."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    how: str = ""


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the rows. Numbers of one table come from one run on one machine; only their ratios travel."""
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    for name in ("measured", "aim"):
        table.add_column(name, justify="right")
    table.add_column("unit")
    table.add_column("how")
    for row in rows:
        aim = "" if row.aim is None else f"{row.aim:,.6g}"
        table.add_row(row.name, f"{row.value:,.4g}" if row.value < 100 else f"{row.value:,.0f}", aim, row.unit, row.how)
    Console(width=120).print(table)
