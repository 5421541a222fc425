"""`hub directory`: the grounds and platforms come in; what is overdue for a look at its source goes out, for a person."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.referrer.directory import DATA, GENERIC, Overdue, load_directory, overdue
from services.runtime.clock import SystemClock

app = typer.Typer(help="Legal grounds and platforms that notices name.", no_args_is_help=True)


@app.callback()
def words() -> None:
    """Keep `check` a word of its own beside those that may come."""


@app.command()
def check(
    folder: Annotated[Path, typer.Option(help="Folder with grounds.toml and platforms.toml.")] = DATA,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to check for; default: today.")] = None,
) -> None:
    """Check both files; exit code 1 when an entry's review date has passed, so that a scheduled job can tell somebody."""
    directory = load_directory(folder)
    today = (on.replace(tzinfo=UTC) if on else SystemClock().now()).date()
    late = overdue(directory, today)
    console = Console()
    named = sum(platform.name != GENERIC for platform in directory.platforms)
    console.print(
        f"{len(directory.grounds)} grounds ({directory.grounds_version}), {named} platforms "
        f"({directory.platforms_version}), digest {directory.digest}"
    )
    if late:
        console.print(_table(late))
        raise typer.Exit(1)
    console.print(f"nothing is overdue on {today}")


def _table(late: tuple[Overdue, ...]) -> Table:
    table = Table("file", "entry", "review by", "source", title=f"{len(late)} entries to compare with their source")
    for entry in late:
        table.add_row(entry.file, entry.entry, str(entry.review_by), entry.source)
    return table
