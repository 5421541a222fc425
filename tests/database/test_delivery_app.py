"""The delivery worker as it runs: over a real database to a receiver on loopback, or to nobody."""

import asyncio
import base64
from pathlib import Path

import pytest
import structlog

from schemas.vocabulary import Environment
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.engine import make_engine
from services.referrer.delivery_app import SECRETS, DeliverySettings, build
from services.referrer.records import Referral
from services.referrer.signing import verify
from services.runtime import metrics
from services.runtime.clock import SystemClock
from services.runtime.errors import Fatal
from services.runtime.probes import Health
from services.runtime.settings import HubSettings
from tests.builders import normalised, ranked
from tests.desk import ADesk
from tests.receivers import HttpReceiver, answers

SECRET = b"s" * 32
HUB = HubSettings(environment=Environment.LOCAL)


def ways(folder: Path, url: str) -> Path:
    """A ways file with one webhook, and its secret beside it."""
    (folder / "hook").write_text(f"whsec_{base64.b64encode(SECRET).decode()}")
    path = folder / "ways.toml"
    path.write_text(
        f'[[way]]\nplatform = "bluesky"\nchannel = "webhook"\nurl = "{url}"\nsecret = "hook"\nsince = 2020-01-01T00:00:00Z\n'
    )
    return path


async def delivered(url: str, desk: ADesk, file: Path | None, ledger: list[str]) -> None:
    """Run the worker until the ledger's end reads so, or for two seconds."""
    settings = DeliverySettings(database_url=url, ways_file=file, delivery_seconds=0.05)
    service = build(HUB, settings, Health(30.0), desk.clock, structlog.get_logger())
    await service.start()
    running = asyncio.create_task(service.run())
    for _ in range(40):
        await asyncio.sleep(0.05)
        if ledger and list(desk.ledger())[-len(ledger) :] == ledger:
            break
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await service.stop()


@pytest.fixture
def desk(sqlite_url: str) -> ADesk:
    return ADesk(SqlDatabase(sqlite_url))


@pytest.fixture
def referral(desk: ADesk) -> Referral:
    return desk.approved()


async def test_a_request_reaches_its_platform_signed_and_the_ledger_says_so(
    desk: ADesk, referral: Referral, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRETS, str(tmp_path))
    async with HttpReceiver(answers(202)) as receiver:
        await delivered(sqlite_url, desk, ways(tmp_path, receiver.url), ["delivered"])
    assert [posted.body for posted in receiver.posted] == [referral.body]
    assert verify(receiver.posted[0].headers, referral.body, [SECRET], desk.clock.now()) is None
    assert desk.ledger()[-1] == "delivered"


def test_deliveries_that_there_were_none_of_yet_are_counted_as_well(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRETS, str(tmp_path))
    metrics.deliveries.clear()
    settings = DeliverySettings(database_url=sqlite_url, ways_file=ways(tmp_path, "http://127.0.0.1:1/"))
    build(HUB, settings, Health(30.0), SystemClock(), structlog.get_logger())
    for state in ("waiting", "delivered", "dead"):
        labels = {"platform": "bluesky", "channel": "webhook", "state": state}
        assert metrics.REGISTRY.get_sample_value("hub_deliveries_total", labels) == 0


async def test_without_a_ways_file_nothing_leaves(desk: ADesk, referral: Referral, sqlite_url: str) -> None:
    before = desk.ledger()
    await delivered(sqlite_url, desk, None, [])
    assert desk.ledger() == before


async def test_a_test_request_ends_as_a_dead_letter_and_reaches_nobody(
    desk: ADesk, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that the demo invents is test content."""
    monkeypatch.setenv(SECRETS, str(tmp_path))
    desk.approved(desk.case(ranked(normalised("gonna get you", test=True))))
    async with HttpReceiver(answers(202)) as receiver:
        await delivered(sqlite_url, desk, ways(tmp_path, receiver.url), ["undelivered"])
    assert receiver.posted == []
    assert desk.ledger()[-1] == "undelivered"


def test_a_local_worker_does_not_start_with_a_way_to_somebody(
    sqlite_url: str, desk: ADesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRETS, str(tmp_path))
    settings = DeliverySettings(database_url=sqlite_url, ways_file=ways(tmp_path, "https://platform.example/hub"))
    with pytest.raises(Fatal, match="a local hub delivers to this machine only"):
        build(HUB, settings, Health(30.0), desk.clock, structlog.get_logger())


async def test_a_database_at_another_step_is_refused(tmp_path: Path, desk: ADesk) -> None:
    make_engine(f"sqlite:///{tmp_path}/empty.db").dispose()
    settings = DeliverySettings(database_url=f"sqlite:///{tmp_path}/empty.db")
    service = build(HUB, settings, Health(30.0), desk.clock, structlog.get_logger())
    with pytest.raises(Fatal, match="hub db upgrade"):
        await service.start()
    await service.stop()
