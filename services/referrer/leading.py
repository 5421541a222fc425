"""The work that one process of several does comes in; it is done while this process leads: publish, rank again, chores, seal."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.leader import LeaderLock
from services.referrer.board_keeper import BoardKeeper
from services.referrer.books import Books
from services.referrer.chores import LeaderChores
from services.referrer.outbox import OutboxPublisher
from services.referrer.reviewing import Reviewing
from services.referrer.sealing import Sealing
from services.referrer.settings import ReferrerSettings
from services.runtime import lifecycle
from services.runtime.clock import Clock
from services.runtime.errors import Retryable
from services.runtime.probes import Health


@dataclass(frozen=True)
class Leading:
    """What only the leader does. `wrote` is called when something waits to be published; without a key nothing is sealed."""

    settings: ReferrerSettings
    database: SqlDatabase
    clock: Clock
    health: Health
    log: structlog.stdlib.BoundLogger
    reviewing: Reviewing
    chores: LeaderChores
    sealing: Sealing | None
    wrote: Callable[[], None]

    async def run(self, leader: LeaderLock, outbox: OutboxPublisher) -> None:
        """Lead whenever the lock is held, until cancelled."""
        while True:
            if await asyncio.to_thread(leader.held):
                self.log.info("leading")
                await lifecycle.first_failure(
                    self._published(outbox),
                    self._ranked(),
                    self.chores.watch(),
                    self.chores.keep(),
                    self._sealed(),
                    self._lost(leader),
                )
                self.log.warning("not_leading")
            await asyncio.sleep(self.settings.leader_seconds)

    async def _lost(self, leader: LeaderLock) -> None:
        """Return when another one may lead."""
        while True:
            await asyncio.sleep(self.settings.leader_seconds)
            if not await asyncio.to_thread(leader.held):
                return

    async def _published(self, outbox: OutboxPublisher) -> None:
        """Publish; a database that is away for a while costs time, not records."""
        while True:
            try:
                await outbox.run()
            except Retryable as why:
                self.health.set("database", False)
                self.log.warning("database_unavailable", error=str(why))
                await asyncio.sleep(1.0)
            self.health.set("database", True)

    async def _ranked(self) -> None:
        """Weigh again what was left for later, then publish the boards that changed, again and again."""
        # Another leader may have published since this one last did.
        keeper = BoardKeeper(self.database, self.clock, self.settings.board_size)
        while True:
            try:
                while await asyncio.to_thread(self.database.write, self._caught_up):
                    self.wrote()
                if await asyncio.to_thread(keeper.publish):
                    self.wrote()
            except Retryable as why:
                self.log.warning("database_unavailable", error=str(why))
            await asyncio.sleep(self.settings.board_seconds)

    def _caught_up(self, books: Books) -> bool:
        """One stretch of left work; False where none is left."""
        outputs = self.reviewing.catch_up(books)
        books.outbox.append(outputs or [])
        return outputs is not None

    async def _sealed(self) -> None:
        """Sign the ledger's head, again and again; without a key the chain still holds, but a cut end is not found."""
        if self.sealing is None:
            self.log.warning(
                "ledger_unsigned", cure="set REFERRER_CHECKPOINT_KEY to what `hub ledger key --new` prints"
            )
        while True:
            try:
                if self.sealing is not None:
                    await asyncio.to_thread(self.sealing.seal)
            except Retryable as why:
                self.log.warning("database_unavailable", error=str(why))
            await asyncio.sleep(60 * self.settings.checkpoint_minutes)
