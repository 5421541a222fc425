"""Batches off Faust's fetches keep their order and size, wait for company, and hold nothing that a rebalance took away."""

import asyncio
from dataclasses import dataclass, field

from services.scorer.adapters.faust_batches import Batches


@dataclass(frozen=True)
class Message:
    offset: int
    generation_id: int = 1
    tp: tuple[str, int] = ("t", 0)


@dataclass
class FlowControl:
    active: bool = True

    def is_active(self) -> bool:
        return self.active


@dataclass
class Consumer:
    fetched: "asyncio.Queue[list[Message]]" = field(default_factory=lambda: asyncio.Queue(maxsize=1))


@dataclass
class Monitor:
    stream_inbound_time: dict[tuple[str, int], float] = field(default_factory=dict)


@dataclass
class App:
    """As much of a Faust app as batches look at."""

    consumer: Consumer = field(default_factory=Consumer)
    flow_control: FlowControl = field(default_factory=FlowControl)
    monitor: Monitor = field(default_factory=Monitor)
    consumer_generation_id: int = 1


def fetch(first: int, last: int, generation: int = 1) -> list[Message]:
    return [Message(offset, generation) for offset in range(first, last)]


def offsets(batch: list[Message]) -> list[int]:
    return [message.offset for message in batch]


async def test_a_large_fetch_comes_in_batches_in_its_order() -> None:
    app = App()
    batches = Batches(app, most=4, within_seconds=0)
    app.consumer.fetched.put_nowait(fetch(0, 10))
    assert [offsets(await batches.next()) for _ in range(3)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


async def test_what_is_left_of_one_fetch_goes_with_the_beginning_of_the_next() -> None:
    app = App()
    batches = Batches(app, most=4, within_seconds=0)
    app.consumer.fetched.put_nowait(fetch(0, 6))
    await batches.next()
    app.consumer.fetched.put_nowait(fetch(6, 9))
    assert offsets(await batches.next()) == [4, 5, 6, 7]
    assert offsets(await batches.next()) == [8]


async def test_a_few_wait_for_company_as_long_as_was_said() -> None:
    app = App()
    batches = Batches(app, most=4, within_seconds=5)
    app.consumer.fetched.put_nowait(fetch(0, 1))
    waiting = asyncio.ensure_future(batches.next())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    waiting.cancel()


async def test_what_was_fetched_before_a_rebalance_is_not_worked_on() -> None:
    app = App(consumer_generation_id=2)
    batches = Batches(app, most=4, within_seconds=0)
    app.consumer.fetched.put_nowait([*fetch(0, 2, generation=1), *fetch(5, 7, generation=2)])
    assert offsets(await batches.next()) == [5, 6]


async def test_nothing_is_worked_on_while_a_rebalance_goes_on() -> None:
    app = App(flow_control=FlowControl(active=False))
    batches = Batches(app, most=4, within_seconds=0)
    app.consumer.fetched.put_nowait(fetch(0, 2))
    assert await batches.next() == []


async def test_faust_is_told_that_its_partitions_are_read() -> None:
    app = App()
    app.consumer.fetched.put_nowait(fetch(0, 2))
    await Batches(app, most=4, within_seconds=0).next()
    assert set(app.monitor.stream_inbound_time) == {("t", 0)}
