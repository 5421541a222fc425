"""The delivery worker: every request ends at its receiver or among the dead letters, and a bad receiver harms only itself."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import structlog

from schemas.referral import TakedownRequested
from schemas.review import ReasonCode
from services.referrer.blanking import blank_request
from services.referrer.deliverer import Deliverer, Receiver, Way
from services.referrer.delivery import (
    ERASED_REFUSED,
    TEST_REFUSED,
    Again,
    Answer,
    Channel,
    Delivery,
    DeliveryRules,
    DeliveryState,
    Parcel,
    Refused,
    Taken,
    parcel_of,
    ready,
)
from services.referrer.request_successors import taken_back, withdraw
from services.runtime.codec import encode
from tests.builders import NOON, a_request, normalised
from tests.fakes import StillClock

RULES = DeliveryRules()
LONG_AGO = NOON - timedelta(days=30)


class Book:
    """Deliveries in memory, with every change kept."""

    def __init__(self, *deliveries: Delivery) -> None:
        self.deliveries = {(each.referral_id, each.channel): each for each in deliveries}
        self.changes: list[Delivery] = []

    def ready(self, platform: str, channel: Channel, since: datetime, now: datetime, limit: int) -> Sequence[Delivery]:
        mine = [
            each
            for each in self.deliveries.values()
            if (each.platform, each.channel) == (platform, channel) and each.issued_at >= since
        ]
        return ready(mine, now)[:limit]

    def put(self, before: Delivery, now: Delivery, at: datetime) -> bool:
        if self.deliveries[now.referral_id, now.channel] != before:
            return False
        self.deliveries[now.referral_id, now.channel] = now
        self.changes.append(now)
        return True

    def state(self, number: int) -> DeliveryState:
        return self.of(number).state

    def of(self, number: int) -> Delivery:
        return next(each for (name, _), each in self.deliveries.items() if name == UUID(int=number))


class Scripted:
    """A receiver that answers as told, and keeps what it was handed."""

    channel = Channel.WEBHOOK

    def __init__(self, answer: Callable[[Parcel], Answer]) -> None:
        self._answer = answer
        self.handed: list[Parcel] = []

    async def deliver(self, parcel: Parcel) -> Answer:
        self.handed.append(parcel)
        return self._answer(parcel)


def a_delivery(number: int, platform: str = "bluesky", test: bool = False, **changes: object) -> Delivery:
    """A delivery that waits."""
    content = normalised(content_id=f"p-{number}", test=test)
    waits = Delivery(
        UUID(int=number),
        UUID(int=number),
        platform,
        Channel.WEBHOOK,
        encode(a_request(content=content)),
        NOON + timedelta(seconds=number),
    )
    return replace(waits, **changes)  # type: ignore[arg-type]


def deliverer(
    book: Book, *receivers: tuple[str, Receiver], clock: StillClock | None = None, rate: int = 1_000
) -> Deliverer:
    """A worker over these ways."""
    ways = [Way(platform, receiver, LONG_AGO, rate) for platform, receiver in receivers]
    return Deliverer(book, ways, RULES, clock or StillClock(), structlog.get_logger(), pause=0.01, seed=1)


async def until(reached: Callable[[], bool]) -> None:
    """Wait for something that the worker does by itself, at most five seconds."""
    for _ in range(500):
        if reached():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not reached in time")


async def test_everything_that_waits_is_handed_over_in_order() -> None:
    book, receiver = Book(*(a_delivery(n) for n in (3, 1, 2))), Scripted(lambda _: Taken("200"))
    assert await deliverer(book, ("bluesky", receiver)).round() == 3
    assert [each.body for each in receiver.handed] == [a_delivery(n).body for n in (1, 2, 3)]
    assert {book.state(n) for n in (1, 2, 3)} == {DeliveryState.DELIVERED}


async def test_a_delivered_request_is_not_handed_over_again() -> None:
    book, receiver = Book(a_delivery(1)), Scripted(lambda _: Taken("200"))
    worker = deliverer(book, ("bluesky", receiver))
    await worker.round()
    assert await worker.round() == 0
    assert len(receiver.handed) == 1


async def test_the_attempt_is_stored_before_it_is_made() -> None:
    """A crash in between leaves a delivery that says: it may have arrived."""
    book = Book(a_delivery(1))
    seen: list[Delivery] = []

    def answer(_: Parcel) -> Answer:
        seen.append(book.of(1))
        return Taken("200")

    await deliverer(book, ("bluesky", Scripted(answer))).round()
    assert (seen[0].unsure, seen[0].attempts, seen[0].state) == (True, 1, DeliveryState.WAITING)
    assert (book.of(1).unsure, book.of(1).attempts) == (False, 1)


async def test_what_a_crash_left_behind_is_handed_over_and_marked_as_a_possible_repeat() -> None:
    left = a_delivery(1, attempts=1, unsure=True, next_at=NOON - timedelta(minutes=1))
    book = Book(left)
    await deliverer(book, ("bluesky", Scripted(lambda _: Taken("200")))).round()
    assert (book.state(1), book.of(1).unsure, book.of(1).attempts) == (DeliveryState.DELIVERED, True, 2)


async def test_of_two_workers_one_hands_over() -> None:
    book, receiver = Book(a_delivery(1)), Scripted(lambda _: Taken("200"))
    stale = Book(a_delivery(1))
    stale.put = book.put  # type: ignore[method-assign]
    await deliverer(book, ("bluesky", receiver)).round()
    await deliverer(stale, ("bluesky", receiver)).round()
    assert len(receiver.handed) == 1


async def test_a_test_request_is_a_dead_letter_and_no_receiver_sees_it() -> None:
    book, careless = Book(a_delivery(1, test=True)), Scripted(lambda _: Taken("200"))
    await deliverer(book, ("bluesky", careless)).round()
    assert careless.handed == []
    assert (book.state(1), book.of(1).said) == (DeliveryState.DEAD, TEST_REFUSED)


async def test_a_notice_whose_author_was_erased_meanwhile_is_a_dead_letter_and_no_receiver_sees_it() -> None:
    asked = a_delivery(1)
    blank = replace(asked, body=encode(blank_request(parcel_of(asked).request)))
    book, receiver = Book(blank), Scripted(lambda _: Taken("200"))
    await deliverer(book, ("bluesky", receiver)).round()
    assert receiver.handed == []
    assert (book.state(1), book.of(1).said) == (DeliveryState.DEAD, ERASED_REFUSED)


@pytest.mark.parametrize("reasons", ["@quokkaish was quoted.", taken_back(ReasonCode.ISSUED_IN_ERROR)])
async def test_a_withdrawal_is_handed_over_though_its_author_was_erased_meanwhile(reasons: str) -> None:
    """The platform acted on what it takes back, and shall not go on doing so; of the author it says nothing."""
    asked = a_delivery(1)
    request = parcel_of(asked).request
    back = withdraw(request, UUID(int=9), "lead-1", "Quoted.", NOON + timedelta(hours=1))
    assert isinstance(back, TakedownRequested)
    blank = blank_request(back.model_copy(update={"reasons": reasons}))
    book, receiver = Book(replace(asked, body=encode(blank))), Scripted(lambda _: Taken("200"))
    await deliverer(book, ("bluesky", receiver)).round()
    (handed,) = receiver.handed
    assert (book.state(1), handed.request.relates_to.withdraws) == (DeliveryState.DELIVERED, request.referral_id)
    assert handed.request.reasons == taken_back(ReasonCode.ISSUED_IN_ERROR)


async def test_without_a_way_nothing_is_looked_at() -> None:
    book = Book(a_delivery(1))
    worker = deliverer(book)
    assert await worker.round() == 0
    await worker.run()
    assert book.state(1) is DeliveryState.WAITING


async def test_a_platform_without_a_way_is_not_looked_at() -> None:
    book = Book(a_delivery(1, platform="mastodon"))
    await deliverer(book, ("bluesky", Scripted(lambda _: Taken("200")))).round()
    assert book.state(1) is DeliveryState.WAITING


async def test_requests_issued_before_a_way_was_opened_stay_where_they_are() -> None:
    book = Book(a_delivery(1, issued_at=LONG_AGO - timedelta(seconds=1)))
    assert await deliverer(book, ("bluesky", Scripted(lambda _: Taken("200")))).round() == 0


async def test_a_refusal_is_a_dead_letter_and_the_others_go_on() -> None:
    first = a_delivery(1).body
    book = Book(a_delivery(1), a_delivery(2))
    receiver = Scripted(lambda parcel: Refused("422") if parcel.body == first else Taken("200"))
    await deliverer(book, ("bluesky", receiver)).round()
    assert (book.state(1), book.state(2)) == (DeliveryState.DEAD, DeliveryState.DELIVERED)


async def test_stored_bytes_that_are_no_request_are_a_dead_letter() -> None:
    book = Book(a_delivery(1, body=b"{"))
    await deliverer(book, ("bluesky", Scripted(lambda _: Taken("200")))).round()
    assert book.state(1) is DeliveryState.DEAD
    assert book.of(1).said.startswith("the stored bytes are no request")


async def test_a_receiver_that_raises_is_tried_again() -> None:
    def breaks(_: Parcel) -> Answer:
        raise ZeroDivisionError

    book = Book(a_delivery(1))
    await deliverer(book, ("bluesky", Scripted(breaks))).round()
    assert (book.state(1), book.of(1).said, book.of(1).unsure) == (DeliveryState.WAITING, "ZeroDivisionError", True)


async def test_a_failing_receiver_is_left_alone_after_some_failures_and_tried_once_later() -> None:
    clock, receiver = StillClock(NOON + timedelta(hours=1)), Scripted(lambda _: Again("503"))
    book = Book(*(a_delivery(n) for n in range(1, 21)))
    worker = deliverer(book, ("bluesky", receiver), clock=clock)
    await worker.round()
    assert len(receiver.handed) == RULES.failures_to_open
    await worker.round()
    assert len(receiver.handed) == RULES.failures_to_open
    clock.forward(seconds=RULES.open_for.total_seconds())
    await worker.round()
    assert len(receiver.handed) == RULES.failures_to_open + 1


async def test_a_receiver_that_works_again_gets_everything() -> None:
    clock, works = StillClock(NOON + timedelta(hours=1)), [False]
    receiver = Scripted(lambda _: Taken("200") if works[0] else Again("503"))
    book = Book(*(a_delivery(n) for n in range(1, 11)))
    worker = deliverer(book, ("bluesky", receiver), clock=clock)
    await worker.round()
    works[0] = True
    for _ in range(4):
        clock.forward(minutes=31)
        await worker.round()
    assert {book.state(n) for n in range(1, 11)} == {DeliveryState.DELIVERED}


async def test_what_no_receiver_takes_in_time_is_a_dead_letter_even_while_it_is_left_alone() -> None:
    clock = StillClock(NOON + timedelta(hours=1))
    book = Book(*(a_delivery(n) for n in range(1, 11)))
    worker = deliverer(book, ("bluesky", Scripted(lambda _: Again("503"))), clock=clock)
    await worker.round()
    clock.forward(hours=24)
    await worker.round()
    assert {book.state(n) for n in range(1, 11)} == {DeliveryState.DEAD}
    assert book.of(10).said == "gave up after 0 attempts in 1 day, 0:59:50: never tried"


async def test_no_more_requests_an_hour_leave_than_agreed() -> None:
    receiver = Scripted(lambda _: Taken("200"))
    book = Book(*(a_delivery(n) for n in range(1, 11)))
    worker = deliverer(book, ("bluesky", receiver), rate=4)
    await worker.round()
    await worker.round()
    assert len(receiver.handed) == 4


async def test_a_slow_receiver_slows_only_itself() -> None:
    release = asyncio.Event()

    class Slow:
        channel = Channel.WEBHOOK

        async def deliver(self, parcel: Parcel) -> Answer:
            await release.wait()
            return Taken("200")

    book = Book(a_delivery(1), *(a_delivery(n, platform="mastodon") for n in range(2, 6)))
    worker = deliverer(book, ("bluesky", Slow()), ("mastodon", Scripted(lambda _: Taken("200"))))
    running = asyncio.create_task(worker.run())
    try:
        await until(lambda: {book.state(n) for n in range(2, 6)} == {DeliveryState.DELIVERED})
        assert book.state(1) is DeliveryState.WAITING
        release.set()
        await until(lambda: book.state(1) is DeliveryState.DELIVERED)
    finally:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
