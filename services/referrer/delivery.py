"""A delivery and its receiver's answer come in; what becomes of it, and when it is tried again, goes out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from schemas.referral import TakedownRequested
from services.runtime.codec import decode

TEST_REFUSED = "a test request never leaves: it asks nothing of anybody"
ERASED_REFUSED = "its author was erased before it was delivered"


class Channel(StrEnum):
    """Ways out beside Kafka."""

    WEBHOOK = "webhook"
    EMAIL = "email"
    FILES = "files"


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request on its way to one receiver; `body` holds the bytes of the request as they were published.

    `unsure` says that an attempt ended without an answer, so the receiver may have had the request before the last one.
    """

    referral_id: UUID
    root_referral_id: UUID
    platform: str
    channel: Channel
    body: bytes
    issued_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    next_at: datetime | None = None
    ended_at: datetime | None = None
    unsure: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a receiver is handed: the request, and the very bytes that left on Kafka."""

    request: TakedownRequested
    body: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """The receiver has the request. `repeat` says that it had it before."""

    said: str
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver does not want it, now or later; asking again would not help."""

    said: str


@dataclass(frozen=True, slots=True)
class Again:
    """Not now. `unsure`: it may have it all the same. `after`: how long the receiver asked to be left alone."""

    said: str
    unsure: bool = False
    after: timedelta | None = None


Answer = Taken | Refused | Again


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """How patient the desk is with a receiver."""

    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(minutes=30)
    # Longer than any receiver's own time limit: until then nobody else tries what one worker is trying.
    claim_for: timedelta = timedelta(minutes=2)
    give_up_after: timedelta = timedelta(hours=24)
    failures_to_open: int = 5
    open_for: timedelta = timedelta(minutes=2)


def parcel_of(delivery: Delivery) -> Parcel:
    """The request inside a delivery. Raises Rejected where the stored bytes are no request."""
    return Parcel(decode(TakedownRequested, delivery.body), delivery.body)


def claimed(delivery: Delivery, now: datetime, rules: DeliveryRules) -> Delivery:
    """The delivery while it is tried. It is stored before the attempt: what a crash leaves behind may have arrived."""
    return replace(delivery, attempts=delivery.attempts + 1, next_at=now + rules.claim_for, unsure=True)


def after(delivery: Delivery, answer: Answer, now: datetime, rules: DeliveryRules, chance: float) -> Delivery:
    """What an attempt made of a delivery as it was before; `chance` in [0, 1) spreads repeats over time."""
    attempts = delivery.attempts + 1
    if isinstance(answer, Taken):
        return replace(
            delivery,
            state=DeliveryState.DELIVERED,
            attempts=attempts,
            ended_at=now,
            said=answer.said,
            unsure=delivery.unsure or answer.repeat,
        )
    if isinstance(answer, Refused):
        return replace(delivery, state=DeliveryState.DEAD, attempts=attempts, ended_at=now, said=answer.said)
    wait = max(answer.after or timedelta(), back_off(attempts, rules, chance))
    tried = replace(
        delivery, attempts=attempts, next_at=now + wait, said=answer.said, unsure=delivery.unsure or answer.unsure
    )
    return given_up(tried, now, rules) or tried


def back_off(attempts: int, rules: DeliveryRules, chance: float) -> timedelta:
    """Twice as long after every failure up to the longest wait, of which half is left to chance."""
    doubled: timedelta = rules.first_wait * 2 ** min(attempts - 1, 30)
    return min(doubled, rules.longest_wait) * (0.5 + chance / 2)


def given_up(delivery: Delivery, now: datetime, rules: DeliveryRules) -> Delivery | None:
    """The delivery as a dead letter, where it has waited for too long; None where there is still time."""
    waited = now - delivery.issued_at
    if waited < rules.give_up_after:
        return None
    said = f"gave up after {delivery.attempts} attempts in {waited}: {delivery.said or 'never tried'}"
    return replace(delivery, state=DeliveryState.DEAD, ended_at=now, said=said)


def ready(deliveries: Iterable[Delivery], now: datetime) -> list[Delivery]:
    """Those whose time has come, in order of issue.

    What belongs to one chain keeps its order: a withdrawal never overtakes the request that it takes back.
    """
    found: list[Delivery] = []
    held: set[tuple[UUID, str, Channel]] = set()
    for delivery in sorted(deliveries, key=lambda each: (each.issued_at, each.referral_id)):
        if delivery.state is not DeliveryState.WAITING:
            continue
        chain = (delivery.root_referral_id, delivery.platform, delivery.channel)
        if chain not in held and (delivery.next_at is None or delivery.next_at <= now):
            found.append(delivery)
        held.add(chain)
    return found


@dataclass(frozen=True, slots=True)
class Breaker:
    """Keeps a failing receiver from being asked over and over: open after too many failures in a row, then one try at a time."""

    failures: int = 0
    opened_at: datetime | None = None

    def allows(self, now: datetime, rules: DeliveryRules) -> bool:
        """Whether the receiver may be asked: always while closed, and once the break is over."""
        return self.opened_at is None or now - self.opened_at >= rules.open_for

    def after(self, answer: Answer, now: datetime, rules: DeliveryRules) -> "Breaker":
        """The breaker after an answer. A refusal is an answer too: the receiver works."""
        if not isinstance(answer, Again):
            return Breaker()
        failures = self.failures + 1
        return Breaker(failures, now if failures >= rules.failures_to_open else None)
