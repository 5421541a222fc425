"""The leader's chores go on whatever one of them meets."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

import structlog

from services.referrer.chores import LeaderChores
from services.referrer.deadlines import Deadlines
from services.referrer.deciding import Deciding
from services.referrer.directory import load_directory
from services.referrer.falling_due import DeadlineRules
from services.referrer.following import Following
from services.referrer.notices import platform_names
from services.referrer.review_rules import ReviewRules
from services.runtime import metrics
from services.runtime.clock import SystemClock
from services.runtime.errors import Retryable


class Worker:
    """Stands for deadlines, retention and practice; keeps what it was asked, and fails where told."""

    def __init__(self, fails: int = 0, due: bool = True) -> None:
        self.asked: list[str] = []
        self.fails = fails
        self.due = due

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.fails:
            self.fails -= 1
            raise Retryable("the database does not answer")

    def sweep(self) -> list[Any]:
        self._ask("sweep")
        return []

    def measure(self) -> None:
        self._ask("measure")

    def due_today(self) -> bool:
        self._ask("due_today")
        return self.due

    def run(self) -> dict[Any, int]:
        self._ask("run")
        return {}


def chores(worker: Any) -> LeaderChores:
    return LeaderChores(worker, worker, worker, structlog.get_logger(), pause=0.001, daily_pause=0.001)


async def until(work: Any, reached: Callable[[], bool]) -> None:
    """Let it run until something is so; a test that waits in vain is ended by its time limit."""
    task = asyncio.ensure_future(work)
    for _ in range(10_000):
        if reached() or task.done():
            break
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_database_that_is_away_for_a_while_costs_nothing_but_time() -> None:
    worker = Worker(fails=3)
    await until(chores(worker).watch(), lambda: worker.asked.count("measure") >= 4)
    assert worker.asked[:5] == ["sweep", "sweep", "sweep", "sweep", "measure"]


async def test_what_is_too_old_is_removed_when_the_day_is_over() -> None:
    worker = Worker()
    await until(chores(worker).keep(), lambda: "run" in worker.asked)
    assert worker.asked[:2] == ["due_today", "run"]


async def test_and_not_before() -> None:
    worker = Worker(due=False)
    await until(chores(worker).keep(), lambda: len(worker.asked) > 3)
    assert set(worker.asked) == {"due_today"}


async def test_who_leads_no_more_tells_no_more_what_it_measured() -> None:
    worker = Worker()
    metrics.agreement.set(0.3)
    metrics.deadline_remaining.labels("bluesky").set(-5)
    await until(chores(worker).watch(), lambda: "measure" in worker.asked)
    kappa = metrics.REGISTRY.get_sample_value("hub_reviewer_agreement_kappa")
    assert kappa is not None
    assert math.isnan(kappa)
    assert metrics.REGISTRY.get_sample_value("hub_deadline_seconds_remaining", {"platform": "bluesky"}) is None


def test_a_platform_that_has_missed_nothing_yet_is_counted_as_well() -> None:
    metrics.deadline_breaches.clear()
    database: Any = None
    Deadlines(database, load_directory(), DeadlineRules(), SystemClock())
    for platform in ("bluesky", "other"):
        assert metrics.REGISTRY.get_sample_value("hub_deadline_breaches_total", {"platform": platform}) == 0


def test_requests_and_answers_that_there_were_none_of_yet_are_counted_as_well() -> None:
    """The dashboard shows increases, and would show none for the first request of a kind to a platform."""
    for counter in (metrics.takedowns, metrics.outcomes, metrics.reinstatements):
        counter.clear()
    nothing: Any = None
    directory = load_directory()
    Deciding(nothing, directory, nothing, ReviewRules(), SystemClock())
    Following(nothing, SystemClock(), platform_names(directory))
    asked = metrics.REGISTRY.get_sample_value
    for platform in ("bluesky", "other"):
        assert asked("hub_takedowns_total", {"platform": platform, "kind": "withdrawal"}) == 0
        assert asked("hub_outcomes_total", {"platform": platform, "outcome": "removed"}) == 0
        assert asked("hub_outcomes_total", {"platform": platform, "outcome": "refuse"}) == 0
        assert asked("hub_reinstatements_total", {"platform": platform}) == 0
