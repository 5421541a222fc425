"""All stored sightings of one content come in; which version is current, whether it is live, and whether a person is needed goes out. Pure.

The result is a function of the set of sightings: their order of arrival does not matter.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from schemas.vocabulary import Band, ContentStatus
from services.referrer.records import Sighting


@dataclass(frozen=True, slots=True)
class Standing:
    """How one content stands: `current` is the sighting to show, with the newest counts of the newest version.

    `back_since` is set for content that was gone and is there again; `version_since` is when the current version was first seen,
    `last_seen_at` when anybody last saw the content, `said_at` when its current version was said: an edit counts from its time,
    newer counts of it change nothing. `said` is the newest sighting of that version that is no recount: a recount need not repeat
    whom the content answers.
    """

    current: Sighting
    said: Sighting
    live: bool
    ever_p1: bool
    first_seen_at: datetime
    last_seen_at: datetime
    event_time: datetime
    said_at: datetime
    back_since: datetime | None
    version_since: datetime
    url: str | None

    @property
    def newest_at(self) -> datetime:
        """When it was first seen or, later, edited."""
        return max(self.first_seen_at, self.said_at)


def counted(sightings: Collection[Sighting]) -> Collection[Sighting]:
    """Those of one content that count: what was seen for real alone, where any of it is more than a deletion.

    A test must not stand in its place, and a request of a test reaches nobody.
    """
    real = [each for each in sightings if not each.test]
    return real if any(each.status is not ContentStatus.DELETED for each in real) else sightings


def standing(sightings: Collection[Sighting]) -> Standing | None:
    """How the content stands, by those sightings that count; None where nothing but its deletion was ever seen."""
    sightings = counted(sightings)
    said = [each for each in sightings if each.status is not ContentStatus.DELETED]
    if not said:
        return None
    newest = max(said, key=_version_order)
    of_version = [each for each in said if each.content_version == newest.content_version]
    current = max(of_version, key=_count_order)
    spoken = [each for each in of_version if each.status is not ContentStatus.RECOUNTED]
    gone = max((each.observed_at for each in sightings if each.status is ContentStatus.DELETED), default=None)
    # A deletion is certain from when it was seen; only a later sighting of the content proves that it is back.
    after = [each.observed_at for each in said if gone is not None and each.observed_at > gone]
    located = [each for each in said if each.url is not None]
    return Standing(
        current=current,
        said=max(spoken, key=lambda each: (each.observed_at, each.observation_id), default=current),
        live=gone is None or bool(after),
        ever_p1=any(each.band is Band.P1 for each in said),
        first_seen_at=min(each.observed_at for each in said),
        last_seen_at=max(each.observed_at for each in said),
        event_time=min(each.event_time for each in said),
        said_at=newest.event_time,
        back_since=min(after, default=None),
        version_since=min(each.observed_at for each in of_version),
        url=max(located, key=_version_order).url if located else None,
    )


def needs_person(stands: Standing, band: Band) -> bool:
    """Whether this content belongs before a person, by its band with everything known.

    A threat to life stays for a person when it is deleted or edited away: to delete and post again is a way to evade.
    """
    return stands.ever_p1 or (stands.live and band is not Band.NONE)


def _version_order(sighting: Sighting) -> tuple[datetime, datetime, str]:
    """What was said last is current; of the same moment, what was seen last; ids break the tie the same way everywhere."""
    return sighting.event_time, sighting.observed_at, sighting.observation_id


def _count_order(sighting: Sighting) -> tuple[bool, bool, datetime, str]:
    """Counts that are known before unknown ones, full results before degraded ones, then the latest."""
    return sighting.counted, not sighting.degraded, sighting.observed_at, sighting.observation_id
