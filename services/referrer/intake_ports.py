"""What taking in asks of the database: which records had an ending, and the ranked observations of contents."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from services.referrer.records import InboxMark, Sighting
from services.runtime.envelope import Source


class Inbox(Protocol):
    """Which records were taken in."""

    def seen(self, sources: Collection[Source]) -> set[Source]:
        """Those of them that have an ending."""
        ...

    def mark(self, marks: Sequence[InboxMark]) -> None:
        """Note endings."""
        ...


class Sightings(Protocol):
    """Ranked observations as they were taken in."""

    def known(self, observation_ids: Collection[str]) -> dict[str, bool]:
        """Those already stored, and whether their score was degraded."""
        ...

    def put(self, sightings: Sequence[tuple[Sighting, bytes]]) -> None:
        """Store observations with their records; a stored one of the same id is replaced."""
        ...

    def of(self, content_keys: Collection[str]) -> Mapping[str, Sequence[Sighting]]:
        """All observations of these contents."""
        ...

    def record(self, observation_id: str) -> bytes | None:
        """The whole ContentRanked of one observation, as it came."""
        ...

    def records(self, observation_ids: Collection[str]) -> Mapping[str, bytes]:
        """The same of many; those whose content is gone are left out."""
        ...
