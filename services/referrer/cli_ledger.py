"""`hub ledger`: the ledger, or an export of it, comes in; whether its chain and checkpoints hold, and where not, goes out."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer

from services.referrer.books import Books, Database
from services.referrer.checkpoints import Check, Checkpoint, new_key, public_key
from services.referrer.cli import open_database
from services.referrer.ledger import Entry
from services.referrer.ledger_file import items_of, line_of
from services.referrer.sealing import signer_of
from services.referrer.settings import ReferrerSettings
from services.runtime.errors import Fatal

app = typer.Typer(no_args_is_help=True, help="The append-only record of views, decisions, requests and outcomes.")
BROKEN = 5
STRETCH = 2_000
UNSEALED = (
    "no checkpoint, though there is a key: the chain holds, but nothing that was signed says that it is the one that was there."
    " Hold it against an older export (--checkpoints) or against the lines `ledger_checkpoint` of the log."
)
Keys = Annotated[
    list[str] | None,
    typer.Option("--public-key", help="A key that checkpoints may be signed with, 64 hex digits; repeat it."),
]


@app.command("verify")
def verify(
    file: Annotated[Path | None, typer.Option(help="An export to check instead of the database.")] = None,
    kept: Annotated[
        Path | None, typer.Option("--checkpoints", help="An older export: its checkpoints must hold as well.")
    ] = None,
    keys: Keys = None,
) -> None:
    """Follow the chain from its first entry and hold every checkpoint against it; exit code 5 names what is broken."""
    with ExitStack() as aside:
        entries, checkpoints = (
            _of_file(aside.enter_context(_read_twice(file))) if file is not None else _of_database(open_database())
        )
        if kept is not None:
            checkpoints = [*checkpoints, *_checkpoints(kept)]
        _verify(entries, checkpoints, _keys(keys))


def _verify(entries: Iterable[Entry], checkpoints: Sequence[Checkpoint], keys: Sequence[bytes]) -> None:
    check = Check(checkpoints, keys)
    stretch: list[Entry] = []
    for entry in entries:
        stretch.append(entry)
        if len(stretch) == STRETCH:
            check.feed(stretch)
            stretch = []
    check.feed(stretch)
    broken = check.end()
    if broken is not None:
        typer.echo(f"entry {broken.seq}: {broken.why}")
        raise typer.Exit(BROKEN)
    seq, head = check.head
    typer.echo(f"entries={seq} checkpoints={len(checkpoints)} head={head}")
    if check.unsealed:
        typer.echo(UNSEALED, err=True)


def _keys(given: list[str] | None) -> list[bytes]:
    """The keys that were named, else the desk's own."""
    if given:
        return [public_key(text) for text in given]
    signer = signer_of(ReferrerSettings())
    return [signer.public] if signer is not None else []


@contextmanager
def _read_twice(path: Path) -> Iterator[Path]:
    """The same file, or a copy of what comes through a pipe, which holds nothing when it is read again."""
    if path.is_file():
        yield path
        return
    with NamedTemporaryFile() as aside:
        try:
            with path.open("rb") as lines:
                copyfileobj(lines, aside)
        except OSError as why:
            raise Fatal(f"{path}: {why.strerror}") from why
        aside.flush()
        yield Path(aside.name)


def _of_file(path: Path) -> tuple[Iterator[Entry], list[Checkpoint]]:
    # Read twice, because checkpoints stand last and a ledger of years does not have to fit into memory.
    return (item for item in _items(path) if isinstance(item, Entry)), _checkpoints(path)


def _checkpoints(path: Path) -> list[Checkpoint]:
    return [item for item in _items(path) if isinstance(item, Checkpoint)]


def _items(path: Path) -> Iterator[Entry | Checkpoint]:
    try:
        with path.open("rb") as lines:
            yield from items_of(lines)
    except OSError as why:
        raise Fatal(f"{path}: {why.strerror}") from why


def _of_database(database: Database) -> tuple[Iterator[Entry], list[Checkpoint]]:
    # Read before the entries: what is appended meanwhile lies after every checkpoint.
    return _entries(database), database.read(lambda books: books.ledger.checkpoints())


def _entries(database: Database) -> Iterator[Entry]:
    after = 0
    while stretch := database.read(partial(_stretch, after=after)):
        yield from stretch
        after = stretch[-1].seq


def _stretch(books: Books, after: int) -> list[Entry]:
    return books.ledger.entries(after, STRETCH)


@app.command("export")
def export(out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None) -> None:
    """Write every entry and checkpoint as JSON lines, by which others can verify without this database."""
    entries, checkpoints = _of_database(open_database())
    with out.open("wb") if out is not None else sys.stdout.buffer as target:
        for item in entries:
            target.write(line_of(item))
        for checkpoint in checkpoints:
            target.write(line_of(checkpoint))


@app.command("key")
def key(
    fresh: Annotated[bool, typer.Option("--new", help="Make a private key and print it instead.")] = False,
) -> None:
    """Print the public key of this desk's checkpoints, for those who verify."""
    if fresh:
        typer.echo(new_key())
        return
    signer = signer_of(ReferrerSettings())
    if signer is None:
        raise Fatal("no checkpoint key is set; make one with `hub ledger key --new` and set REFERRER_CHECKPOINT_KEY")
    typer.echo(signer.public.hex())
