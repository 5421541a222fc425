"""Dead letters: a record no stage could use leaves verbatim, with its reason in the headers; too many of them stop the service."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

from schemas.reasons import Reason
from schemas.topics import DLQ_SUFFIX, MAX_DEAD_LETTER_BYTES, MAX_MESSAGE_BYTES
from services.runtime import metrics
from services.runtime.envelope import Headers, Incoming, Outgoing, rfc3339
from services.runtime.errors import Fatal, Rejected

BUILD = version("referral-hub")
# Names of Kafka's own dead-letter headers (KIP-1034), so that other tools can read them.
KAFKA_PREFIX = "__streams.errors."
CUT_FROM = "cut_from"
OWN_HEADERS = ("reason", "stage", "attempts", "first_failed_at", "build", CUT_FROM)
# Less than the broker takes by what is added. A record whose sender compressed it may be many times as large.
MAX_RECORD_BYTES = MAX_DEAD_LETTER_BYTES - 65_536
# The batch's own header, and the lengths of all parts.
RECORD_FRAMING, HEADER_FRAMING = 128, 10
KEPT_KEY_BYTES, KEPT_VALUE_BYTES = 1_024, MAX_MESSAGE_BYTES
# More digits than anybody has patience; Python reads no number of thousands of them.
MAX_DIGITS = 9


@dataclass
class Brake:
    """Stops the service when dead letters pass a share of recent records: then something is misconfigured, not the input."""

    share: float = 0.5
    window: int = 500
    minimum: int = 200
    _recent: deque[bool] = field(default_factory=deque)
    _dead: int = 0

    def note(self, dead: bool) -> None:
        """Count one ending. Raises Fatal when at least `minimum` recent ones are known and more than `share` are dead letters."""
        self._recent.append(dead)
        self._dead += dead
        if len(self._recent) > self.window:
            self._dead -= self._recent.popleft()
        if len(self._recent) >= self.minimum and self._dead > self.share * len(self._recent):
            raise Fatal(
                f"{self._dead} of the last {len(self._recent)} records were unusable; stopped before more are set aside"
            )


def dead_letter(record: Incoming, why: Rejected, stage: str, now: datetime, attempts: int = 1) -> Outgoing:
    """The record as it goes to `<topic>.dlq`: key and value verbatim, original headers kept, reason and place added.

    A record that was replayed and fails again keeps its first time of failure and counts one attempt more. Of one that is too large
    for any topic the beginnings of key and value are left, and `cut_from` says how many bytes it had.
    """
    previous = record.header("attempts")
    first = record.header("first_failed_at")
    added = {
        KAFKA_PREFIX + "topic": record.source.topic,
        KAFKA_PREFIX + "partition": str(record.source.partition),
        KAFKA_PREFIX + "offset": str(record.source.offset),
        KAFKA_PREFIX + "exception": type(why).__name__,
        KAFKA_PREFIX + "message": why.detail,
        "reason": why.reason.value,
        "stage": stage,
        "attempts": str(attempts + _count(previous)),
        "first_failed_at": first if first and len(first) <= len(rfc3339(now)) else rfc3339(now),
        "build": BUILD,
        "hub_source": str(record.source),
    }
    key, value = record.key, record.value
    kept: Headers = [(name, text) for name, text in record.headers if name not in added and name != CUT_FROM]
    if framed(record) > MAX_RECORD_BYTES:
        kept, added[CUT_FROM] = [], str(_size(record))
        key, value = key and key[:KEPT_KEY_BYTES], value and value[:KEPT_VALUE_BYTES]
    metrics.dead_letters.labels(stage, why.reason.value).inc()
    headers = kept + [(name, text.encode()) for name, text in added.items()]
    # Kafka's client sends no record without both: then an empty key stands for none.
    key = b"" if key is None and value is None else key
    return Outgoing(record.source.topic + DLQ_SUFFIX, key, value, headers)


def framed(record: Incoming | Outgoing) -> int:
    """Bytes that a record takes at most, by itself in a batch."""
    return _size(record) + RECORD_FRAMING + HEADER_FRAMING * len(record.headers)


def _size(record: Incoming | Outgoing) -> int:
    headers = sum(len(name.encode()) + len(text or b"") for name, text in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


def _count(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) <= MAX_DIGITS else 0


def reason_of(record: Incoming) -> Reason | None:
    """The reason a dead letter carries; None if it carries none that is known."""
    text = record.header("reason")
    return next((reason for reason in Reason if reason.value == text), None)
