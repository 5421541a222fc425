"""A door without a broker: the real application, a sender that remembers, and a key that opens it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from schemas.content import ContentReceived
from services.ingest.credentials import Grant, Keyring, new_key
from services.ingest.door import Door
from services.ingest.settings import IngestSettings
from services.runtime.codec import decode
from services.runtime.envelope import Outgoing
from tests.builders import NOON
from tests.fakes import StillClock

SECRET = "a-secret-of-tests-with-32-characters"


def ingest_settings(**changes: Any) -> IngestSettings:
    """Valid settings, whatever the environment says."""
    return IngestSettings(_env_file=None, **({"author_secret": SECRET} | changes))


@dataclass
class RememberingSender:
    """Keeps what it is given; raises `fault` instead while there is one."""

    sent: list[Outgoing] = field(default_factory=list)
    fault: Exception | None = None

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        if self.fault is not None:
            raise self.fault
        self.sent += records

    def events(self) -> list[ContentReceived]:
        return [decode(ContentReceived, record.value) for record in self.sent]


@dataclass
class DoorCase:
    """The door with everything around it."""

    door: Door
    sender: RememberingSender
    clock: StillClock
    key: str
    grant: Grant

    @asynccontextmanager
    async def client(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client of the application; it holds the key unless told otherwise."""
        transport = httpx.ASGITransport(self.door.app(), raise_app_exceptions=False)
        given = {"authorization": f"Bearer {self.key}"} | headers
        async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=given) as client:
            yield client


def a_door(
    platforms: tuple[str, ...] = ("*",), events: float = 2_000.0, volume: float = 8_000_000.0, **settings: Any
) -> DoorCase:
    """A door that stands open for one collector, `desk`."""
    key, grant = new_key("desk", platforms, events, volume, NOON)
    sender, clock, keyring = RememberingSender(), StillClock(), Keyring(keys=(grant,))
    door = Door(ingest_settings(**settings), lambda: keyring, sender, clock, structlog.get_logger())
    return DoorCase(door, sender, clock, key, grant)
