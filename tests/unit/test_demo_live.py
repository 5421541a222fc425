"""The live demo ends with one line where something of it has ended, and shows nothing that stands still."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from rich.console import Console

from deploy.demo import cli
from deploy.demo.people import DeskClient
from deploy.kafka.broker import free_port
from services.ingest.collecting import Tally
from services.runtime.errors import Fatal


@dataclass
class Service:
    """One that was killed."""

    name: str = "scorer"
    exit_code: int = -9

    def tail(self) -> str:
        return "its last words"


@dataclass
class Stack:
    """As far as the live demo looks at it."""

    desk: str = f"http://127.0.0.1:{free_port()}"
    reviewer_tokens: tuple[str, str] = ("one", "two")
    services: list[Service] = field(default_factory=lambda: [Service()])


async def nothing(*_: object) -> Tally:
    return Tally()


def test_a_service_that_ends_ends_the_demo_with_what_it_said_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "publish", nothing)
    with pytest.raises(Fatal, match="scorer ended with -9:\nits last words"):
        cli._live(Stack(), [], "hub", Console(quiet=True))  # type: ignore[arg-type]


def test_a_desk_that_is_away_is_told_in_one_line() -> None:
    with DeskClient(Stack().desk, "token") as desk, pytest.raises(Fatal, match="does not answer"):
        desk.lease(UUID(int=1))
