"""A batch of received records comes in; for each, exactly one ending goes out: published, a repeat, or set aside with its reason."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ParamSpec, TypeVar

import structlog

from schemas.content import ContentNormalised, ContentReceived
from schemas.reasons import Reason
from schemas.topics import MAX_MESSAGE_BYTES, NORMALISED
from services.ingest.identity import Pseudonyms
from services.ingest.normalise import Prepared, check_clock, complete, identify, prepare, smaller
from services.ingest.similarity import simhashes
from services.runtime.clock import Clock
from services.runtime.codec import decode, encode
from services.runtime.dead_letters import dead_letter
from services.runtime.envelope import Incoming, Outgoing, envelope
from services.runtime.errors import Rejected

P = ParamSpec("P")
T = TypeVar("T")

STAGE = "ingest"
# The rest of the broker's limit is for what the scorer adds, and for key, headers and framing. No honest text comes near it.
MAX_VALUE_BYTES = MAX_MESSAGE_BYTES * 3 // 4


class Outcome(StrEnum):
    """How a record ended in this stage."""

    PUBLISHED = "published"
    DUPLICATE = "duplicate"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of one record: its outcome, what must be acknowledged before its offset may move, and the id to remember then."""

    source: Incoming
    outcome: Outcome
    outputs: tuple[Outgoing, ...] = ()
    observation: str | None = None


def observation_of(value: bytes | None) -> str | None:
    """The observation id that this stage gives a received record; None for one that it cannot read.

    Lets an audit find the ending of a repeat, which leaves no record: the same id was published for an earlier one.
    """
    try:
        return identify(decode(ContentReceived, value)).observation_id
    except Rejected:
        return None


class Normalising:
    """Normalises batches. Blocking and free of I/O: run it in a thread. One Ending per record, in order."""

    def __init__(
        self, pseudonyms: Pseudonyms, recent: Container[str], clock: Clock, log: structlog.stdlib.BoundLogger
    ) -> None:
        self._pseudonyms = pseudonyms
        self._recent = recent
        self._clock = clock
        self._log = log

    def __call__(self, records: Sequence[Incoming]) -> list[Ending]:
        """Give every record its ending.

        One kind of work after the other over the whole batch: a processor core does that a third faster than all kinds in turn.
        """
        now = self._clock.now()
        events = [_or_refusal(_event, record, now) for record in records]
        prepared = [
            event if isinstance(event, Rejected) else _or_refusal(self._guarded, record, prepare, event)
            for event, record in zip(events, records, strict=True)
        ]
        hashes = iter(simhashes([one.words() for one in prepared if isinstance(one, Prepared)]))
        contents = [
            _or_refusal(self._guarded, record, complete, one, next(hashes), self._pseudonyms)
            if isinstance(one, Prepared)
            else one
            for one, record in zip(prepared, records, strict=True)
        ]
        batch: set[str] = set()
        return [self._ending(content, record, batch) for content, record in zip(contents, records, strict=True)]

    def _ending(self, content: ContentNormalised | Rejected, record: Incoming, batch: set[str]) -> Ending:
        if isinstance(content, Rejected):
            return self._set_aside(record, content)
        observation = content.observation_id
        if observation in batch or observation in self._recent:
            return Ending(record, Outcome.DUPLICATE)
        output = _or_refusal(_output, content, record)
        if isinstance(output, Rejected):
            return self._set_aside(record, output)
        batch.add(observation)
        return Ending(record, Outcome.PUBLISHED, (output,), observation)

    def _guarded(self, record: Incoming, step: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
        try:
            return step(*values, **named)
        except Rejected:
            raise
        except Exception as why:
            # One record that breaks the normaliser must not hold up all others: it waits for the developers.
            self._log.error("normaliser_failed", error=type(why).__name__, source=str(record.source))
            raise Rejected(Reason.UNPROCESSABLE, f"the normaliser raised {type(why).__name__}") from why

    def _set_aside(self, record: Incoming, why: Rejected) -> Ending:
        return Ending(record, Outcome.DEAD_LETTERED, (dead_letter(record, why, STAGE, self._clock.now()),))


def _or_refusal(step: Callable[P, T], *values: P.args, **named: P.kwargs) -> T | Rejected:
    try:
        return step(*values, **named)
    except Rejected as why:
        return why


def _event(record: Incoming, now: datetime) -> ContentReceived:
    # Compressed, a record of any size passes the broker; read, it takes thirty times its size at worst.
    if record.value is not None and len(record.value) > MAX_MESSAGE_BYTES:
        raise Rejected(Reason.TOO_LARGE, f"a record may have {MAX_MESSAGE_BYTES} bytes")
    event = decode(ContentReceived, record.value)
    check_clock(event, now)
    return event


def _output(content: ContentNormalised, record: Incoming) -> Outgoing:
    value = encode(content)
    # Signs that each stand for several fill a record with words and runs: whoever writes many must be read all the same.
    ways = smaller(content)
    while len(value) > MAX_VALUE_BYTES:
        if (found := next(ways, None)) is None:
            raise Rejected(Reason.OUTPUT_TOO_LARGE)
        content, value = found, encode(found)
    headers = envelope(NORMALISED, id=content.observation_id, stage=STAGE, time=content.observed_at, parent=record)
    return Outgoing(NORMALISED.name, content.content_key.encode(), value, headers)
