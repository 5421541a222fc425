"""The words of `hub suspensions` and `hub agreement`: a person asks who may propose no more, and how far reviewers agree."""

from collections import Counter
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.referrer.books import Books
from services.referrer.cli import open_database
from services.referrer.exercises import Pair, Sort, agreement
from services.referrer.practice import Practice
from services.referrer.settings import ReferrerSettings
from services.referrer.suspending import lift
from services.referrer.suspension import Scope, ScopeKind
from services.referrer.suspension_ports import SuspensionRow
from services.runtime.clock import SystemClock
from services.runtime.errors import Fatal
from services.runtime.terminal import cell

EXIT_IN_FORCE = 3
suspensions = typer.Typer(no_args_is_help=True, help="What proposes nothing by itself any more.")


@suspensions.command("list")
def list_suspensions(
    every: Annotated[bool, typer.Option("--all", help="Lifted ones too.")] = False,
) -> None:
    """Show rules, collectors and platforms whose requests were refused or put back too often; exit code 3 when there are any."""
    rows = open_database().read(lambda books: books.suspensions.every())
    table = Table("kind", "name", "since", "why", "lifted")
    for row in rows:
        if every or row.lifted_at is None:
            lifted = f"{row.lifted_at:%Y-%m-%d %H:%M} by {row.lifted_by}" if row.lifted_at else "-"
            table.add_row(
                row.scope.kind.value,
                cell(row.scope.name),
                f"{row.suspended_at:%Y-%m-%d %H:%M}",
                cell(row.why),
                cell(lifted),
            )
    Console().print(table)
    raise typer.Exit(EXIT_IN_FORCE if any(row.lifted_at is None for row in rows) else 0)


@suspensions.command("lift")
def lift_suspension(
    kind: Annotated[ScopeKind, typer.Argument(help="As `hub suspensions list` shows it.")],
    name: Annotated[str, typer.Argument(help="As `hub suspensions list` shows it.")],
    lead: Annotated[str, typer.Option(help="Pseudonym of the lead who decided it; the ledger names them.")],
    reason: Annotated[str, typer.Option(help="Why, for the ledger.")],
) -> None:
    """Let it propose again. Answers of before count no more; new ones can suspend it again."""

    def work(books: Books) -> SuspensionRow:
        person = books.people.by_pseudonym(lead)
        if person is None:
            raise Fatal(f"nobody is called {lead}")
        return lift(books, Scope(kind, name), person, reason, SystemClock().now())

    row = open_database().write(work)
    typer.echo(f"{row.scope} may propose again")


def agreed(days: Annotated[int, typer.Option(min=1, max=3_660, help="Of the last days.")] = 90) -> None:
    """Show how far reviewers agree with one another and with golden cases (Cohen's kappa), and where they do not."""
    practice = Practice(open_database(), ReferrerSettings().rules(), SystemClock())
    pairs = practice.pairs(timedelta(days=days))
    console = Console()
    console.print(_kappas(pairs))
    if golden := [pair for pair in pairs if pair.sort is Sort.GOLDEN]:
        console.print(_people(golden))
    if differing := [pair for pair in pairs if pair.sort is Sort.BLIND and pair.expected is not pair.said]:
        console.print(_differing(differing))


def _kappas(pairs: list[Pair]) -> Table:
    table = Table("what", "cases", "agreed", "by chance", "kappa")
    for sort, words in ((Sort.BLIND, "two people, blindly"), (Sort.GOLDEN, "with golden cases")):
        found = agreement(pairs, sort)
        kappa = "-" if found.kappa is None else f"{found.kappa:.2f}"
        table.add_row(words, str(found.pairs), f"{found.observed:.0%}", f"{found.expected:.0%}", kappa)
    return table


def _people(golden: list[Pair]) -> Table:
    """The desk's own lead reads this; it is there to teach, and never leaves the desk."""
    cases, right = Counter(p.reviewer for p in golden), Counter(p.reviewer for p in golden if p.expected is p.said)
    table = Table("reviewer", "golden cases", "as expected")
    for reviewer in sorted(cases):
        table.add_row(cell(reviewer), str(cases[reviewer]), f"{right[reviewer] / cases[reviewer]:.0%}")
    return table


def _differing(pairs: list[Pair]) -> Table:
    table = Table("case that was decided first", "first", "blindly", "by", "at")
    for pair in pairs:
        at = f"{pair.decided_at:%Y-%m-%d %H:%M}"
        table.add_row(str(pair.of_case), pair.expected.value, pair.said.value, cell(pair.reviewer), at)
    return table
