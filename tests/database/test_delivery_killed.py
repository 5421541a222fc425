"""The delivery worker killed with -9 between sending and recording: nothing is lost, a repeat is the same bytes by the same name."""

import asyncio
import base64
import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from deploy.kafka.broker import free_port
from deploy.processes import ServiceProcess
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.delivery_tables import deliveries
from services.referrer.records import Referral
from services.referrer.signing import verify
from tests.desk import ADesk
from tests.fakes import StillClock
from tests.receivers import HttpReceiver, Mailbox, Posted, answers, naming, reply

pytestmark = pytest.mark.timeout(120)
SECRET = b"s" * 32


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    """Its requests are of today: the worker is a process and has the clock of the machine."""
    return ADesk(database, StillClock(datetime.now(UTC)))


@pytest.fixture
def referral(desk: ADesk) -> Referral:
    return desk.approved()


class Worker:
    """The worker's process, started anew as often as it takes."""

    def __init__(self, database_url: str, folder: Path, way: str, **environment: str) -> None:
        (folder / "hook").write_text(f"whsec_{base64.b64encode(SECRET).decode()}")
        (folder / "ways.toml").write_text(f'[[way]]\nplatform = "bluesky"\nsince = 2020-01-01T00:00:00Z\n{way}')
        port = free_port()
        self.process = ServiceProcess(
            "services.referrer.delivery_app",
            {
                "REFERRER_DATABASE_URL": database_url, "REFERRER_WAYS_FILE": str(folder / "ways.toml"),
                "REFERRER_DELIVERY_SECONDS": "0.1", "REFERRER_DELIVERY_PROBES_PORT": str(port),
                "HUB_SECRETS_DIR": str(folder), "HUB_ENVIRONMENT": "local", **environment,
            },
            folder,
        )  # fmt: skip
        self.process.probes_port = port

    async def until(self, done: Callable[[], bool]) -> None:
        """Run until then, and end in order."""
        self.process.start(wait=False)
        await self.wait(done)
        await asyncio.to_thread(self.process.stop)

    async def until_killed(self) -> None:
        """Run until somebody kills it."""
        self.process.start(wait=False)
        await self.wait(lambda: self.process.exit_code is not None)
        assert self.process.exit_code == -9

    async def wait(self, done: Callable[[], bool]) -> None:
        for _ in range(1_200):
            if done():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(self.process.tail())


def recorded(database: SqlDatabase) -> tuple[str, int, bool]:
    with database.engine.connect() as connection:
        columns = (deliveries.c.state, deliveries.c.attempts, deliveries.c.unsure)
        row = connection.execute(sa.select(*columns)).one()
    return row.state, row.attempts, row.unsure


def time_passes(database: SqlDatabase) -> None:
    """The claim of the worker that died runs out."""
    with database.engine.begin() as connection:
        connection.execute(sa.update(deliveries).values(next_at=datetime.now(UTC) - timedelta(seconds=1)))


def ends(desk: ADesk) -> list[dict[str, object]]:
    """What the ledger says of deliveries that ended."""
    entries = desk.database.read(lambda books: books.ledger.entries())
    return [orjson.loads(entry.body) for entry in entries if entry.kind in ("delivered", "undelivered")]


def webhook(receiver: HttpReceiver) -> str:
    return f'channel = "webhook"\nurl = "{receiver.url}"\nsecret = "hook"\n'


async def test_a_platform_that_has_it_is_asked_again_by_the_same_name_and_says_so(
    desk: ADesk, database: SqlDatabase, referral: Referral, database_url: str, tmp_path: Path
) -> None:
    async def dies_then_knows(posted: Posted, writer: asyncio.StreamWriter) -> None:
        if len(receiver.posted) == 1:
            worker.process.kill()
        else:
            writer.write(reply(409, naming(posted.referral_id)))

    async with HttpReceiver(dies_then_knows) as receiver:
        worker = Worker(database_url, tmp_path, webhook(receiver))
        await worker.until_killed()
        assert recorded(database) == ("waiting", 1, True)
        assert ends(desk) == []
        time_passes(database)
        await worker.until(lambda: recorded(database)[0] != "waiting")
    first, second = receiver.posted
    assert first.body == second.body == referral.body
    for name in ("webhook-id", "idempotency-key", "content-digest"):
        assert first.headers[name] == second.headers[name]
    assert second.headers["webhook-id"] == str(referral.referral_id)
    assert verify(second.headers, second.body, [SECRET], datetime.now(UTC)) is None
    (end,) = ends(desk)
    assert (end["referral_id"], end["possibly_repeated"]) == (str(referral.referral_id), True)


async def test_what_never_arrived_arrives_after_all(
    desk: ADesk, database: SqlDatabase, referral: Referral, database_url: str, tmp_path: Path
) -> None:
    """Killed as the connection was made: nobody knows whether anything was sent, so it is sent again."""
    async with HttpReceiver(answers(202)) as receiver:
        worker = Worker(database_url, tmp_path, webhook(receiver))
        receiver.reached = worker.process.kill
        await worker.until_killed()
        receiver.reached = lambda: None
        receiver.posted.clear()
        time_passes(database)
        await worker.until(lambda: recorded(database)[0] != "waiting")
    assert [posted.body for posted in receiver.posted] == [referral.body]
    assert [end["referral_id"] for end in ends(desk)] == [str(referral.referral_id)]


async def test_a_claim_keeps_others_away_until_it_runs_out(
    desk: ADesk, database: SqlDatabase, referral: Referral, database_url: str, tmp_path: Path
) -> None:
    async def dies(_posted: Posted, _writer: asyncio.StreamWriter) -> None:
        worker.process.kill()

    async with HttpReceiver(dies) as receiver:
        worker = Worker(database_url, tmp_path, webhook(receiver))
        await worker.until_killed()
        other = Worker(database_url, tmp_path, webhook(receiver))
        await other.until(other.process.ready)
    assert len(receiver.posted) == 1
    assert recorded(database) == ("waiting", 1, True)
    assert referral.body == receiver.posted[0].body
    assert ends(desk) == []


async def test_an_email_repeats_under_the_same_message_id_byte_for_byte(
    desk: ADesk, database: SqlDatabase, referral: Referral, database_url: str, tmp_path: Path
) -> None:
    async with Mailbox() as mailbox:
        way = 'channel = "email"\nto = "notices@platform.invalid"\n'
        relay = {
            "REFERRER_SMTP_HOST": "127.0.0.1", "REFERRER_SMTP_PORT": str(mailbox.port), "REFERRER_SMTP_TLS": "none",
        }  # fmt: skip
        worker = Worker(database_url, tmp_path, way, **relay)
        mailbox.taken = worker.process.kill
        await worker.until_killed()
        assert recorded(database) == ("waiting", 1, True)
        mailbox.taken = lambda: None
        time_passes(database)
        await worker.until(lambda: recorded(database)[0] != "waiting")
    first, second = mailbox.messages
    assert first == second
    mail = email.message_from_bytes(second, policy=email.policy.default)
    assert str(mail["message-id"]).startswith(f"<{referral.referral_id}@")
    (end,) = ends(desk)
    assert (end["channel"], end["possibly_repeated"]) == ("email", True)
