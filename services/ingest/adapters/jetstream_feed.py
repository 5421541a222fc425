"""A Jetstream endpoint's messages come in over a websocket and go to the door; after a cut it goes on from the saved cursor.

Protocol: github.com/bluesky-social/jetstream. A message is done with when the door has answered for it; only then the cursor moves,
so nothing is missing at the door, and what comes twice is known there by its observation id.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import process_exception
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.uri import parse_uri

from schemas.reasons import Reason
from services.ingest.collecting import Publish, Tally
from services.ingest.formats.common import member
from services.ingest.formats.jetstream import POSTS
from services.ingest.recordings import Item
from services.runtime.errors import Fatal

# Servers keep no exact order within a moment: a little is asked for again.
REWIND_US = 2_000_000
# After a server that took the connection and closed it without a word.
PAUSE_SECONDS = 1.0
# Refused for these, a message would be taken once key or clock are right.
NOT_THE_MESSAGE = (Reason.PLATFORM_NOT_ALLOWED, Reason.OBSERVED_IN_FUTURE)
LARGEST_MESSAGE = 4 * 1024 * 1024


class Cursor:
    """The time of the last message that the door has answered for, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int | None:
        """Microseconds since 1970; None at the first start. Raises Fatal for a file that holds something else."""
        try:
            text = self._path.read_text().strip()
        except FileNotFoundError:
            return None
        if not text.isdecimal():
            raise Fatal(f"{self._path} holds no cursor; remove it to begin with the present")
        return int(text)

    def write(self, time_us: int) -> None:
        """Replace the file in one step."""
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_text(f"{time_us}\n")
        fresh.replace(self._path)


class JetstreamFeed:
    """Streams until `most` messages are done with, or for ever."""

    def __init__(
        self, url: str, cursor: Cursor, publish: Publish, log: structlog.stdlib.BoundLogger, *, batch: int = 100,
        linger: float = 0.5, rewind_us: int = REWIND_US, pause: float = PAUSE_SECONDS,
    ) -> None:  # fmt: skip
        self._url = url
        self._cursor = cursor
        self._publish = publish
        self._log = log
        self._batch = batch
        self._linger = linger
        self._rewind_us = rewind_us
        self._pause = pause
        self._waiting: list[Item] = []
        self._seen = 0
        self.tally = Tally()

    async def run(self, done: Callable[[int], None], most: int | None = None) -> None:
        """Connect, read, publish; again after every cut. `done` hears how many after each batch. Raises Fatal."""
        while most is None or self._seen < most:
            before = self._seen
            # The iterator waits longer and longer between attempts while no connection comes about.
            try:
                async for socket in connect(self._address(), max_size=LARGEST_MESSAGE, process_exception=self._away):
                    await self._session(socket, done, most)
                    break
            except (InvalidURI, InvalidHandshake) as why:
                said = why.msg if isinstance(why, InvalidURI) else why
                raise Fatal(f"{_shown(self._url)} is no Jetstream endpoint: {said}") from None
            if self._seen == before:
                await asyncio.sleep(self._pause)

    def _address(self) -> str:
        """The endpoint, asked for posts, from a little before the cursor."""
        try:
            parse_uri(self._url)
        except ValueError:
            # What Python says of it may show the password.
            raise Fatal("the address of the Jetstream endpoint has a name, host or port that is none") from None
        parts = urlsplit(self._url)
        # In pairs: what is wanted is named once for each.
        query = parse_qsl(parts.query)
        if "wantedCollections" not in dict(query):
            query.append(("wantedCollections", POSTS))
        at = self._cursor.read()
        if at is not None:
            query = [pair for pair in query if pair[0] != "cursor"]
            query.append(("cursor", str(max(0, at - self._rewind_us))))
        return parts._replace(query=urlencode(query)).geturl()

    def _away(self, why: Exception) -> Exception | None:
        """Tell the person who waits why nothing comes, where the library tries again; give back what ends the trying."""
        final = process_exception(why)
        if final is None:
            self._log.warning("jetstream_away", error=str(why) or type(why).__name__)
        return final

    async def _session(self, socket: ClientConnection, done: Callable[[int], None], most: int | None) -> None:
        """Read one connection until it is cut or enough is done."""
        try:
            while most is None or self._seen < most:
                await self._fill(socket, self._batch if most is None else min(self._batch, most - self._seen))
                await self._flush(done)
        except ConnectionClosed as why:
            self._log.warning("jetstream_cut", error=str(why), messages=self._seen)
            await self._flush(done)
        finally:
            await socket.close()

    async def _fill(self, socket: ClientConnection, most: int) -> None:
        """Collect messages until there are enough, or some have waited long enough."""
        self._take(await socket.recv())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._linger):
                while len(self._waiting) < most:
                    self._take(await socket.recv())

    def _take(self, message: str | bytes) -> None:
        raw = message.encode() if isinstance(message, str) else message
        # One line for one message, whatever the server's layout.
        self._waiting.append(Item(f"message {self._seen + len(self._waiting) + 1}", raw.replace(b"\n", b" ")))

    async def _flush(self, done: Callable[[int], None]) -> None:
        """Publish what waits, then move the cursor. Raises Fatal, and does not move it, where key or clock are amiss."""
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        answer = await self._publish([item.body for item in batch])
        if amiss := next((one for one in answer.items if one.reason in NOT_THE_MESSAGE), None):
            raise Fatal(
                f"the door refuses the stream, and the cursor stays: {amiss.reason} {amiss.detail or ''}".rstrip()
            )
        self.tally.add(batch, answer)
        times = [at for item in batch if (at := _time_us(item.body)) is not None]
        if times:
            self._cursor.write(max(times))
        self._seen += len(batch)
        done(len(batch))


def _shown(url: str) -> str:
    """An address as it may stand in a message: without name, password and query, which may hold a secret."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _time_us(raw: bytes) -> int | None:
    try:
        at = member(orjson.loads(raw), "time_us")
    except orjson.JSONDecodeError:
        return None
    return at if isinstance(at, int) and not isinstance(at, bool) else None
