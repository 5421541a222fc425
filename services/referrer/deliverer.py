"""Requests that wait for a way out come in; each is handed to its receiver until it has it, or lies among the dead letters.

Off by default: without a receiver for a platform nothing of that platform is looked at.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from aiolimiter import AsyncLimiter

from services.referrer.blanking import is_blank
from services.referrer.delivery import (
    ERASED_REFUSED,
    TEST_REFUSED,
    Again,
    Answer,
    Breaker,
    Channel,
    Delivery,
    DeliveryRules,
    Parcel,
    Refused,
    after,
    claimed,
    given_up,
    parcel_of,
)
from services.runtime.clock import Clock
from services.runtime.errors import Rejected, Retryable

HOUR_SECONDS = 3_600.0


class Receiver(Protocol):
    """One way to one platform.

    A receiver refuses test requests by itself, gives an answer for every failure it knows, and answers within its own time limit.
    """

    @property
    def channel(self) -> Channel:
        """Which way this is."""
        ...

    async def deliver(self, parcel: Parcel) -> Answer:
        """Hand one request over, once or as a repeat of the very same bytes."""
        ...


class DeliveryBook(Protocol):
    """Deliveries as they are stored. Blocking, so callers run it in a thread. Raises Retryable while the database is away."""

    def ready(self, platform: str, channel: Channel, since: datetime, now: datetime, limit: int) -> Sequence[Delivery]:
        """Deliveries of a way that `delivery.ready` would choose, of requests issued at or after `since`."""
        ...

    def put(self, before: Delivery, now: Delivery, at: datetime) -> bool:
        """Store what became of one, and note its end in the ledger; False where another worker was faster."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """A receiver of one platform: what it gets, and how many requests an hour the desk sends there."""

    platform: str
    receiver: Receiver
    since: datetime
    requests_per_hour: int


class _Served:
    """One way with what is remembered of it while the process lives."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.limiter = AsyncLimiter(way.requests_per_hour, HOUR_SECONDS)
        self.breaker = Breaker()


class Deliverer:
    """Works off what waits, one request after the other per way, all ways side by side: a slow receiver slows only itself."""

    def __init__(
        self, book: DeliveryBook, ways: Sequence[Way], rules: DeliveryRules, clock: Clock,
        log: structlog.stdlib.BoundLogger, told: Callable[[Delivery], None] = lambda _: None,
        *, pause: float = 2.0, limit: int = 100, seed: int | None = None,
    ) -> None:  # fmt: skip
        self._book = book
        self._ways = [_Served(way) for way in ways]
        self._rules = rules
        self._clock = clock
        self._log = log
        self._told = told
        self._pause = pause
        self._limit = limit
        self._random = random.Random(seed)

    async def run(self) -> None:
        """Deliver until cancelled; without a way it ends at once."""
        await asyncio.gather(*(self._serve(served) for served in self._ways))

    async def round(self) -> int:
        """One look at what waits on every way; gives how many requests were tried or given up."""
        return sum(await asyncio.gather(*(self._work_off(served) for served in self._ways)))

    async def _serve(self, served: _Served) -> None:
        while True:
            try:
                done = await self._work_off(served)
            except Retryable as why:
                self._log.warning("deliveries_not_read", platform=served.way.platform, error=str(why))
                done = 0
            if not done:
                await asyncio.sleep(self._pause)

    async def _work_off(self, served: _Served) -> int:
        way, done = served.way, 0
        now = self._clock.now()
        waiting = await asyncio.to_thread(
            self._book.ready, way.platform, way.receiver.channel, way.since, now, self._limit
        )
        for delivery in waiting:
            dead = given_up(delivery, self._clock.now(), self._rules)
            if dead is not None:
                await self._store(delivery, dead)
            elif served.breaker.allows(self._clock.now(), self._rules) and served.limiter.has_capacity():
                await served.limiter.acquire()
                await self._try(served, delivery)
            else:
                continue
            done += 1
        return done

    async def _try(self, served: _Served, delivery: Delivery) -> None:
        trying = claimed(delivery, self._clock.now(), self._rules)
        if not await asyncio.to_thread(self._book.put, delivery, trying, self._clock.now()):
            return
        answer = await self._answer(served.way, delivery)
        now, was_open = self._clock.now(), served.breaker.opened_at is not None
        served.breaker = served.breaker.after(answer, now, self._rules)
        if served.breaker.opened_at is not None and not was_open:
            self._log.warning("receiver_left_alone", platform=delivery.platform, channel=delivery.channel.value)
        await self._store(trying, after(delivery, answer, now, self._rules, self._random.random()))

    async def _answer(self, way: Way, delivery: Delivery) -> Answer:
        try:
            parcel = parcel_of(delivery)
        except Rejected as why:
            return Refused(f"the stored bytes are no request: {why.detail}")
        # Receivers refuse these too; a mistake in one of them must not be enough for a test request to leave.
        if parcel.request.test:
            return Refused(TEST_REFUSED)
        # It left on Kafka as it was; what is kept of it no longer says what is asked.
        if is_blank(parcel.request):
            return Refused(ERASED_REFUSED)
        try:
            return await way.receiver.deliver(parcel)
        # The edge to foreign systems: whatever a receiver's library raises must not stop the deliveries to all others.
        except Exception as why:  # noqa: BLE001
            self._log.error("receiver_failed", platform=way.platform, error=repr(why))
            return Again(type(why).__name__, unsure=True)

    async def _store(self, before: Delivery, now: Delivery) -> None:
        stored = await asyncio.to_thread(self._book.put, before, now, self._clock.now())
        self._log.info(
            "delivery", referral_id=str(now.referral_id), platform=now.platform, channel=now.channel.value,
            state=now.state.value, attempts=now.attempts, said=now.said, stored=stored,
        )  # fmt: skip
        if stored:
            self._told(now)
