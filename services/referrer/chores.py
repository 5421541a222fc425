"""The clock comes in; what only the leader does falls due: deadlines are marked, what is too old is removed, agreement is measured."""

import asyncio
import time

import structlog

from services.referrer.deadlines import Deadlines
from services.referrer.practice import Practice
from services.referrer.retaining import Retaining
from services.runtime import metrics
from services.runtime.errors import Retryable


class LeaderChores:
    """Runs beside the outbox, in the process that leads."""

    def __init__(
        self, deadlines: Deadlines, retaining: Retaining, practice: Practice, log: structlog.stdlib.BoundLogger,
        *, pause: float, daily_pause: float = 600.0,
    ) -> None:  # fmt: skip
        self._deadlines = deadlines
        self._retaining = retaining
        self._practice = practice
        self._log = log
        self._pause = pause
        self._daily_pause = daily_pause

    async def watch(self) -> None:
        """Mark deadlines and measure until cancelled; a database that is away for a while costs time alone."""
        try:
            while True:
                try:
                    await asyncio.to_thread(self.look)
                except Retryable as why:
                    self._log.warning("database_unavailable", error=str(why))
                await asyncio.sleep(self._pause)
        finally:
            # Whoever leads now measures: what this process measured last would stay as it was.
            metrics.agreement.set(float("nan"))
            metrics.deadline_remaining.clear()

    def look(self) -> None:
        """One look at deadlines and agreement."""
        for marked in self._deadlines.sweep():
            referral, step = marked.referral, marked.step
            self._log.info(
                "deadline", step=step.kind.value, referral_id=str(referral.referral_id), platform=referral.platform,
                due=step.at.isoformat(),
            )  # fmt: skip
        self._deadlines.measure()
        self._practice.measure()

    async def keep(self) -> None:
        """Remove what is too old, once a day, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.remove)
            except Retryable as why:
                self._log.warning("database_unavailable", error=str(why))
            await asyncio.sleep(self._daily_pause)

    def remove(self) -> None:
        """What is too old, if the day is over."""
        if not self._retaining.due_today():
            return
        begun = time.monotonic()
        gone = {kind.value: number for kind, number in self._retaining.run().items() if number}
        self._log.info("retention", removed=gone, seconds=round(time.monotonic() - begun, 3))
