"""Inbox and sightings in the database: which records were taken in, and what they said."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from services.referrer.adapters.bulk import insert, upsert
from services.referrer.adapters.sql import by_key, chunks, columns_of, record_of, values_of
from services.referrer.adapters.tables import inbox, sightings
from services.referrer.records import InboxMark, Sighting
from services.runtime.envelope import Source


class InboxBook:
    """An Inbox over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def seen(self, sources: Collection[Source]) -> set[Source]:
        """Those of them that have an ending."""
        found: set[Source] = set()
        by_partition: dict[tuple[str, int], list[int]] = defaultdict(list)
        for source in sources:
            by_partition[source.topic, source.partition].append(source.offset)
        for (topic, partition), offsets in by_partition.items():
            for piece in chunks(offsets):
                rows = self._connection.execute(
                    sa.select(inbox.c.record_offset).where(
                        inbox.c.topic == topic, inbox.c.partition_number == partition, inbox.c.record_offset.in_(piece)
                    )
                )
                found |= {Source(topic, partition, offset) for (offset,) in rows}
        return found

    def mark(self, marks: Sequence[InboxMark]) -> None:
        """Note endings; a second one for the same record is an error of the caller."""
        rows = [
            {
                "topic": mark.source.topic,
                "partition_number": mark.source.partition,
                "record_offset": mark.source.offset,
                "ended": mark.ended.value,
                "item": mark.item,
                "at": mark.at,
            }
            for mark in marks
        ]
        insert(self._connection, inbox, rows)


class SightingBook:
    """Sightings over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def known(self, observation_ids: Collection[str]) -> dict[str, bool]:
        """Those already stored, and whether their score was degraded."""
        question = sa.select(sightings.c.observation_id, sightings.c.degraded)
        return by_key(self._connection, question, observation_ids)

    def put(self, seen: Sequence[tuple[Sighting, bytes]]) -> None:
        """Store observations with their records; a stored one of the same id is replaced."""
        upsert(self._connection, sightings, [values_of(sighting, record=record) for sighting, record in seen])

    def of(self, content_keys: Collection[str]) -> Mapping[str, Sequence[Sighting]]:
        """All observations of these contents."""
        found: dict[str, list[Sighting]] = defaultdict(list)
        columns = columns_of(Sighting, sightings)
        for piece in chunks(content_keys):
            rows = self._connection.execute(sa.select(*columns).where(sightings.c.content_key.in_(piece)))
            for row in rows.mappings():
                found[row["content_key"]].append(record_of(Sighting, row))
        return found

    def record(self, observation_id: str) -> bytes | None:
        """The whole ContentRanked of one observation, as it came."""
        return self.records([observation_id]).get(observation_id)

    def records(self, observation_ids: Collection[str]) -> Mapping[str, bytes]:
        """The same of many; those whose content is gone are left out."""
        question = sa.select(sightings.c.observation_id, sightings.c.record)
        return by_key(self._connection, question, observation_ids)
