"""A service's module name and environment come in; a running process that is ready goes out, controlled by process id alone."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from deploy.interrupts import held_back
from deploy.kafka.broker import free_port
from services.runtime.errors import Fatal

READY_SECONDS = 60.0
STOP_SECONDS = 25.0
TAIL_LINES = 12


class ServiceProcess:
    """One service of the hub as a process of its own, with its log in a file and its probes on a free port."""

    def __init__(self, module: str, environment: Mapping[str, str], folder: Path) -> None:
        self.name = module.rpartition(".")[2]
        self.module = module
        self.probes_port = free_port()
        self.log = folder / f"{self.name}-{self.probes_port}.log"
        probes = {f"{self.name.upper()}_PROBES_PORT": str(self.probes_port)}
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **probes, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> "ServiceProcess":
        """Start it, and wait until /readyz answers 200 unless told not to. Raises Fatal with the tail of its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with held_back(), self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-m", self.module],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        if wait:
            self.wait_ready()
        return self

    @property
    def pid(self) -> int:
        """Its process id. Raises Fatal before the first start."""
        if self._process is None:
            raise Fatal(f"{self.name} was not started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll() if self._process else None

    def ready(self) -> bool:
        """Whether /readyz says yes now."""
        url = f"http://127.0.0.1:{self.probes_port}/readyz"
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def told(self, metric: str) -> float:
        """The present value of a metric without labels; 0 where the process does not tell it."""
        url = f"http://127.0.0.1:{self.probes_port}/metrics"
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2) as answer:
            for line in answer.read().decode().splitlines():
                name, _, value = line.partition(" ")
                if name == metric:
                    return float(value)
        return 0.0

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return once it is ready. Raises Fatal when it ended or took too long."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            if self.exit_code is not None:
                raise Fatal(f"{self.name} ended with {self.exit_code}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise Fatal(f"{self.name} was not ready within {seconds:g} s:\n{self.tail()}")
            time.sleep(0.1)

    def stop(self) -> int:
        """Ask it to end in order; killed when that takes longer than its own budget. Gives its exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(STOP_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens if it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def tail(self) -> str:
        """The last lines that it wrote."""
        if not self.log.exists():
            return "(it wrote nothing)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def __enter__(self) -> "ServiceProcess":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
