"""Final bytes that a transaction stored come in; they leave in order, and are marked when the broker has them."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import stamina
import structlog

from schemas.topics import TAKEDOWN_REQUESTED
from services.referrer.books import Books, Database
from services.referrer.ledger import Happened, LedgerKind
from services.runtime.clock import Clock
from services.runtime.envelope import Outgoing
from services.runtime.errors import Fatal, Rejected, Retryable


class Sender(Protocol):
    """Hands records to the broker in order."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Return when all in-sync replicas have every record. Raises Retryable (outcome unknown), Rejected or Fatal."""
        ...


class OutboxPublisher:
    """Publishes what waits, oldest first. Only the leader runs one; a batch whose outcome is unknown is sent again, byte for byte."""

    def __init__(
        self, database: Database, sender: Sender, clock: Clock, log: structlog.stdlib.BoundLogger,
        *, batch: int, pause: float, attempts: int,
    ) -> None:  # fmt: skip
        self._database = database
        self._sender = sender
        self._clock = clock
        self._log = log
        self._batch = batch
        self._pause = pause
        self._attempts = attempts
        self._called = asyncio.Event()

    def call(self) -> None:
        """Say that something was put in; from the loop's own thread."""
        self._called.set()

    async def run(self) -> None:
        """Publish until cancelled. Raises Retryable when the database does not answer, Fatal when the broker does not."""
        while True:
            self._called.clear()
            if await self.publish() == self._batch:
                continue
            try:
                await asyncio.wait_for(self._called.wait(), self._pause)
            except TimeoutError:
                continue

    async def publish(self) -> int:
        """Send one batch and mark it; gives how many. Raises Retryable or Fatal."""
        begun = time.monotonic()
        waiting = await asyncio.to_thread(self._database.read, lambda books: books.outbox.waiting(self._batch))
        if not waiting:
            return 0
        await self._send([record for _, record in waiting])
        await asyncio.to_thread(self._database.write, lambda books: self._mark(books, waiting))
        topics = Counter(record.topic for _, record in waiting)
        self._log.debug("published", records=len(waiting), topics=dict(topics), seconds=time.monotonic() - begun)
        return len(waiting)

    def _mark(self, books: Books, sent: Sequence[tuple[int, Outgoing]]) -> None:
        now = self._clock.now()
        marked = books.outbox.mark_sent([number for number, _ in sent], now)
        books.ledger.append(
            [
                Happened(now, LedgerKind.SENT, "outbox", {"referral_id": dict(record.headers)["ce_id"].decode()})
                for number, record in sent
                if number in marked and record.topic == TAKEDOWN_REQUESTED.name
            ]
        )

    async def _send(self, records: Sequence[Outgoing]) -> None:
        try:
            async for attempt in stamina.retry_context(on=Retryable, attempts=self._attempts):
                with attempt:
                    await self._sender.send_all(records)
        except Retryable as why:
            raise Fatal(f"not acknowledged after {self._attempts} attempts: {why}") from why
        except Rejected as why:
            raise Fatal(f"a record of the outbox is refused: {why.detail}") from why
