"""The words of `hub keys` and `hub collect`: a person asks, keys are written, events go to the door."""

import asyncio
import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from schemas.door import Verdict
from schemas.http import FORMATS
from services.ingest.adapters.door_client import DoorClient
from services.ingest.adapters.jetstream_feed import Cursor, JetstreamFeed
from services.ingest.adapters.keys_file import KeysFile
from services.ingest.collecting import Tally, replay
from services.ingest.credentials import ALL_PLATFORMS, Keyring, is_platform, new_key
from services.ingest.recordings import items
from services.runtime import logs
from services.runtime.errors import Fatal
from services.runtime.terminal import cell

keys = typer.Typer(no_args_is_help=True, help="API keys of collectors.")
collect = typer.Typer(no_args_is_help=True, help="Send recorded or live content to a hub's door.")
DOOR = "http://127.0.0.1:8080"
DoorUrl = Annotated[str, typer.Option("--door", envvar="HUB_DOOR", help="Where the hub's door is.")]
DoorKey = Annotated[str, typer.Option("--key", envvar="HUB_KEY", help="API key; better in the environment.")]
KeysPath = Annotated[Path, typer.Option("--file", envvar="INGEST_KEYS_FILE", help="The keys file that the door reads.")]


@keys.command("create")
def create_key(
    collector: Annotated[str, typer.Argument(help="Name of the collector; it stands in every event.")],
    file: KeysPath = Path("ingest-keys.json"),
    platform: Annotated[
        list[str] | None, typer.Option(help="A platform it may publish; repeat it. Default: all.")
    ] = None,
    events: Annotated[float, typer.Option(help="Events a second, at least 50.")] = 2_000.0,
    volume: Annotated[float, typer.Option(help="Bytes a second, at least 1,700,000.")] = 8_000_000.0,
) -> None:
    """Make a key, write its hash to the file, and print the key: it is shown this once."""
    for name in platform or ():
        if name != ALL_PLATFORMS and not is_platform(name):
            raise Fatal(f"--platform {name}: write it as content does, in small letters, e.g. bluesky")
    store = KeysFile(file)
    try:
        key, grant = new_key(collector, tuple(platform or (ALL_PLATFORMS,)), events, volume, datetime.now(UTC))
    except ValidationError as why:
        raise Fatal("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in why.errors())) from why
    with store.changing():
        present = store.read() if file.exists() else Keyring()
        store.write(present.with_grant(grant))
    typer.echo(key)


@keys.command("list")
def list_keys(file: KeysPath = Path("ingest-keys.json")) -> None:
    """Show all keys without their secrets."""
    # The id is what `hub keys revoke` asks for: it stands there whole on the narrowest terminal.
    names = ("collector", "platforms", "events/s", "bytes/s", "created", "revoked")
    table = Table(Column("id", no_wrap=True), *(Column(name, overflow="fold") for name in names))
    for grant in KeysFile(file).read().keys:
        table.add_row(
            grant.id, cell(grant.collector), " ".join(grant.platforms), f"{grant.events_per_second:g}",
            f"{grant.bytes_per_second:g}", _day(grant.created_at), _day(grant.revoked_at),
        )  # fmt: skip
    Console().print(table)


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The id that `hub keys list` shows.")],
    file: KeysPath = Path("ingest-keys.json"),
) -> None:
    """Make a key useless; doors that run notice within about a second."""
    store = KeysFile(file)
    try:
        with store.changing():
            store.write(store.read().revoked(key_id, datetime.now(UTC)))
    except KeyError as why:
        raise Fatal(f"no key has the id {key_id}") from why
    typer.echo(f"{key_id} is revoked")


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "-"


@collect.command("file")
def collect_file(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The recording; .gz is unpacked.")],
    key: DoorKey,
    format: Annotated[str, typer.Option("--format", help=f"Shape of its items: {', '.join(FORMATS)}.")] = FORMATS[0],
    rate: Annotated[float, typer.Option(min=0.01, max=1_000_000, help="Items a second.")] = 100.0,
    url: Annotated[str, typer.Option("--url", "--door", envvar="HUB_DOOR", help="Where the hub's door is.")] = DOOR,
    instance: Annotated[str | None, typer.Option(help="Server that was read, for shapes that do not name it.")] = None,
    batch: Annotated[int, typer.Option(min=1, max=500, help="Items a request.")] = 100,
    compress: Annotated[bool, typer.Option("--gzip/--no-gzip", help="Compress what is sent.")] = True,
) -> None:
    """Replay a recording: JSON lines, a JSON array, a platform's listing, or server-sent events."""
    if format not in FORMATS:
        raise Fatal(f"--format {format}: choose one of {', '.join(FORMATS)}")
    recording = _recording(path)
    found = list(items(recording))
    query = {"format": format} | ({"instance": instance} if instance else {})

    async def work(progress: Progress) -> Tally:
        task = progress.add_task(path.name[:24], total=len(found))
        async with httpx.AsyncClient(base_url=url) as client:
            door = DoorClient(client, key, query, compress=compress, away=_teller(progress))
            return await replay(
                found, door.publish, rate=rate, batch=batch, done=lambda number: progress.advance(task, number)
            )

    with _progress() as progress:
        tally = asyncio.run(work(progress))
    _report(tally)


@collect.command("jetstream")
def collect_jetstream(
    url: Annotated[str, typer.Option("--url", help="The endpoint, e.g. wss://HOST/subscribe.")],
    key: DoorKey,
    door: DoorUrl = DOOR,
    cursor: Annotated[Path, typer.Option(help="Where the place in the stream is kept.")] = Path("jetstream.cursor"),
    most: Annotated[int | None, typer.Option(min=1, help="Stop after so many messages; default: never.")] = None,
    batch: Annotated[int, typer.Option(min=1, max=500, help="Messages a request, at most.")] = 100,
    compress: Annotated[bool, typer.Option("--gzip/--no-gzip", help="Compress what is sent.")] = True,
) -> None:
    """Stream Bluesky's posts to the door; after a cut or a restart it goes on where it was."""

    async def work(progress: Progress) -> Tally:
        task = progress.add_task("messages", total=most)
        async with httpx.AsyncClient(base_url=door) as client:
            query = {"format": "bluesky-jetstream"}
            publish = DoorClient(client, key, query, compress=compress, away=_teller(progress)).publish
            log = logs.configure("warning", "console", "collect")
            feed = JetstreamFeed(url, Cursor(cursor), publish, log, batch=batch)
            await feed.run(lambda number: progress.advance(task, number), most)
            return feed.tally

    with _progress() as progress:
        tally = asyncio.run(work(progress))
    _report(tally)


def _recording(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix != ".gz":
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError) as why:
        raise Fatal(f"{path.name} is not a whole gzip file") from why


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console(stderr=True)
    )  # fmt: skip


def _teller(progress: Progress) -> Callable[[str], None]:
    """Says above the bar why it stands still."""

    def tell(why: str) -> None:
        progress.console.print(f"no answer from the door, asking again: {why}", markup=False, soft_wrap=True)

    return tell


def _report(tally: Tally) -> None:
    """The first refusals with their places, then the counts."""
    for place, verdict in tally.refused:
        reason = verdict.reason.value if verdict.reason else "-"
        typer.echo(f"{place}: {reason} {verdict.pointer or ''} {verdict.detail or ''}".rstrip(), err=True)
    if more := tally.counts[Verdict.REJECTED] - len(tally.refused):
        typer.echo(f"… {more} more were refused", err=True)
    typer.echo(str(tally))
