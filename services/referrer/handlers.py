"""A batch of consumed records comes in; each gets exactly one ending, and all of them, with what follows, lie in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from schemas.base import Fact
from schemas.outcome import TakedownOutcome
from schemas.reasons import Reason
from schemas.scoring import ContentRanked
from schemas.topics import RANKED, TAKEDOWN_OUTCOME
from schemas.vocabulary import ContentStatus
from services.referrer.books import Books, Database
from services.referrer.following import Followed, Following
from services.referrer.records import Ended, InboxMark, Sighting
from services.referrer.reviewing import Reviewing
from services.referrer.rules_in_force import RulesInForce
from services.runtime.clock import Clock
from services.runtime.codec import decode
from services.runtime.dead_letters import dead_letter
from services.runtime.envelope import Incoming, Outgoing, accepted_at
from services.runtime.errors import HubError, Rejected

STAGE = "referrer"
TOPICS = (RANKED, TAKEDOWN_OUTCOME)


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of one record."""

    source: Incoming
    ended: Ended
    followed: Followed | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One record, decoded or rejected, before any transaction is open."""

    record: Incoming
    found: ContentRanked | TakedownOutcome | Rejected


@dataclass
class Batch:
    """What one transaction has done so far."""

    books: Books
    marks: list[InboxMark] = field(default_factory=list)
    outputs: list[Outgoing] = field(default_factory=list)
    endings: dict[int, Ended] = field(default_factory=dict)
    followed: dict[int, Followed] = field(default_factory=dict)


class Handling:
    """Takes in batches. Blocking: run it in a thread. One Ending per record, in order."""

    def __init__(
        self, database: Database, following: Following, reviewing: Reviewing, clock: Clock,
        log: structlog.stdlib.BoundLogger, rules: RulesInForce | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._following = following
        self._clock = clock
        self._log = log
        self._reviewing = reviewing
        self._rules = rules

    def __call__(self, records: Sequence[Incoming]) -> list[Ending]:
        """Give every record its ending. Raises Retryable when the database does not answer: then nothing happened."""
        read = [_read(record) for record in records]
        try:
            return self._database.write(lambda books: self._take(books, read))
        except HubError:
            raise
        except Exception as why:  # noqa: BLE001  one record that breaks its handler must not hold up all others
            self._log.error("batch_failed", error=type(why).__name__, records=len(records))
            return [self._alone(each) for each in read]

    def _alone(self, read: Read) -> Ending:
        try:
            return self._database.write(lambda books: self._take(books, [read]))[0]
        except HubError:
            raise
        except Exception as why:  # noqa: BLE001  set aside for the developers with its type, and go on
            self._log.error("record_failed", error=type(why).__name__, source=str(read.record.source))
            rejected = Read(read.record, Rejected(Reason.UNPROCESSABLE, f"the referrer raised {type(why).__name__}"))
            return self._database.write(lambda books: self._take(books, [rejected]))[0]

    def _take(self, books: Books, read: Sequence[Read]) -> list[Ending]:
        """All of it, in the caller's transaction."""
        seen = books.inbox.seen([each.record.source for each in read])
        batch = Batch(books)
        contents: list[tuple[int, Incoming, ContentRanked]] = []
        for number, each in enumerate(read):
            if each.record.source in seen:
                # It was taken in before a kill or a rebalance; its mark and its outputs are there.
                batch.endings[number] = Ended.DUPLICATE
            elif isinstance(each.found, Rejected):
                self._set_aside(batch, number, each.record, each.found)
            elif isinstance(each.found, ContentRanked):
                contents.append((number, each.record, each.found))
            else:
                self._follow(batch, number, each.record, each.found)
        self._record(batch, contents)
        books.outbox.append(batch.outputs)
        books.inbox.mark(batch.marks)
        happened = [each for followed in batch.followed.values() for each in followed.happened]
        if self._rules is not None:
            happened += self._rules.of_records(books, [ranked for _, _, ranked in contents])
        books.ledger.append(happened)
        return [Ending(each.record, batch.endings[n], batch.followed.get(n)) for n, each in enumerate(read)]

    def _set_aside(self, batch: Batch, number: int, record: Incoming, why: Rejected) -> None:
        batch.outputs.append(dead_letter(record, why, STAGE, self._clock.now()))
        self._end(batch, number, record, Ended.DEAD_LETTERED, None)

    def _end(self, batch: Batch, number: int, record: Incoming, ended: Ended, item: str | None) -> None:
        batch.endings[number] = ended
        batch.marks.append(InboxMark(record.source, ended, item, self._clock.now()))

    def _follow(self, batch: Batch, number: int, record: Incoming, outcome: TakedownOutcome) -> None:
        try:
            followed = self._following.take(batch.books, outcome, actor=outcome.platform, parent=record)
        except Rejected as why:
            self._set_aside(batch, number, record, why)
            return
        batch.followed[number] = followed
        ended = Ended.RECORDED if followed.fresh else Ended.DUPLICATE
        self._end(batch, number, record, ended, f"{outcome.platform}/{outcome.outcome_id}")

    def _record(self, batch: Batch, contents: Sequence[tuple[int, Incoming, ContentRanked]]) -> None:
        known = batch.books.sightings.known([ranked.content.observation_id for _, _, ranked in contents])
        fresh: dict[str, tuple[Sighting, Incoming, ContentRanked]] = {}
        for number, record, ranked in contents:
            name, degraded = ranked.content.observation_id, ranked.scored.degraded
            # The same observation again says nothing new, save a full score in place of a degraded one.
            repeat = name in known and (not known[name] or degraded)
            self._end(batch, number, record, Ended.DUPLICATE if repeat else Ended.RECORDED, name)
            if not repeat:
                known[name] = degraded
                fresh[name] = (sighting_of(ranked, record), record, ranked)
        batch.books.sightings.put([(sighting, record.value or b"") for sighting, record, _ in fresh.values()])
        batch.outputs += self._reviewing.take(batch.books, fresh)


def _read(record: Incoming) -> Read:
    fact: type[Fact] = ContentRanked if record.source.topic == RANKED.name else TakedownOutcome
    try:
        found = decode(fact, record.value)
    except Rejected as why:
        return Read(record, why)
    if not isinstance(found, ContentRanked | TakedownOutcome):
        raise TypeError(f"{record.source.topic} is not a topic of this stage")
    return Read(record, found)


def sighting_of(ranked: ContentRanked, record: Incoming) -> Sighting:
    """The facts of one ranked record that decide how a case stands."""
    content, scored = ranked.content, ranked.scored
    counts = content.engagement
    return Sighting(
        observation_id=content.observation_id,
        content_key=content.content_key,
        content_version=content.content_version,
        platform=content.platform,
        status=ContentStatus(ranked.status),
        event_time=content.event_time,
        observed_at=content.observed_at,
        content_risk=scored.content_risk,
        band=scored.band,
        degraded=scored.degraded,
        counted=any(n is not None for n in (counts.views, counts.likes, counts.shares, counts.replies)),
        url=content.url,
        test=content.test,
        traceparent=record.header("traceparent"),
        accepted_at=accepted_at(record),
        author_key=content.author_key,
        previous_author_key=content.previous_author_key,
    )
