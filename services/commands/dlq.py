"""`hub dlq`: dead letters come in; a person sees them, and sends back what a fix has made usable."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from schemas.reasons import ADVICE, Reason
from services.commands.replaying import Filter, chosen, letters, restored, send_back
from services.runtime.envelope import Incoming, Source, as_mapping
from services.runtime.errors import Fatal
from services.runtime.reading import Reader
from services.runtime.settings import KafkaSettings
from services.runtime.terminal import cell, harmless, in_one_line

app = typer.Typer(help="Look at dead letters and send them back.", no_args_is_help=True)
SHOWN_BYTES = 2_000
TopicOption = Annotated[
    str | None, typer.Option("--topic", help="Source topic, e.g. content.received.v1; default: all.")
]
ReasonOption = Annotated[Reason | None, typer.Option("--reason", help="Only letters with this reason.")]
StageOption = Annotated[str | None, typer.Option("--stage", help="Only letters that this stage set aside.")]


def as_text(letter: Incoming) -> str:
    """A letter for a terminal: it was refused for a reason, and may hold what would steer that terminal."""
    headers = [in_one_line(f"{name}: {text}") for name, text in as_mapping(letter.headers).items()]
    value = letter.value or b""
    more = [f"… {len(value) - SHOWN_BYTES} bytes more"] if len(value) > SHOWN_BYTES else []
    return "\n".join([*headers, "", harmless(value[:SHOWN_BYTES].decode(errors="backslashreplace")), *more])


def table_of(counts: Mapping[tuple[str, str, str], int]) -> Table:
    """How many letters there are of each topic, stage and reason, and what to do about them."""
    # The other commands ask for these words: they stand there whole on the narrowest terminal.
    names = (Column("topic", overflow="fold"), Column("stage", overflow="fold"), Column("reason", no_wrap=True))
    table = Table(*names, "letters", "what to do")
    for (name, at, why), number in sorted(counts.items()):
        advice = next((text for known, text in ADVICE.items() if known.value == why), "")
        table.add_row(name, cell(at), cell(why), str(number), advice)
    return table


@app.command("list")
def list_letters(topic: TopicOption = None, reason: ReasonOption = None, stage: StageOption = None) -> None:
    """Count dead letters by topic, stage and reason, with what to do about each."""
    wanted = Filter(topic, reason, stage)

    async def count() -> Counter[tuple[str, str, str]]:
        return Counter(
            [
                (found.source.topic, found.header("stage") or "-", found.header("reason") or "-")
                async for found in letters(KafkaSettings(), wanted)
            ]
        )

    counts = asyncio.run(count())
    Console().print(table_of(counts))
    typer.echo(f"{counts.total()} dead letters")


@app.command()
def show(
    place: Annotated[str, typer.Argument(help="topic/partition/offset.")],
) -> None:
    """Show one dead letter: its headers, and its value as far as it is text."""
    source = Source.parse(place)
    if source is None:
        raise Fatal("say which letter as topic/partition/offset, e.g. content.received.v1.dlq/0/17")

    async def find() -> Incoming | None:
        async with Reader(KafkaSettings()) as reader:
            return await reader.at(source)

    letter = asyncio.run(find())
    if letter is None:
        raise Fatal(f"there is no record at {place}")
    typer.echo(as_text(letter))


@app.command()
def replay(
    topic: TopicOption = None,
    reason: ReasonOption = None,
    stage: StageOption = None,
    rate: Annotated[float, typer.Option(min=0.01, help="Letters a second.")] = 100.0,
    old: Annotated[
        bool, typer.Option("--old", help="Also letters older than their topic keeps records: they may go back twice.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent.")] = False,
) -> None:
    """Send dead letters back to the topic they came from; one that was sent before is left out.

    What was sent is seen on that topic, for as long as it keeps records; older letters go back with `--old` only.
    """
    settings = KafkaSettings()
    choice = asyncio.run(chosen(settings, Filter(topic, reason, stage), old=old))
    if choice.too_old:
        typer.echo(f"{choice.too_old} left out: too old to know whether they were sent before; see --old", err=True)
    if choice.unfit:
        typer.echo(f"{choice.unfit} left out: not whole, or too large to go back; have them sent anew", err=True)
    if dry_run:
        lines = [in_one_line(f"{letter.source} -> {restored(letter).topic}") for letter in choice.letters]
        typer.echo("\n".join([*lines, f"{len(lines)} dead letters would be sent back"]))
        return
    with Progress(console=Console(stderr=True)) as progress:
        asyncio.run(send_back(settings, choice.letters, rate, progress))
    typer.echo(f"sent={len(choice.letters)} sent_before={choice.sent_before}")
