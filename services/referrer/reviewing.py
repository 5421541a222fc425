"""Contents that were heard of come in; memory, risks and cases are brought up to date in one transaction, and announcements go out."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from schemas.content import ContentNormalised
from schemas.scoring import ContentRanked
from services.referrer.books import Books
from services.referrer.case_keeper import CaseKeeper, Fresh, Making, Records
from services.referrer.memory_ports import Count, Heard
from services.referrer.recall import Recall, heard
from services.referrer.records import Sighting
from services.referrer.remembered import micros
from services.referrer.standing import Standing, standing
from services.referrer.wording import wordings
from services.runtime.clock import Clock
from services.runtime.envelope import Outgoing


class Reviewing:
    """Brings what a desk sees up to what is known."""

    def __init__(self, recall: Recall, clock: Clock, new_id: Callable[[], UUID]) -> None:
        self._recall = recall
        self._making = Making(clock, new_id)

    def take(self, books: Books, fresh: Fresh) -> list[Outgoing]:
        """Take in observations that are stored already, by id; gives what leaves."""
        if not fresh:
            return []
        books.memory.lock()
        sightings = books.sightings.of({sighting.content_key for sighting, _, _ in fresh.values()})
        stands = {key: found for key, seen in sightings.items() if (found := standing(seen)) is not None}
        books.words.put(wordings(_said_now(stands, fresh)))
        books.memory.add_counts([_count(ranked) for _, _, ranked in fresh.values()])
        said = [self._heard(found, sightings[key], fresh) for key, found in stands.items()]
        records = Records(books, fresh)
        recalled = self._recall.take(books.memory, records, said)
        return CaseKeeper(self._making, books, records, stands, recalled).bring()

    @staticmethod
    def _heard(stands: Standing, sightings: Collection[Sighting], fresh: Fresh) -> Heard:
        known = fresh.get(stands.current.observation_id)
        return heard(stands, sightings, known[2] if known else None)

    def catch_up(self, books: Books) -> list[Outgoing] | None:
        """One stretch of the work that was too much for the transaction that caused it; None where nothing is left."""
        books.memory.lock()
        recalled = self._recall.catch_up(books.memory)
        return None if recalled is None else CaseKeeper(self._making, books, Records(books, {}), {}, recalled).bring()

    def forget(self, books: Books, content_keys: Collection[str]) -> list[Outgoing]:
        """Forget contents as context; their own cases and records are the caller's to deal with."""
        books.memory.lock()
        recalled = self._recall.erase(books.memory, content_keys)
        books.memory.forget_counts(content_keys)
        return CaseKeeper(self._making, books, Records(books, {}), {}, replace(recalled, forgotten=())).bring()


def _said_now(stands: Mapping[str, Standing], fresh: Fresh) -> Iterator[tuple[ContentNormalised, datetime]]:
    """Observations of what contents say now: an older version that comes late takes no word of theirs away."""
    for _, _, ranked in fresh.values():
        found = stands.get(ranked.content.content_key)
        if found is not None and found.current.content_version == ranked.content.content_version:
            yield ranked.content, found.version_since


def _count(ranked: ContentRanked) -> Count:
    counts = ranked.content.engagement
    # A share or a like stands for people who saw it; the factors are the scorer's.
    stand_ins = [(counts.shares, 50), (counts.likes, 10), (counts.replies, 20)]
    others = max((count * factor for count, factor in stand_ins if count is not None), default=None)
    content = ranked.content
    return Count(content.content_key, content.observation_id, micros(content.observed_at), counts.views, others)
