"""Signals that ask a process to end are held back while it starts another one, so that it knows what it has to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def held_back() -> Iterator[None]:
    """Deliver SIGINT, SIGTERM and SIGHUP at the end of the block. Signals reach the main thread only; others need nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    # A handler, not a mask: a process that is started inherits the mask, and would never hear that it shall stop.
    before = {number: signal.signal(number, lambda got, _frame: arrived.append(got)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for got in dict.fromkeys(arrived):
            signal.raise_signal(got)
