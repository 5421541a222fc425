"""The life of a process: start, run until a signal or an error, stop in order inside a budget, exit with a code that says why."""

import asyncio
import contextlib
import gc
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog

from services.runtime import logs, metrics
from services.runtime.dead_letters import BUILD
from services.runtime.errors import Fatal, HubError
from services.runtime.probes import Health, ProbeServer
from services.runtime.settings import HubSettings

EXIT_OK, EXIT_FATAL, EXIT_OVER_BUDGET = 0, 1, 3


class Service(Protocol):
    """What a process runs. `run` works until it is cancelled or raises; `stop` finishes or abandons, flushes, leaves."""

    async def start(self) -> None:
        """Connect to everything; ready only afterwards."""
        ...

    async def run(self) -> None:
        """Work until `stop` is called. Raises Fatal when it cannot go on."""
        ...

    async def stop(self) -> None:
        """Stop intake, finish or abandon what is not acknowledged, flush, commit, leave."""
        ...


# What every process has comes in; the service, not started yet, and the port of its probes go out. Raises Fatal.
Build = Callable[[HubSettings, Health, structlog.stdlib.BoundLogger], tuple[Service, int]]


def run(stage: str, build: Build) -> int:
    """One process from its settings to its end by SIGTERM, SIGINT or an error, which is one line; returns the exit code."""
    log = logs.configure("info", "json", stage)
    try:
        hub = HubSettings()
        log = logs.configure(hub.log_level, hub.log_format, stage)
        health = Health(hub.stall_seconds)
        service, probes_port = build(hub, health, log)
        metrics.build_info.labels(BUILD).set(1)
        probes = ProbeServer(health, hub.host, probes_port)
        probes.start()
    except HubError as why:
        log.error("fatal", error=str(why), kind=type(why).__name__)
        return EXIT_FATAL
    collect_seldom()
    return asyncio.run(_live(service, health, probes, log, hub.drain_seconds))


def collect_seldom() -> None:
    """Look for cycles rarely, and not in what was built so far, which stays.

    A batch makes tens of thousands of objects that end by themselves; looking through them cost a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def _live(
    service: Service, health: Health, probes: ProbeServer, log: structlog.stdlib.BoundLogger, drain: float
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("starting", probes_port=probes.port, build=BUILD)
    pulse = asyncio.create_task(_pulse(health))
    code = EXIT_OK
    try:
        started = await _first(service.start(), stop)
        if started:
            health.started = True
            log.info("started")
            await _first(service.run(), stop)
    except HubError as why:
        log.error("fatal", error=str(why), kind=type(why).__name__)
        code = EXIT_FATAL
    finally:
        health.stopping = True
        code = await _drained(service, log, drain, code)
        pulse.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pulse
        probes.stop()
        log.info("stopped", exit_code=code)
        sys.stdout.flush()
    return code


async def _first(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> bool:
    """Run `work` until it ends or `stop` is set; True when it ended by itself. Raises what `work` raises."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
        return True
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return False


async def _drained(service: Service, log: structlog.stdlib.BoundLogger, drain: float, code: int) -> int:
    try:
        await asyncio.wait_for(service.stop(), drain)
    except TimeoutError:
        log.error("drain_over_budget", seconds=drain)
        return EXIT_OVER_BUDGET
    except HubError as why:
        log.error("stop_failed", error=str(why))
        return code or EXIT_FATAL
    return code


async def _pulse(health: Health) -> None:
    """Show that the loop turns; a stall that only lag can explain ends the process through `watch`."""
    while True:
        health.beat()
        await asyncio.sleep(0.5)


async def first_failure(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until one of them ends or raises, then cancel the others and wait for them. Raises what ended it."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def watch(health: Health, stage: str) -> None:
    """Raise Fatal when records wait and none was finished for too long. Run it beside the consumer."""
    while True:
        metrics.since_progress.labels(stage).set(time.monotonic() - health.progress)
        if health.stalled():
            raise Fatal(f"{health.lag} records wait and none was finished for {health.stall_seconds:g} s")
        await asyncio.sleep(1.0)
