"""Dead letters come in; those that pass a filter, and were not sent back before, go out to the topics they came from."""

from collections.abc import AsyncIterator, Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiolimiter import AsyncLimiter
from rich.progress import Progress

from schemas.reasons import Reason
from schemas.topics import CONSUMED, DLQ_SUFFIX, MAX_MESSAGE_BYTES, TOPICS
from services.runtime.dead_letters import CUT_FROM, KAFKA_PREFIX, OWN_HEADERS, framed, reason_of
from services.runtime.envelope import Incoming, Outgoing
from services.runtime.errors import Fatal
from services.runtime.kafka import UNREADABLE, Producer
from services.runtime.reading import Reader
from services.runtime.settings import KafkaSettings

REPLAYED = "hub_replayed_from"


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


def may_be_forgotten(letter: Incoming, now: datetime) -> bool:
    """Whether a replay of this letter may have left no trace: its topic keeps what was sent back no longer than anything else."""
    kept = timedelta(days=TOPICS[letter.source.topic.removesuffix(DLQ_SUFFIX)].retention_days)
    return now - datetime.fromtimestamp(letter.timestamp_ms / 1000, UTC) >= kept


def fits(letter: Incoming) -> bool:
    """Whether it is whole, and its topic takes it back: a record may have been larger where its sender compressed it."""
    if letter.header(CUT_FROM) is not None or letter.header(UNREADABLE[0]) is not None:
        return False
    return framed(restored(letter)) <= MAX_MESSAGE_BYTES


@dataclass(frozen=True, slots=True)
class Choice:
    """The letters to send back, and how many are left out: those sent before, too old to know, or not fit for their topic."""

    letters: Sequence[Incoming]
    sent_before: int
    too_old: int
    unfit: int


def choose(found: Sequence[Incoming], before: Container[str], now: datetime, *, old: bool) -> Choice:
    """Each letter that fits and was not sent before; with `old` also where nobody can know."""
    fitting = [letter for letter in found if fits(letter)]
    left = [letter for letter in fitting if str(letter.source) not in before]
    meant = [letter for letter in left if old or not may_be_forgotten(letter, now)]
    return Choice(meant, len(fitting) - len(left), len(left) - len(meant), len(found) - len(fitting))


async def chosen(settings: KafkaSettings, wanted: Filter, *, old: bool) -> Choice:
    """What a replay would send now."""
    found = [letter async for letter in letters(settings, wanted)]
    sources = sorted({topic.removesuffix(DLQ_SUFFIX) for topic in wanted.topics()})
    before = await already_replayed(settings, sources)
    return choose(found, before, datetime.now(UTC), old=old)


async def send_back(settings: KafkaSettings, meant: Sequence[Incoming], rate: float, progress: Progress) -> None:
    """Send each letter to its source topic, so many a second."""
    most = max(1.0, rate)
    limiter = AsyncLimiter(most, most / rate)
    producer = Producer(settings, "hub-dlq")
    await producer.start()
    try:
        task = progress.add_task("sending back", total=len(meant))
        for letter in meant:
            async with limiter:
                await producer.send_all([restored(letter)])
            progress.advance(task)
    finally:
        await producer.stop()
