"""`hub demo`: the whole hub on this machine over an invented evening or a recording, live or checked unattended."""

import asyncio
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import orjson
import typer
from rich.console import Console
from rich.live import Live

from deploy.demo.people import DeskClient, Plan, by_band, only_the_top
from deploy.demo.run import Checked, check, require_running, topic_counts
from deploy.demo.screen import WIDTH, Line, screen
from deploy.demo.script import events as evening
from deploy.demo.stack import Stack
from schemas.http import FORMATS
from services.ingest.adapters.door_client import DoorClient
from services.ingest.collecting import Tally, replay
from services.ingest.recordings import Item, items
from services.runtime.errors import Fatal, HubError

EVENING_SECONDS = 45.0
CHECK_RATE, BATCH, PATIENCE_SECONDS = 5_000.0, 100, 30.0
SHOWN = 12
REFRESH_SECONDS = 1.0
FAILED = 4


def demo(
    check_only: Annotated[
        bool,
        typer.Option("--check", help="Unattended: scripted reviewers and platforms; exit 4 if a promise is broken."),
    ] = False,
    events: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A recording instead of the invented evening.")
    ] = None,
    format_name: Annotated[
        str, typer.Option("--format", help=f"Shape of the recording: {', '.join(FORMATS)}.")
    ] = "hub",
    folder: Annotated[
        Path | None, typer.Option(help="Keep data and logs here. Default: a folder that is removed.")
    ] = None,
) -> None:
    """Start Kafka and the three services, publish events, and show what flows and the ranking until Ctrl-C."""
    # Said at once, and not by the door when Kafka and all services have started.
    if format_name not in FORMATS:
        raise Fatal(f"--format {format_name}: choose one of {', '.join(FORMATS)}")
    published = list(items(events.read_bytes())) if events else written_evening()
    name = format_name if events else "hub"
    place = folder or Path(tempfile.mkdtemp(prefix="hub-demo-"))
    console = Console(width=min(WIDTH, Console().width))
    # A closed terminal or a supervisor's stop must leave nothing behind either.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    try:
        with Stack(place, lambda text: console.print(f"- {text}", style="dim"), everything=events is not None) as stack:
            if check_only:
                done = _check(stack, published, name, console, Plan(only_the_top if events else by_band))
            else:
                _live(stack, published, name, console)
        if check_only:
            _tell(done)
    except KeyboardInterrupt:
        console.print("stopped; nothing is left running")
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


def _interrupted(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def written_evening() -> list[Item]:
    """The invented evening, counted back from now."""
    return [Item(f"post {number}", orjson.dumps(event)) for number, event in enumerate(evening(datetime.now(UTC)), 1)]


async def publish(
    stack: Stack, wanted: Sequence[Item], format_name: str, rate: float, done: Callable[[int], None]
) -> Tally:
    """Everything to the door, at no more than `rate` items a second."""
    async with httpx.AsyncClient(base_url=stack.door) as client:
        door = DoorClient(client, stack.collector_key, {"format": format_name}, patience=PATIENCE_SECONDS)
        return await replay(wanted, door.publish, rate=rate, batch=BATCH, done=done)


def _check(stack: Stack, wanted: Sequence[Item], format_name: str, console: Console, plan: Plan) -> Checked:
    begun = time.monotonic()
    console.print(f"- publishing {len(wanted)} items", style="dim")
    tally = asyncio.run(publish(stack, wanted, format_name, CHECK_RATE, lambda _: None))
    for place, verdict in tally.refused:
        console.print(f"- {place}: refused, {verdict.detail}", style="dim", markup=False)
    return check(stack, tally.counts, plan, lambda text: console.print(f"- {text}", style="dim"), begun)


def _tell(done: Checked) -> None:
    """Every broken promise, and the totals as the very last line; exit 4 if a promise is broken."""
    for fault in done.faults:
        typer.echo(f"BROKEN: {fault}")
    typer.echo(done.totals.line())
    if done.faults:
        raise typer.Exit(FAILED)


def _live(stack: Stack, wanted: Sequence[Item], format_name: str, console: Console) -> None:
    sent: list[int] = []
    failures: list[HubError] = []

    def send() -> None:
        try:
            asyncio.run(publish(stack, wanted, format_name, len(wanted) / EVENING_SECONDS, sent.append))
        except HubError as why:
            failures.append(why)

    threading.Thread(target=send, name="publisher", daemon=True).start()
    lines: dict[str, Line] = {}
    shown = Live(console=console, auto_refresh=False, screen=False, vertical_overflow="visible")
    with DeskClient(stack.desk, stack.reviewer_tokens[0]) as desk, shown as live:
        while not failures:
            require_running(stack)
            queue = _queue(desk, lines)
            state = f"{sum(sent)} of {len(wanted)} published; Ctrl-C stops everything"
            live.update(screen(topic_counts(stack), queue, stack.places(), state), refresh=True)
            time.sleep(REFRESH_SECONDS)
    raise failures[0]


def _queue(desk: DeskClient, known: dict[str, Line]) -> list[Line]:
    """The head of the queue; the words of a version are asked for once."""
    lines = []
    for number, case in enumerate(desk.cases()):
        if number >= SHOWN:
            break
        seen = known.get(case.content_version)
        if seen is None:
            texts = desk.case(case.case_id).content.content.texts
            seen = Line("", 0.0, "", "", texts[0].original if texts else "(no words)")
            known[case.content_version] = seen
        lines.append(Line(case.band.value, case.risk, case.platform, case.state.value, seen.excerpt))
    return lines
