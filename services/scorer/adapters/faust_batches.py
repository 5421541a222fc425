"""What Faust fetches comes in; batches of messages that may be worked on go out, at a cost per fetch instead of one per message.

On its way from a fetch to an agent, Faust 0.15 spends four tasks, a turn of the loop and a dozen sensors on every message, and
sleeps a second whenever its buffer was full: four fifths of a scorer's time. What is fetched, acknowledged and committed is
Faust's doing as before; what a rebalance cuts off on this way is fetched again from the committed offset by whoever owns it.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any

from faust.transport.drivers.aiokafka import Consumer, Transport


class WholeFetches(Consumer):
    """Faust's consumer, but for one thing: a whole fetch goes to `fetched`, and the next one waits until there is room."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fetched: asyncio.Queue[list[Any]] = asyncio.Queue(maxsize=1)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109  Faust's own name
        """Hand over what was fetched; nothing is left for the caller, who would do it one by one."""
        fetch = super().getmany(timeout)
        if found := [each async for each in fetch]:
            await self.wait_first(self._hand_over(found), self.suspend_flow.wait())
        nothing: tuple[tuple[Any, Any], ...] = ()
        for each in nothing:
            yield each

    async def _hand_over(self, found: Sequence[tuple[Any, Any]]) -> None:
        """As Faust does it for each: drop what was read before, and note offsets that do not exist, so that commits pass them."""
        read, fresh = dict(self._read_offset), []
        for partition, message in found:
            before = read[partition]
            if before is not None and message.offset < before:
                continue
            if before and message.offset - before > 1:
                await self._add_gap(partition, before + 1, message.offset)
            read[partition] = message.offset
            fresh.append(message)
        await self.fetched.put(fresh)
        self._read_offset.update(read)


class WholeFetchTransport(Transport):
    """Faust's transport with this consumer."""

    Consumer = WholeFetches


class Batches:
    """Takes messages off a worker's consumer, many at a time, in their order."""

    def __init__(self, app: Any, most: int, within_seconds: float) -> None:
        self._app = app
        self._most = most
        self._within_seconds = within_seconds
        self._waiting: deque[Any] = deque()

    async def next(self) -> list[Any]:
        """At most so many; the first waits for company as long as was said. Empty where a rebalance took them all."""
        fetched = self._app.consumer.fetched
        if not self._waiting:
            self._waiting.extend(await fetched.get())
        if len(self._waiting) < self._most:
            if fetched.empty():
                await asyncio.sleep(self._within_seconds)
            if not fetched.empty():
                self._waiting.extend(fetched.get_nowait())
        batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        mine = [message for message in batch if self._is_mine(message)]
        # Faust looks here whether anybody reads what it fetched, and complains in its log when nobody does.
        self._app.monitor.stream_inbound_time.update(dict.fromkeys({m.tp for m in mine}, time.monotonic()))
        return mine

    def _is_mine(self, message: Any) -> bool:
        """Not where it was fetched before a rebalance."""
        return bool(self._app.flow_control.is_active() and message.generation_id == self._app.consumer_generation_id)
