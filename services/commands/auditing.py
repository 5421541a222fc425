"""Topics, committed offsets and the referrer's inbox come in; per stage, what became of every accepted record goes out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.topics import NORMALISED, RANKED, RECEIVED, SCORED, TAKEDOWN_OUTCOME, Topic
from services.ingest.handlers import observation_of
from services.ingest.memory import REMEMBERED
from services.runtime.clock import Clock, SystemClock
from services.runtime.conservation import Found, Ledgered, StageAudit, audit_stage, with_removed
from services.runtime.envelope import Incoming, Source
from services.runtime.reading import Reader, committed
from services.runtime.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Groups:
    """Consumer groups of the three stages."""

    ingest: str = "hub-ingest"
    scorer: str = "hub-scorer"
    referrer: str = "hub-referrer"


# Clocks of brokers and services may differ by so much: what was made of a record may bear an earlier time.
SKEW = timedelta(hours=1)
# What the referrer's database says it recorded or took for a repeat, by topic from a moment on; its dead letters are looked for on
# their topic.
Inbox = Callable[[Mapping[str, datetime]], Iterable[tuple[Source, Found]]]


class Audit:
    """Reads headers, and bodies only where a repeat leaves no other trace. Read-only; run it as often as you like.

    Records past their time are left out: Kafka removes whole segments, so they may lie there after what was made of them is gone.

    Each look reads anew: a record that ended once may get a second, different ending, or lose its mark, long after it was looked at.
    Measured with everything ranked: 60 µs of a processor and 0.8 kB of memory per observation kept; `back` bounds both.
    """

    def __init__(
        self, kafka: KafkaSettings, groups: Groups, inbox: Inbox, back: timedelta | None = None,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._kafka = kafka
        self._groups = groups
        self._inbox = inbox
        self._back = back
        self._clock = clock or SystemClock()

    async def run(self) -> list[StageAudit]:
        """Audit every stage. The committed offsets are read before records: what is committed later is only more complete.

        Where logs begin is read before them: what is removed later may have been read by then.
        """
        async with Reader(self._kafka) as reader:
            begins = await self._begins(reader)
            ingest, scorer, referrer = [
                await committed(self._kafka, group)
                for group in (self._groups.ingest, self._groups.scorer, self._groups.referrer)
            ]
            inbox = self.recorded()
            return [
                with_removed(await self.ingest(reader, ingest), begins, ingest),
                with_removed(await self._scorer(reader, scorer), begins, scorer),
                *[
                    with_removed(await self._referrer(reader, topic, referrer, found), begins, referrer)
                    for topic, found in inbox.items()
                ],
            ]

    async def _begins(self, reader: Reader) -> dict[tuple[str, int], int]:
        """Where the log of each partition that a stage reads begins."""
        bounds = [await reader.bounds(topic.name) for topic in (RECEIVED, NORMALISED, RANKED, TAKEDOWN_OUTCOME)]
        return {(at.topic, at.partition): begin for topic in bounds for at, (begin, _) in topic.items()}

    async def ingest(self, reader: Reader, offsets: Mapping[tuple[str, int], int]) -> StageAudit:
        """What became of received records."""
        # What a repeat is a repeat of was published so long before it at most, and must be kept still.
        begin = self._begin(RECEIVED, REMEMBERED)
        found, published = Ledgered(), set[str]()
        async for record in reader.records([NORMALISED.name], _ms(begin - SKEW)):
            _note(found, record, Found.PUBLISHED)
            published.add(record.header("ce_id") or "")
        await self._dead(reader, RECEIVED, begin, found)
        sources: list[Source] = []
        repeats: dict[Source, str | None] = {}
        async for record in reader.records([RECEIVED.name], _ms(begin)):
            sources.append(record.source)
            if record.source not in found.endings and _passed(record.source, offsets):
                repeats[record.source] = observation_of(record.value)
        # A repeat leaves no record of its own: it ended well if the same observation was published for another one, be it long before.
        if not published.issuperset(repeats.values()):
            published |= {record.header("ce_id") or "" async for record in reader.records([NORMALISED.name])}
        for source, observation in repeats.items():
            if observation in published:
                found.add(source, Found.DUPLICATE)
        return audit_stage("ingest", RECEIVED.name, sources, offsets, found)

    async def _scorer(self, reader: Reader, offsets: Mapping[tuple[str, int], int]) -> StageAudit:
        found, begin = Ledgered(), self._begin(NORMALISED)
        async for record in reader.records([SCORED.name], _ms(begin - SKEW)):
            _note(found, record, Found.PUBLISHED)
        await self._dead(reader, NORMALISED, begin, found)
        sources = [record.source async for record in reader.records([NORMALISED.name], _ms(begin))]
        return audit_stage("scorer", NORMALISED.name, sources, offsets, found)

    async def _referrer(
        self, reader: Reader, topic: Topic, offsets: Mapping[tuple[str, int], int], found: Ledgered
    ) -> StageAudit:
        begin = self._begin(topic)
        await self._dead(reader, topic, begin, found)
        sources = [record.source async for record in reader.records([topic.name], _ms(begin))]
        return audit_stage("referrer", topic.name, sources, offsets, found)

    def recorded(self) -> dict[Topic, Ledgered]:
        """What the referrer's database says, by topic, of records as old as are looked at."""
        topics = (RANKED, TAKEDOWN_OUTCOME)
        by_name = {topic.name: Ledgered() for topic in topics}
        for source, kind in self._inbox({topic.name: self._begin(topic) - SKEW for topic in topics}):
            by_name[source.topic].add(source, kind)
        return {topic: by_name[topic.name] for topic in topics}

    async def _dead(self, reader: Reader, topic: Topic, begin: datetime, found: Ledgered) -> None:
        async for record in reader.records([topic.dlq], _ms(begin - SKEW)):
            _note(found, record, Found.DEAD_LETTERED)

    def _begin(self, topic: Topic, before: timedelta = timedelta()) -> datetime:
        """From when on a topic's records are looked at, where their endings may lie so long before them."""
        now = self._clock.now()
        kept = now - timedelta(days=topic.retention_days) + before + SKEW
        return max(kept, now - self._back) if self._back else kept


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _passed(source: Source, offsets: Mapping[tuple[str, int], int]) -> bool:
    return source.offset < offsets.get((source.topic, source.partition), 0)


def _note(found: Ledgered, record: Incoming, kind: Found) -> None:
    source = Source.parse(record.header("hub_source") or "")
    if source is not None:
        found.add(source, kind)
