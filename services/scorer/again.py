"""Endings that are out come in; while nothing else is to do, the degraded ones are scored once more, in full, and sent again.

All of it only improves what was published: no record, offset or first result depends on it, and a crash or a rebalance may lose it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

import structlog

from services.runtime import metrics
from services.runtime.envelope import Outgoing
from services.scorer.handlers import Ending, Outcome, Scoring
from services.scorer.settings import ScorerSettings
from services.scorer.waiting import Hasty, Left, Said, Waiting


class Sender(Protocol):
    """Sends records. Both raise HubError."""

    async def enqueue(self, record: Outgoing) -> "asyncio.Future[Any]":
        """Hand one over; the future is done when it is acknowledged."""
        ...

    async def acknowledged(self, futures: Sequence["asyncio.Future[Any]"]) -> None:
        """Wait until all are."""
        ...


class Again:
    """Scores one content at a time, so that a batch that comes waits for one at most; `lag` tells how many records wait."""

    def __init__(
        self,
        settings: ScorerSettings,
        scoring: Scoring,
        lag: Callable[[], int],
        log: structlog.stdlib.BoundLogger,
    ) -> None:
        self._settings = settings
        self._scoring = scoring
        self._lag = lag
        self._log = log
        self._waiting = Waiting(settings.again_most, settings.again_above)
        self._turn = asyncio.Lock()
        self._quiet_since = time.monotonic()
        self._moves = 0
        self._at_work = 0
        metrics.at_zero(metrics.degraded, Left)

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[None]:
        """Around each batch: meanwhile, and a while after it, nothing is scored again."""
        async with self._turn:
            try:
                yield
            finally:
                self._quiet_since = time.monotonic()

    def published(self, endings: Sequence[Ending]) -> None:
        """Note what was acknowledged; within its `batch`."""
        self._count(self._waiting.take(_said(endings)))

    def moved(self) -> None:
        """Partitions have moved: of what waits, another scorer may have something newer by now."""
        self._moves += 1
        self._count({Left.MOVED: self._waiting.clear()})

    async def run(self, sender: Sender) -> None:
        """Work whenever there is nothing else to do, until cancelled."""
        while True:
            left = await self._one(sender)
            self._at_work = 0
            if left is not None:
                self._count({left: 1})
            await asyncio.sleep(0 if left is Left.SCORED_AGAIN else self._settings.again_after_seconds)

    async def _one(self, sender: Sender) -> Left | None:
        """What became of one that waited; None where none does, or it is not the time."""
        try:
            async with self._turn:
                hasty = self._waiting.next() if self._is_idle() else None
                if hasty is None:
                    return None
                self._at_work, moves = 1, self._moves
                ending = await asyncio.to_thread(self._scoring.again, hasty.record, ranked=hasty.ranked)
                if ending is None or self._moves != moves:
                    return Left.FAILED if ending is None else Left.MOVED
                # Handed over in turn, so that nothing newer of the same content comes before it; waited for out of turn.
                sent = [await sender.enqueue(output) for output in ending.outputs]
            await sender.acknowledged(sent)
        except Exception as why:  # noqa: BLE001  what only improves a result must not end what makes results
            self._log.warning("not_scored_again", error=type(why).__name__)
            return Left.FAILED
        return Left.SCORED_AGAIN

    def _is_idle(self) -> bool:
        """What is finished counts as lag until it is committed, hence less than a batch and not none at all."""
        quiet = time.monotonic() - self._quiet_since >= self._settings.again_after_seconds
        return quiet and self._lag() < self._settings.batch

    def _count(self, left: Mapping[Left, int]) -> None:
        for why, number in left.items():
            metrics.degraded.labels(why.value).inc(number)
        metrics.degraded_waiting.set(len(self._waiting) + self._at_work)


def _said(endings: Sequence[Ending]) -> Iterator[Said]:
    for ending in endings:
        if (scored := ending.scored) is not None:
            hasty = Hasty(ending.source, scored.content_risk, ending.outcome is Outcome.RANKED)
            yield Said(scored.content_key, hasty if scored.degraded else None)
