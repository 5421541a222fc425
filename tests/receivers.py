"""Receivers on loopback that misbehave on purpose: slow, dead, lying, answering twice; and a mailbox that can do the same."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Posted:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def referral_id(self) -> str:
        """What its body says."""
        return str(json.loads(self.body)["referral_id"])


Script = Callable[[Posted, asyncio.StreamWriter], Awaitable[None]]


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer, whole."""
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{named}\r\n".encode() + body


def naming(referral_id: str) -> bytes:
    """A body that names a referral."""
    return json.dumps({"referral_id": referral_id}).encode()


def answers(*statuses: int, named: str | None = None, body: bytes | None = None, **headers: str) -> Script:
    """Answer with these statuses one after the other, the last one for ever; by default naming what was posted."""
    left = list(statuses)

    async def script(posted: Posted, writer: asyncio.StreamWriter) -> None:
        status = left.pop(0) if len(left) > 1 else left[0]
        writer.write(reply(status, body if body is not None else naming(named or posted.referral_id), **headers))

    return script


@dataclass
class HttpReceiver:
    """An HTTP server that follows a script and keeps what it was sent."""

    script: Script
    posted: list[Posted] = field(default_factory=list)
    port: int = 0
    reached: Callable[[], None] = lambda: None
    _server: asyncio.Server | None = None
    _open: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hub"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.append(writer)
        self.reached()
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = (line.split(": ", 1) for line in head[1:] if ": " in line)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            posted = Posted(head[0].split()[1], headers, body)
            self.posted.append(posted)
            await self.script(posted, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@dataclass
class Mailbox:
    """An SMTP server that answers each step with what it is told, and keeps the messages it took."""

    greeting: bytes = b"220 ready"
    login: bytes = b"235 welcome"
    sender: bytes = b"250 ok"
    recipient: bytes = b"250 ok"
    data: bytes = b"250 taken"
    farewell: bytes = b"221 bye"
    vanishes_after_data: bool = False
    taken: Callable[[], None] = lambda: None
    messages: list[bytes] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    def _answer(self, word: bytes) -> bytes:
        known = {
            b"EHLO": b"250-here\r\n250 AUTH PLAIN", b"AUTH": self.login, b"MAIL": self.sender, b"RCPT": self.recipient,
        }  # fmt: skip
        return known.get(word, b"250 ok")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(self.greeting + b"\r\n")
            while line := await reader.readline():
                self.commands.append(line.strip())
                word = line[:4].upper().strip()
                if word == b"DATA":
                    writer.write(b"354 go on\r\n")
                    raw = await reader.readuntil(b"\r\n.\r\n")
                    self.messages.append(raw[:-3].replace(b"\r\n..", b"\r\n."))
                    self.taken()
                    if self.vanishes_after_data:
                        return
                    writer.write(self.data + b"\r\n")
                elif word == b"QUIT":
                    writer.write(self.farewell + b"\r\n")
                    return
                else:
                    writer.write(self._answer(word) + b"\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
