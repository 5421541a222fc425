"""Probes and metrics on a port of their own: a thread answers /livez /readyz /startupz /metrics while the loop works."""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson
from prometheus_client import make_wsgi_app

from services.runtime import metrics
from services.runtime.errors import Fatal

# Whoever connects and asks nothing is let go after this time.
ASK_SECONDS = 5.0


@dataclass
class Health:
    """What a process knows of itself; single assignments, so that the probe thread may read while the loop writes."""

    stall_seconds: float
    started: bool = False
    stopping: bool = False
    ready: dict[str, bool] = field(default_factory=dict)
    heartbeat: float = field(default_factory=time.monotonic)
    progress: float = field(default_factory=time.monotonic)
    _lag: int = 0
    _waiting_since: float = 0.0

    def expect(self, *names: str) -> None:
        """Name what must be there before the process is ready."""
        self.ready = self.ready | dict.fromkeys(names, False)

    def set(self, name: str, there: bool) -> None:
        """Say that something is there, or gone."""
        self.ready = self.ready | {name: there}

    def beat(self) -> None:
        """The event loop turns."""
        self.heartbeat = time.monotonic()

    def progressed(self) -> None:
        """A record got its ending."""
        self.progress = time.monotonic()

    @property
    def lag(self) -> int:
        """Records that wait."""
        return self._lag

    @lag.setter
    def lag(self, records: int) -> None:
        if records and not self._lag:
            self._waiting_since = time.monotonic()
        self._lag = records

    def stalled(self) -> bool:
        """Records wait, and none got its ending for too long: a consumer that looks alive and does nothing.

        What comes after a quiet hour has waited since it came, and not for the hour.
        """
        idle = time.monotonic() - max(self.progress, self._waiting_since)
        return self._lag > 0 and idle > self.stall_seconds

    def live(self) -> dict[str, bool]:
        """Facts behind /livez."""
        return {"event_loop": time.monotonic() - self.heartbeat < self.stall_seconds, "progress": not self.stalled()}

    def all_ready(self) -> dict[str, bool]:
        """Facts behind /readyz."""
        return {"started": self.started, "not_stopping": not self.stopping, **self.ready}


class _Quiet(WSGIRequestHandler):
    timeout = ASK_SECONDS

    def handle(self) -> None:
        # Whoever went away, or never asked, gets no answer; that is not worth a traceback.
        with suppress(OSError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Probes come every few seconds: not worth a line."""


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each who asks: one that is slow holds up no other, and not the end of the process."""

    daemon_threads = True


StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class ProbeServer:
    """Serves the probes of one process; port 0 picks a free one, `port` tells which once it answers."""

    def __init__(self, health: Health, host: str, port: int) -> None:
        self._health = health
        self._metrics: Callable[[dict[str, Any], StartResponse], Iterable[bytes]] = make_wsgi_app(metrics.REGISTRY)
        self._host = host
        self.port = port

    def start(self) -> None:
        """Answer from now on. Raises Fatal when the port is taken."""
        try:
            self._server = make_server(self._host, self.port, self._answer, _Server, _Quiet)
        except OSError as why:
            raise Fatal(f"probes cannot listen at {self._host} port {self.port}: {why.strerror}") from why
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="probes", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return self._metrics(environ, start_response)
        probes: dict[str, Callable[[], dict[str, bool]]] = {
            "/livez": self._health.live,
            "/readyz": self._health.all_ready,
            "/startupz": lambda: {"started": self._health.started},
        }
        if path not in probes:
            start_response("404 Not Found", [("Content-Type", "application/json")])
            return [b'{"title":"not found"}']
        facts = probes[path]()
        status = "200 OK" if all(facts.values()) else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json")])
        return [orjson.dumps(facts)]
