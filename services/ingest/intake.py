"""Items of a request come in; for each, what the door can say before the broker has it: a record to send, or a verdict."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.content import ContentReceived
from schemas.door import ItemVerdict, Verdict
from schemas.reasons import Reason
from schemas.topics import RECEIVED
from services.ingest.body import Item
from services.ingest.credentials import Grant
from services.ingest.formats.common import Convert, Ignored, Result, Seen
from services.ingest.formats.table import FORMATS
from services.ingest.normalise import check_clock, identify
from services.ingest.urls import canonical_url
from services.runtime.codec import encode, read, unchecked
from services.runtime.envelope import Outgoing, envelope
from services.runtime.errors import Rejected

DOOR = "ingest-door"


@dataclass(frozen=True, slots=True)
class Judged:
    """One event of a request: its verdict so far, and the record to send if it is to be accepted."""

    verdict: ItemVerdict
    observation: str | None = None
    record: Outgoing | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Judges items of one request for one collector at one moment; pure."""

    grant: Grant
    now: datetime
    max_event_bytes: int
    max_events: int
    traceparent: str | None = None
    instance: str | None = None

    def judge(self, items: Iterable[Item], format_name: str) -> list[Judged]:
        """One entry per event; an item of a platform's shape may hold several, or none of use. Raises Rejected for too many."""
        convert = FORMATS.get(format_name)
        judged: list[Judged] = []
        for item in items:
            judged += self._item(item, convert)
            if len(judged) > self.max_events:
                raise Rejected(
                    Reason.TOO_LARGE, f"a request may hold {self.max_events} events, with those inside its items"
                )
        return judged

    def _item(self, item: Item, convert: Convert | None) -> list[Judged]:
        if item.fault is not None:
            return [_refused(item.index, item.fault)]
        try:
            results: Iterable[Result] = convert(item.value, self._seen()) if convert else [self._own(item.value)]
        except Rejected as why:
            return [_refused(item.index, why, _event_id(item.value))]
        return [self._result(item.index, result) for result in results]

    def _seen(self) -> Seen:
        return Seen(self.grant.collector, self.now, self.instance)

    def _own(self, value: Any) -> ContentReceived:
        """An item of the hub's own shape; its collector is who the key says, whatever it says itself."""
        return read(ContentReceived, {**value, "collector": self.grant.collector} if isinstance(value, dict) else value)

    def _result(self, index: int, result: Result) -> Judged:
        if isinstance(result, Rejected):
            return _refused(index, result)
        if isinstance(result, Ignored):
            return Judged(ItemVerdict(index=index, verdict=Verdict.IGNORED, detail=result.what))
        try:
            return self._accepted(index, result)
        except Rejected as why:
            return _refused(index, why, result.event_id)

    def _accepted(self, index: int, event: ContentReceived) -> Judged:
        if not self.grant.allows(event.platform):
            raise Rejected(Reason.PLATFORM_NOT_ALLOWED, pointer="/platform")
        check_clock(event, self.now)
        if event.url is not None:
            canonical_url(event.url)
        value = encode(event)
        if len(value) > self.max_event_bytes:
            raise Rejected(Reason.TOO_LARGE, f"an event may have {self.max_event_bytes} bytes")
        identity = identify(event)
        # The observation id lets the audit find the ending of a record that turns out to be a repeat.
        headers = envelope(
            RECEIVED, id=identity.observation_id, stage=DOOR, time=self.now, traceparent=self.traceparent
        )
        record = Outgoing(RECEIVED.name, identity.content_key.encode(), value, headers)
        return Judged(_verdict(index, event.event_id), identity.observation_id, record)


def _verdict(index: int, event_id: str) -> ItemVerdict:
    return unchecked(
        ItemVerdict, index=index, verdict=Verdict.ACCEPTED, event_id=event_id, reason=None, detail=None, pointer=None
    )


def _refused(index: int, why: Rejected, event_id: str | None = None) -> Judged:
    return Judged(
        ItemVerdict(
            index=index,
            verdict=Verdict.REJECTED,
            event_id=event_id,
            reason=why.reason,
            detail=why.detail,
            pointer=why.pointer,
        )
    )


def _event_id(value: Any) -> str | None:
    found = value.get("event_id") if isinstance(value, dict) else None
    return found[:200] if isinstance(found, str) else None
