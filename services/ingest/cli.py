"""The words of `hub keys` and `hub collect`: a person asks, keys are written, events go to the door."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from services.ingest.adapters.keys_file import KeysFile
from services.ingest.credentials import ALL_PLATFORMS, Keyring, new_key
from services.runtime.errors import Fatal

keys = typer.Typer(no_args_is_help=True, help="API keys of collectors.")
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
    store = KeysFile(file)
    present = store.read() if file.exists() else Keyring()
    try:
        key, grant = new_key(collector, tuple(platform or (ALL_PLATFORMS,)), events, volume, datetime.now(UTC))
    except ValidationError as why:
        raise Fatal("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in why.errors())) from why
    store.write(present.with_grant(grant))
    typer.echo(key)


@keys.command("list")
def list_keys(file: KeysPath = Path("ingest-keys.json")) -> None:
    """Show all keys without their secrets."""
    table = Table("id", "collector", "platforms", "events/s", "bytes/s", "created", "revoked")
    for grant in KeysFile(file).read().keys:
        table.add_row(
            grant.id, grant.collector, " ".join(grant.platforms), f"{grant.events_per_second:g}",
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
        store.write(store.read().revoked(key_id, datetime.now(UTC)))
    except KeyError as why:
        raise Fatal(f"no key has the id {key_id}") from why
    typer.echo(f"{key_id} is revoked")


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "-"
