"""An ASGI application on granian, inside this process and its event loop; granian reads sockets in threads of its own."""

import asyncio
import socket
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from services.runtime.errors import Fatal

HEADER_MS = 10_000
BACKPRESSURE = 512


class HttpServer:
    """Serves until stopped. Slow headers are cut, and connections beyond the back-pressure wait in the kernel."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        self._server = Server(
            app,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            backpressure=BACKPRESSURE,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_MS),
            log_level=LogLevels.error,
            runtime_threads=1,
        )
        self._serving: asyncio.Task[None] | None = None
        self._address = (host, port)

    def _require_free(self) -> None:
        """Granian's threads would panic over it, page after page."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(self._address)
            except OSError as why:
                host, port = self._address
                raise Fatal(f"cannot listen at {host} port {port}: {why.strerror}") from why

    def start(self) -> None:
        """Listen. The loop must be running. Raises Fatal when the address is taken or is not this machine's."""
        self._require_free()
        self._serving = asyncio.create_task(self._server.serve())

    async def failed(self) -> None:
        """Wait for the end of serving. Raises Fatal, because nobody asked for it."""
        if self._serving is None:
            raise Fatal("the HTTP server was not started")
        try:
            await asyncio.shield(self._serving)
        except (OSError, RuntimeError) as why:
            raise Fatal(f"the HTTP server failed: {why}") from why
        raise Fatal("the HTTP server ended")

    async def stop(self) -> None:
        """Finish requests at work, close the socket."""
        if self._serving is not None:
            # The way granian's own signal handler stops it; it has no other for an embedded server.
            self._server.interrupt_signal = True
            self._server.main_loop_interrupt.set()
            await self._serving
