"""Contents that were heard of come in; memory, risks and cases are brought up to date in one transaction, and announcements go out."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from schemas.content import ContentNormalised
from schemas.scoring import ContentRanked
from schemas.vocabulary import ContentStatus
from services.referrer.books import Books
from services.referrer.case_keeper import CaseKeeper, Fresh, Making, Records
from services.referrer.memory_ports import Count
from services.referrer.recall import Recall, heard
from services.referrer.records import Sighting
from services.referrer.remembered import micros
from services.referrer.standing import Standing, counted, standing
from services.referrer.wording import wordings
from services.runtime.clock import Clock
from services.runtime.codec import decode
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
        stored = books.sightings.of({sighting.content_key for sighting, _, _ in fresh.values()})
        sightings = {key: counted(seen) for key, seen in stored.items()}
        stands = {key: found for key, seen in sightings.items() if (found := standing(seen)) is not None}
        books.words.put(wordings(_said_now(stands, fresh)))
        books.memory.forget_counts(_real_from_now_on(stored, sightings, fresh))
        counting = {each.observation_id for seen in sightings.values() for each in seen}
        books.memory.add_counts([_count(ranked) for name, (_, _, ranked) in fresh.items() if name in counting])
        shown = _shown(books, stands.values(), fresh)
        said = [heard(found, shown.get(key)) for key, found in stands.items()]
        records = Records(books, fresh)
        recalled = self._recall.take(books.memory, records, said)
        return CaseKeeper(self._making, books, records, stands, recalled).bring()

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


def _real_from_now_on(
    stored: Mapping[str, Collection[Sighting]], real: Mapping[str, Collection[Sighting]], fresh: Fresh
) -> list[str]:
    """Contents of which only tests were seen until now: what those counted of them counts no more."""
    return [
        key
        for key, seen in real.items()
        if len(seen) < len(stored[key]) and all(each.observation_id in fresh for each in seen if not _deletion(each))
    ]


def _deletion(sighting: Sighting) -> bool:
    return sighting.status is ContentStatus.DELETED


def _shown(books: Books, stands: Collection[Standing], fresh: Fresh) -> dict[str, ContentRanked]:
    """By content its current observation, where it is at hand; a recount with what it need not repeat."""
    at_hand = {name: ranked for name, (_, _, ranked) in fresh.items()}
    recounts = [
        each
        for each in stands
        if each.said.observation_id != each.current.observation_id and each.current.status is ContentStatus.RECOUNTED
    ]
    names = {name for each in recounts for name in (each.said.observation_id, each.current.observation_id)}
    stored = books.sightings.records(names - at_hand.keys())
    at_hand |= {name: decode(ContentRanked, raw) for name, raw in stored.items()}
    found = {
        each.current.content_key: at_hand[each.current.observation_id]
        for each in stands
        if each.current.observation_id in at_hand
    }
    for each in recounts:
        key = each.current.content_key
        found[key] = recounted(found[key], at_hand[each.said.observation_id].content)
    return found


# What says whom a content answers, quotes and mentions goes together.
_RELATION = ("pair_keys", "thread_key", "in_reply_to_key", "quotes_key")
_SAID_ONCE = ("place", "audience_country", "tags")


def recounted(ranked: ContentRanked, said: ContentNormalised) -> ContentRanked:
    """A recount, with whom the same content answers and where it was said taken from there where it says nothing of it itself."""
    own = ranked.content
    names: Sequence[str] = [name for name in _SAID_ONCE if not getattr(own, name)]
    if own.thread_key in (None, own.content_key) and not (own.pair_keys or own.in_reply_to_key or own.quotes_key):
        names = [*_RELATION, *names]
    content = own.model_copy(update={name: getattr(said, name) for name in names})
    return ranked.model_copy(update={"content": content})


def _count(ranked: ContentRanked) -> Count:
    counts = ranked.content.engagement
    # A share or a like stands for people who saw it; the factors are the scorer's.
    stand_ins = [(counts.shares, 50), (counts.likes, 10), (counts.replies, 20)]
    others = max((count * factor for count, factor in stand_ins if count is not None), default=None)
    content = ranked.content
    return Count(content.content_key, content.observation_id, micros(content.observed_at), counts.views, others)
