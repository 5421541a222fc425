"""The words of `hub report`: a person asks for the counts of a period, for everybody to read."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from services.referrer.cli import open_database
from services.referrer.exports.transparency import Head, as_csv, as_html, as_json
from services.referrer.reporting import Reporting, reach
from services.referrer.retention import load_retention
from services.referrer.settings import ReferrerSettings
from services.referrer.transparency import Line, report
from services.runtime.errors import Fatal

EXIT_DIFFERS = 4
app = typer.Typer(no_args_is_help=True, help="What the desk did, in counts.")


@app.callback()
def _group() -> None:
    """Keep the word of the group, whatever number of words it has."""


class Format(StrEnum):
    """How the report is written."""

    CSV = "csv"
    JSON = "json"
    HTML = "html"


@app.command("transparency")
def transparency(
    start: Annotated[str, typer.Option("--from", help="First day, UTC, e.g. 2026-01-01.")],
    end: Annotated[str, typer.Option("--to", help="Last day, UTC.")],
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.CSV,
    out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Count again from the ledger; exit code 4 names every difference.")
    ] = False,
) -> None:
    """Requests, outcomes, refusals, reinstatements, times and decisions of a period: counts without content."""
    now = datetime.now(UTC)
    first, before = _day(start), min(now, _day(end) + timedelta(days=1))
    if before <= first:
        raise Fatal("the period is empty: --to lies before --from, or --from in the future")
    oldest = reach(load_retention(ReferrerSettings().retention_file), now)
    if first < oldest:
        typer.echo(f"hub: what is older than {oldest:%Y-%m-%d} may have been removed; counts can be too low", err=True)
    with _shown() as said:
        reporting = Reporting(open_database(), said)
        period = reporting.period(first, before, now)
        differences = reporting.differences(period) if reconcile else []
    for difference in differences:
        typer.echo(f"hub: {difference}", err=True)
    if differences:
        typer.echo(f"hub: {len(differences)} differences between ledger and tables; no report is written", err=True)
        raise typer.Exit(EXIT_DIFFERS)
    lines = report(period, now)
    head = Head(ReferrerSettings().issuer_authority, first, before, now)
    text = _written(form, head, lines)
    if out is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"{len(period.asked)} requests, {len(period.said)} decisions: {out}", err=True)


def _written(form: Format, head: Head, lines: Sequence[Line]) -> str:
    if form is Format.CSV:
        return as_csv(lines)
    return as_json(head, lines) if form is Format.JSON else as_html(head, lines)


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError as why:
        raise Fatal(f"{text!r} is no day; write it as 2026-01-31") from why


class _Said:
    """Moves one bar per sort of thing."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, number: int, of: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=of)
        self._progress.update(self._tasks[what], completed=number, total=of)


@contextmanager
def _shown() -> Iterator[_Said]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield _Said(progress)
