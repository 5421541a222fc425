"""`hub dlq`: dead letters come in; a person sees them, and sends back what a fix has made usable."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import typer
from aiolimiter import AsyncLimiter
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from schemas.reasons import ADVICE, Reason
from schemas.topics import CONSUMED, DLQ_SUFFIX
from services.runtime.dead_letters import KAFKA_PREFIX, OWN_HEADERS, reason_of
from services.runtime.envelope import Incoming, Outgoing, Source, as_mapping
from services.runtime.errors import Fatal
from services.runtime.kafka import Producer
from services.runtime.reading import Reader
from services.runtime.settings import KafkaSettings
from services.runtime.terminal import harmless, in_one_line

app = typer.Typer(help="Look at dead letters and send them back.", no_args_is_help=True)
REPLAYED = "hub_replayed_from"
SHOWN_BYTES = 2_000
TopicOption = Annotated[
    str | None, typer.Option("--topic", help="Source topic, e.g. content.received.v1; default: all.")
]
ReasonOption = Annotated[Reason | None, typer.Option("--reason", help="Only letters with this reason.")]
StageOption = Annotated[str | None, typer.Option("--stage", help="Only letters that this stage set aside.")]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which dead letters are meant."""

    topic: str | None = None
    reason: Reason | None = None
    stage: str | None = None

    def topics(self) -> list[str]:
        """The dead-letter topics to read. Raises Fatal for one that no stage has."""
        known = {topic.name: topic.dlq for topic in CONSUMED}
        if self.topic is None:
            return list(known.values())
        source = self.topic.removesuffix(DLQ_SUFFIX)
        if source not in known:
            raise Fatal(f"{self.topic} has no dead letters; choose one of {', '.join(known)}")
        return [known[source]]

    def wants(self, letter: Incoming) -> bool:
        """Whether this letter is meant."""
        return (self.reason is None or reason_of(letter) is self.reason) and (
            self.stage is None or letter.header("stage") == self.stage
        )


async def letters(settings: KafkaSettings, wanted: Filter) -> AsyncIterator[Incoming]:
    """Dead letters that lie there now and pass the filter."""
    topics = wanted.topics()
    async with Reader(settings) as reader:
        async for letter in reader.records(topics):
            if wanted.wants(letter):
                yield letter


def restored(letter: Incoming) -> Outgoing:
    """The record as it was before it was set aside: same key, value and headers; how often it failed stays with it."""
    dropped = {*OWN_HEADERS, "hub_source"} - {"attempts", "first_failed_at"}
    headers = [
        (n, v) for n, v in letter.headers if n not in dropped and not n.startswith(KAFKA_PREFIX) and n != REPLAYED
    ]
    topic = letter.header(KAFKA_PREFIX + "topic") or letter.source.topic.removesuffix(DLQ_SUFFIX)
    return Outgoing(topic, letter.key, letter.value, [*headers, (REPLAYED, str(letter.source).encode())])


async def already_replayed(settings: KafkaSettings, topics: list[str]) -> set[str]:
    """Dead letters that an earlier replay sent back, by where they lie: that is what makes a replay repeatable."""
    async with Reader(settings) as reader:
        return {origin async for record in reader.records(topics) if (origin := record.header(REPLAYED)) is not None}


async def replay_letters(settings: KafkaSettings, wanted: Filter, rate: float, progress: Progress) -> tuple[int, int]:
    """Send the letters back to their source topics; gives how many were sent and how many had been sent before."""
    found = [letter async for letter in letters(settings, wanted)]
    sources = sorted({topic.removesuffix(DLQ_SUFFIX) for topic in wanted.topics()})
    before = await already_replayed(settings, sources)
    chosen = [letter for letter in found if str(letter.source) not in before]
    most = max(1.0, rate)
    limiter = AsyncLimiter(most, most / rate)
    producer = Producer(settings, "hub-dlq")
    await producer.start()
    try:
        task = progress.add_task("sending back", total=len(chosen))
        for letter in chosen:
            async with limiter:
                await producer.send_all([restored(letter)])
            progress.advance(task)
    finally:
        await producer.stop()
    return len(chosen), len(found) - len(chosen)


def as_text(letter: Incoming) -> str:
    """A letter for a terminal: it was refused for a reason, and may hold what would steer that terminal."""
    headers = [in_one_line(f"{name}: {text}") for name, text in as_mapping(letter.headers).items()]
    value = letter.value or b""
    more = [f"… {len(value) - SHOWN_BYTES} bytes more"] if len(value) > SHOWN_BYTES else []
    return "\n".join([*headers, "", harmless(value[:SHOWN_BYTES].decode(errors="backslashreplace")), *more])


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

    table = Table("topic", "stage", "reason", "letters", "what to do")
    counts = asyncio.run(count())
    for (name, at, why), number in sorted(counts.items()):
        advice = next((text for known, text in ADVICE.items() if known.value == why), "")
        table.add_row(name, Text(in_one_line(at)), Text(in_one_line(why)), str(number), advice)
    Console().print(table)
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent.")] = False,
) -> None:
    """Send dead letters back to the topic they came from; one that was sent before is left out."""
    settings, wanted = KafkaSettings(), Filter(topic, reason, stage)
    if dry_run:

        async def name() -> list[str]:
            return [
                in_one_line(f"{found.source} -> {restored(found).topic}") async for found in letters(settings, wanted)
            ]

        lines = asyncio.run(name())
        typer.echo("\n".join([*lines, f"{len(lines)} dead letters would be sent back"]))
        return
    with Progress(console=Console(stderr=True)) as progress:
        sent, before = asyncio.run(replay_letters(settings, wanted, rate, progress))
    typer.echo(f"sent={sent} sent_before={before}")
