"""Topics, committed offsets and the referrer's inbox come in; per stage, what became of every accepted record goes out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.topics import NORMALISED, RANKED, RECEIVED, SCORED, TAKEDOWN_OUTCOME, Topic
from services.ingest.handlers import observation_of
from services.runtime.conservation import Found, Ledgered, StageAudit, audit_stage
from services.runtime.envelope import Incoming, Source
from services.runtime.reading import Reader, committed
from services.runtime.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Groups:
    """Consumer groups of the three stages."""

    ingest: str = "hub-ingest"
    scorer: str = "hub-scorer"
    referrer: str = "hub-referrer"


# What the referrer's database says it recorded or took for a repeat; its dead letters are looked for on their topic.
Inbox = Callable[[], Iterable[tuple[Source, Found]]]


class Audit:
    """Reads headers, and bodies only where a repeat leaves no other trace. Read-only; run it as often as you like."""

    def __init__(self, kafka: KafkaSettings, groups: Groups, inbox: Inbox, since: datetime | None = None) -> None:
        self._kafka = kafka
        self._groups = groups
        self._inbox = inbox
        self._since_ms = int(since.timestamp() * 1000) if since else None

    async def run(self) -> list[StageAudit]:
        """Audit every stage. The committed offsets are read first: what is committed later is only more complete."""
        offsets = {
            g: await committed(self._kafka, g)
            for g in (self._groups.ingest, self._groups.scorer, self._groups.referrer)
        }
        async with Reader(self._kafka) as reader:
            return [
                await self._ingest(reader, offsets[self._groups.ingest]),
                await self._scorer(reader, offsets[self._groups.scorer]),
                *[
                    await self._referrer(reader, topic, offsets[self._groups.referrer])
                    for topic in (RANKED, TAKEDOWN_OUTCOME)
                ],
            ]

    async def _ingest(self, reader: Reader, offsets: Mapping[tuple[str, int], int]) -> StageAudit:
        found, published = Ledgered(), set[str]()
        async for record in reader.records([NORMALISED.name], self._since_ms):
            _note(found, record, Found.PUBLISHED)
            published.add(record.header("ce_id") or "")
        await self._dead(reader, RECEIVED, found)
        sources = []
        async for record in reader.records([RECEIVED.name], self._since_ms):
            sources.append(record.source)
            # A repeat leaves no record of its own: it ended well if the same observation was published for another one.
            if record.source not in found.endings and observation_of(record.value) in published:
                found.add(record.source, Found.DUPLICATE)
        return audit_stage("ingest", RECEIVED.name, sources, offsets, found)

    async def _scorer(self, reader: Reader, offsets: Mapping[tuple[str, int], int]) -> StageAudit:
        found = Ledgered()
        async for record in reader.records([SCORED.name], self._since_ms):
            _note(found, record, Found.PUBLISHED)
        await self._dead(reader, NORMALISED, found)
        sources = [record.source async for record in reader.records([NORMALISED.name], self._since_ms)]
        return audit_stage("scorer", NORMALISED.name, sources, offsets, found)

    async def _referrer(self, reader: Reader, topic: Topic, offsets: Mapping[tuple[str, int], int]) -> StageAudit:
        found = Ledgered()
        for source, kind in self._inbox():
            if source.topic == topic.name:
                found.add(source, kind)
        await self._dead(reader, topic, found)
        sources = [record.source async for record in reader.records([topic.name], self._since_ms)]
        return audit_stage("referrer", topic.name, sources, offsets, found)

    async def _dead(self, reader: Reader, topic: Topic, found: Ledgered) -> None:
        async for record in reader.records([topic.dlq], self._since_ms):
            _note(found, record, Found.DEAD_LETTERED)


def _note(found: Ledgered, record: Incoming, kind: Found) -> None:
    source = Source.parse(record.header("hub_source") or "")
    if source is not None:
        found.add(source, kind)
