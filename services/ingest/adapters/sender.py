"""Records of the door go out in order; a producer that cannot go on is replaced, so that the door outlives it."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from services.runtime.envelope import Outgoing
from services.runtime.errors import Fatal, HubError, Retryable
from services.runtime.kafka import Producer


class RenewingSender:
    """A Sender over a producer that is built anew after a fatal error; meanwhile the outcome is unknown to callers."""

    def __init__(self, build: Callable[[], Producer], log: structlog.stdlib.BoundLogger) -> None:
        self._build = build
        self._log = log
        self._producer: Producer | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect. Raises Fatal when the broker does not come."""
        self._producer = self._build()
        await self._producer.start()

    async def stop(self) -> None:
        """Flush and leave."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self._producer is not None:
            await self._producer.stop()

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Send and wait for every acknowledgement. Raises Rejected, or Retryable when the outcome is unknown."""
        producer = self._producer
        if producer is None:
            raise Retryable("the producer is being renewed")
        try:
            await producer.send_all(records)
        except Fatal as why:
            self._log.error("producer_failed", error=str(why))
            if producer is self._producer:
                self._producer = None
                self._renewing = asyncio.create_task(self._renew(producer))
            raise Retryable(str(why)) from why

    async def _renew(self, old: Producer) -> None:
        try:
            await old.stop()
        except (TimeoutError, HubError) as why:
            self._log.warning("old_producer_did_not_stop", error=type(why).__name__)
        while self._producer is None:
            fresh = self._build()
            try:
                await fresh.start()
            except Fatal as why:
                self._log.error("producer_not_renewed", error=str(why))
                continue
            self._producer = fresh
            self._log.info("producer_renewed")
