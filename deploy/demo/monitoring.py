"""Probe ports of running services come in; a Prometheus that watches them with the hub's own alert rules goes out."""

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from deploy.interrupts import held_back
from deploy.kafka.broker import free_port
from services.runtime.errors import Fatal

RULES = Path(__file__).parents[1] / "prometheus" / "alerts.yml"
READY_SECONDS = 20.0
STOP_SECONDS = 10.0
SCRAPE_SECONDS = 1


def prometheus_binary() -> str | None:
    """Where Prometheus is; None where it is not installed (`make ci-deps` installs it on Debian)."""
    return shutil.which("prometheus")


class Monitoring:
    """One Prometheus on the loopback, over a folder of its own."""

    def __init__(self, binary: str, folder: Path, ports: Iterable[int]) -> None:
        self._binary = binary
        self._folder = folder
        self._ports = sorted(ports)
        self.address = f"http://127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = self._folder / "prometheus.yml"
        targets = [f"127.0.0.1:{port}" for port in self._ports]
        # JSON is YAML, too.
        settings.write_bytes(
            orjson.dumps(
                {
                    "global": {"scrape_interval": f"{SCRAPE_SECONDS}s", "evaluation_interval": "5s"},
                    "rule_files": [str(RULES)],
                    "scrape_configs": [{"job_name": "hub", "static_configs": [{"targets": targets}]}],
                }
            )
        )
        with held_back(), (self._folder / "prometheus.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  a binary of this machine with arguments made here
                [
                    self._binary,
                    f"--config.file={settings}",
                    f"--storage.tsdb.path={self._folder / 'data'}",
                    f"--web.listen-address={self.address.removeprefix('http://')}",
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._await_ready()
        except BaseException:  # whoever is interrupted while it starts has nothing else that would stop it
            self._end()
            raise
        return self

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with (
                suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(f"{self.address}/-/ready", timeout=1) as answer,  # noqa: S310  loopback
            ):
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise Fatal(f"Prometheus was not ready within {READY_SECONDS:g} s; see {self._folder / 'prometheus.log'}")

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_SECONDS)
