"""The words of `hub retention`, `hub erase`, `hub subject`: a person asks what is kept and about whom, and has it removed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import orjson
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Column, Table

from schemas.topics import REVIEW_DECIDED, REVIEW_REQUESTED, TAKEDOWN_OUTCOME, TAKEDOWN_REQUESTED, TOPICS, Topic
from services.referrer.adapters.database import SqlDatabase
from services.referrer.cli import OPERATOR, open_database
from services.referrer.erasing import Erasing
from services.referrer.groups import load_groups
from services.referrer.policy import load_policy
from services.referrer.recall import Recall
from services.referrer.retaining import Due, Retaining
from services.referrer.retention import Kind, load_retention
from services.referrer.reviewing import Reviewing
from services.referrer.settings import ReferrerSettings
from services.runtime.clock import SystemClock
from services.runtime.errors import Retryable

EXIT_NOTHING = 3
retention = typer.Typer(no_args_is_help=True, help="How long the desk keeps what.")
subject = typer.Typer(no_args_is_help=True, help="What is held about one author.")
AuthorKey = Annotated[
    str,
    typer.Option("--author-key", help="As it stands in content, e.g. k1:0a1b…; `hub subject key` makes it from an id."),
]


@retention.command("run")
def retention_run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go; change nothing.")] = False,
) -> None:
    """Remove what is too old, kind by kind. The leader does the same once a day."""
    retaining = Retaining(open_database(), load_retention(ReferrerSettings().retention_file), SystemClock())
    found = retaining.look()
    gone = {} if dry_run else _removed(retaining)
    Console().print(_table(found, gone, dry_run))


def _removed(retaining: Retaining) -> dict[Kind, int]:
    with _progress() as progress:
        task = progress.add_task("removing")
        return retaining.run(lambda kind, n: progress.update(task, description=f"{kind.value}: {n:,} removed"))


def _table(found: list[Due], gone: dict[Kind, int], dry_run: bool) -> Table:
    number = "would go" if dry_run else "removed"
    table = Table(Column("kind", no_wrap=True), "kept", "from", Column(number, justify="right"), "why that long")
    for due in found:
        kept = f"{due.keep.days} days" if due.keep.days is not None else "always"
        records = due.number if dry_run else gone.get(due.kind, 0)
        table.add_row(due.kind.value, kept, due.keep.since, f"{records:,}" if due.age else "-", due.keep.reason)
    return table


def erase(
    author_key: AuthorKey,
    reason: Annotated[str, typer.Option(help="Why, for the ledger: a reference such as a file number, no names.")],
) -> None:
    """Remove everything of one author from the database, and blank what has to stay; exit code 3 when nothing was held.

    The ledger stays whole: it holds ids, codes and times. Notices stay as proof without any word of the author; those with legal
    force keep their address too.
    """
    database = open_database()
    with _progress() as progress:
        task = progress.add_task("erasing")
        done = _erasing(database).erase(author_key, reason, OPERATOR)
        progress.update(task, description="emptying the journal")
        settled = _settled(database)
    if not settled:
        typer.echo("The journal may still hold old bytes: say the same once more when nobody works.")
    if done.nothing:
        typer.echo("nothing is held about this author")
        raise typer.Exit(EXIT_NOTHING)
    table = Table("what", "removed", "blanked")
    for name in sorted({*done.erased.removed, *done.erased.blanked}):
        table.add_row(name, str(done.erased.removed.get(name, 0)), str(done.erased.blanked.get(name, 0)))
    Console().print(table)
    typer.echo(f"Copies on topics age out by {done.topics_until:%Y-%m-%d}: {aging_out()}.")


def aging_out() -> str:
    """How long topics may still hold something of an author, by what they carry."""
    content = _days(topic for topic in TOPICS.values() if topic.name.startswith("content."))
    reviews = _days((REVIEW_REQUESTED, REVIEW_DECIDED))
    requests = _days((TAKEDOWN_REQUESTED, TAKEDOWN_OUTCOME))
    return (
        f"content within {content} days, {REVIEW_REQUESTED.name} and {REVIEW_DECIDED.name} (quoted reasons, addresses) "
        f"within {reviews}, requests and outcomes within {requests}"
    )


def _days(topics: Iterable[Topic]) -> int:
    return max(topic.retention_days for topic in topics)


def _settled(database: SqlDatabase) -> bool:
    try:
        database.settle()
    except Retryable:
        return False
    return True


@subject.command("export")
def subject_export(
    author_key: AuthorKey,
    out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
) -> None:
    """Everything held about an author as JSON, to answer a request for access; exit code 3 when nothing is held."""
    with _progress() as progress:
        progress.add_task("collecting")
        held = _erasing(open_database()).export(author_key, OPERATOR)
    value = {"author_key": author_key, "made_at": datetime.now(UTC), "held": held}
    raw = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str)
    if out is None:
        typer.echo(raw.decode())
    else:
        out.write_bytes(raw)
        typer.echo(f"{sum(map(len, held.values()))} rows in {out}")
    raise typer.Exit(0 if any(held.values()) else EXIT_NOTHING)


def _erasing(database: SqlDatabase) -> Erasing:
    settings = ReferrerSettings()
    recall = Recall(load_policy(settings.policy_file), load_groups(settings.groups_file))
    clock = SystemClock()
    return Erasing(database, Reviewing(recall, clock, uuid4), clock)


def _progress() -> Progress:
    """Shown to a person at a terminal; a pipe gets the result alone."""
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
