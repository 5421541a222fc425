"""`hub policy check`: a policy file comes in; what is wrong with it, by line and with what to do, goes out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from services.referrer.policy import ContextPolicy
from services.runtime.data_file import Mistake, broken, checked_bytes, lines_of, unreadable
from services.runtime.terminal import cell, in_one_line
from services.scorer.policy import Policy

app = typer.Typer(no_args_is_help=True, help="Policies of ranking.")
# A table that only one of the two policies has tells which one a file means to be.
ONLY_CONTEXT = frozenset({"author", "pair", "thread", "copies", "burst", "bounds", "gate"})
BROKEN = 4


@app.callback()
def policies() -> None:
    """Check the files that decide how content is ranked."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file means to be, and the policy that it is, or every mistake in it."""

    kind: type[Policy] | type[ContextPolicy]
    policy: Policy | ContextPolicy | list[Mistake]


def read_policy(path: Path) -> Read:
    """A file as the scorer's policy or the referrer's, whichever it means to be. It is read once, for it may be a pipe."""
    try:
        raw = path.read_bytes()
    except OSError as why:
        return Read(Policy, [unreadable(why)])
    kind = _kind_of(raw)
    return Read(kind, checked_bytes(kind, raw))


def sound_policy(path: Path) -> Policy | ContextPolicy:
    """The same. Raises Fatal naming the file and every mistake with its line."""
    found = read_policy(path).policy
    if isinstance(found, list):
        raise broken(found, path, "policy")
    return found


def _kind_of(raw: bytes) -> type[Policy] | type[ContextPolicy]:
    """By its tables, which can be told where the rest cannot be read, too; the scorer's where nothing tells."""
    names = {place[0] for place in lines_of(raw.decode("utf-8-sig", "replace"))}
    return ContextPolicy if ONLY_CONTEXT & names else Policy


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="A policy file of the scorer or of the referrer.")]) -> None:
    """Explain every mistake by its line; exit 4 if there is one. Says the digest that results will carry otherwise."""
    read = read_policy(file)
    found = read.policy
    name = "content risk (scorer)" if read.kind is Policy else "context (referrer)"
    if not isinstance(found, list):
        typer.echo(f"{file}: a sound policy of {name}, digest {found.digest}")
        return
    number = f"{len(found)} mistake{'s' if len(found) > 1 else ''}"
    # Names of files and settings are anybody's: as texts they are shown as they are, and nothing in them is markup.
    title = Text(in_one_line(f"{file.name}: {number}, read as {name}"), style="table.title")
    grid = Grid("line", "setting", "what to do", title=title)
    for mistake in found:
        line = "" if mistake.line is None else str(mistake.line)
        grid.add_row(line, cell(mistake.setting), cell(mistake.message))
    Console().print(grid)
    raise typer.Exit(BROKEN)
