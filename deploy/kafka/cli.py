"""`hub kafka`: starts, stops and shows the one broker of this folder; it is found again by process id and start time."""

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import orjson
import psutil
import typer
from rich.console import Console

from deploy.kafka.broker import LocalBroker, local_folder
from schemas.topics import SHAPES
from schemas.vocabulary import Environment
from services.runtime.errors import Fatal
from services.runtime.kafka import existing_topics
from services.runtime.settings import KafkaSettings
from services.runtime.topics_cli import create_missing

app = typer.Typer(help="The local Kafka broker of this folder.", no_args_is_help=True)
NOT_RUNNING = 3
DEFAULT_PORT = 9092


@dataclass(frozen=True, slots=True)
class State:
    """The broker that runs: its process and when that began, so that a recycled process id is never taken for it."""

    pid: int
    began: float
    port: int
    data_dir: str


def state_file() -> Path:
    """Where the running broker is noted."""
    return local_folder() / "kafka" / "state.json"


def running() -> State | None:
    """The broker that runs, if one does; a note about one that is gone is removed."""
    path = state_file()
    if not path.exists():
        return None
    state = State(**orjson.loads(path.read_bytes()))
    try:
        if abs(psutil.Process(state.pid).create_time() - state.began) < 1.0:
            return state
    except psutil.NoSuchProcess:
        pass
    path.unlink()
    return None


@app.command()
def start(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 picks a free one.")] = DEFAULT_PORT,
    data_dir: Annotated[Path | None, typer.Option(help="Default: .local/kafka/data.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw away the data of earlier runs first.")] = False,
    topics: Annotated[bool, typer.Option(help="Also create the hub's topics.")] = True,
) -> None:
    """Start the broker and create the topics; it runs on until `hub kafka stop`."""
    if (state := running()) is not None:
        raise Fatal(f"a broker runs already at 127.0.0.1:{state.port}, process {state.pid}; `hub kafka stop` ends it")
    folder = data_dir or local_folder() / "kafka" / "data"
    broker = LocalBroker(folder, port or None)
    with Console(stderr=True).status("starting Apache Kafka"):
        broker.start(fresh=fresh)
        assert broker.pid is not None  # noqa: S101  start() set it
        note = State(broker.pid, psutil.Process(broker.pid).create_time(), broker.port, str(folder))
        state_file().parent.mkdir(parents=True, exist_ok=True)
        state_file().write_bytes(orjson.dumps(asdict(note)))
        if topics:
            asyncio.run(create_missing(KafkaSettings(bootstrap=broker.bootstrap), SHAPES[Environment.LOCAL]))
    broker.detach()
    typer.echo(f"Kafka answers at {broker.bootstrap}, process {broker.pid}, data in {folder}")


@app.command()
def stop() -> None:
    """Stop the broker; its data stay."""
    state = running()
    if state is None:
        typer.echo("no broker runs")
        return
    broker = LocalBroker(Path(state.data_dir), state.port)
    broker.pid = state.pid
    broker.stop()
    state_file().unlink(missing_ok=True)
    typer.echo(f"stopped process {state.pid}")


@app.command()
def status() -> None:
    """Say whether the broker runs and answers; exit 3 if none runs."""
    state = running()
    if state is None:
        typer.echo("no broker runs")
        raise typer.Exit(NOT_RUNNING)
    names = asyncio.run(existing_topics(KafkaSettings(bootstrap=f"127.0.0.1:{state.port}")))
    memory = psutil.Process(state.pid).memory_info().rss // 2**20
    typer.echo(f"Kafka answers at 127.0.0.1:{state.port}, process {state.pid}, {memory} MB, {len(names)} topics")
