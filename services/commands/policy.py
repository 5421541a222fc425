"""`hub policy check`: a policy file comes in; what is wrong with it, by line and with what to do, goes out."""

import tomllib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from services.referrer.policy import ContextPolicy
from services.runtime.data_file import Mistake, checked
from services.scorer.policy import Policy

app = typer.Typer(no_args_is_help=True, help="Policies of ranking.")
# A table that only one of the two policies has tells which one a file means to be.
ONLY_CONTEXT = frozenset({"author", "pair", "thread", "copies", "burst", "bounds", "gate"})
BROKEN = 4


@app.callback()
def policies() -> None:
    """Check the files that decide how content is ranked."""


def kind_of(path: Path) -> type[Policy] | type[ContextPolicy]:
    """Whether a file means to be the scorer's policy or the referrer's; the scorer's where nothing tells."""
    try:
        names = tomllib.loads(path.read_text(encoding="utf-8")).keys()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return Policy
    return ContextPolicy if ONLY_CONTEXT & names else Policy


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="A policy file of the scorer or of the referrer.")]) -> None:
    """Explain every mistake by its line; exit 4 if there is one. Says the digest that results will carry otherwise."""
    model = kind_of(file)
    found: Policy | ContextPolicy | list[Mistake] = checked(model, file)
    name = "content risk (scorer)" if model is Policy else "context (referrer)"
    if not isinstance(found, list):
        typer.echo(f"{file}: a sound policy of {name}, digest {found.digest}")
        return
    grid = Grid("line", "setting", "what to do", title=f"{file.name}: {len(found)} mistakes, read as {name}")
    for mistake in found:
        grid.add_row("" if mistake.line is None else str(mistake.line), mistake.setting, mistake.message)
    Console().print(grid)
    raise typer.Exit(BROKEN)
