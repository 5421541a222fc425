"""Receivers from their descriptions: each with its secret and rate, or a sentence that says what is missing."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.referrer.adapters.files import Files
from services.referrer.adapters.receivers import build_ways, stop_ways
from services.referrer.adapters.smtp import Relay, Smtp, Tls
from services.referrer.adapters.webhook import Webhook
from services.referrer.deliverer import Way
from services.referrer.delivery import Channel, Parcel, Taken
from services.referrer.directory import load_directory
from services.referrer.signing import verify
from services.referrer.ways import EmailWay, FilesWay, WebhookWay
from services.runtime.codec import encode
from services.runtime.errors import Fatal
from tests.builders import NOON, a_request
from tests.fakes import StillClock
from tests.receivers import HttpReceiver, answers

SINCE = datetime(2026, 12, 1, tzinfo=UTC)
RELAY = Relay("127.0.0.1", 2525, Tls.NONE)
DIRECTORY = load_directory()


def built(way: WebhookWay | EmailWay | FilesWay, secrets: Path | None = None, relay: Relay | None = RELAY) -> list[Way]:
    """What the description becomes."""
    return build_ways([way], DIRECTORY, StillClock(), secrets=secrets, relay=relay, sender="desk@hub.invalid")


def webhook(url: str = "https://platform.example/hub", previous: str | None = None) -> WebhookWay:
    """A webhook's description."""
    return WebhookWay(
        platform="bluesky", since=SINCE, channel=Channel.WEBHOOK, url=url, secret="now", previous_secret=previous
    )


def secret(folder: Path, name: str, value: bytes) -> None:
    """Write a secret as a person does."""
    (folder / name).write_text(f"whsec_{base64.b64encode(value).decode()}\n")


async def test_each_description_becomes_its_receiver_at_the_platforms_rate(tmp_path: Path) -> None:
    secret(tmp_path, "now", b"s" * 32)
    mail = EmailWay(platform="bluesky", since=SINCE, channel=Channel.EMAIL, to="a@platform.invalid")
    files = FilesWay(platform="elsewhere", since=SINCE, channel=Channel.FILES, folder=tmp_path / "out")
    ways = [*built(webhook(), tmp_path), *built(mail), *built(files)]
    assert [type(way.receiver) for way in ways] == [Webhook, Smtp, Files]
    assert [way.requests_per_hour for way in ways] == [60, 60, 10]
    assert {way.since for way in ways} == {SINCE}
    await stop_ways(ways)


async def test_while_a_secret_is_changed_both_sign(tmp_path: Path) -> None:
    secret(tmp_path, "now", b"n" * 32)
    secret(tmp_path, "before", b"b" * 32)
    async with HttpReceiver(answers(200)) as receiver:
        ways = built(webhook(receiver.url, "before"), tmp_path)
        request = a_request()
        assert await ways[0].receiver.deliver(Parcel(request, encode(request))) == Taken("200")
        await stop_ways(ways)
    posted = receiver.posted[0]
    for each in (b"n" * 32, b"b" * 32):
        assert verify(posted.headers, posted.body, [each], NOON) is None


def test_a_webhook_without_a_folder_of_secrets_is_fatal() -> None:
    with pytest.raises(Fatal, match="HUB_SECRETS_DIR, which is not set"):
        built(webhook())


def test_a_missing_secret_is_fatal_and_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="webhook secret now: not readable"):
        built(webhook(), tmp_path)


def test_a_weak_secret_is_fatal_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "now").write_text("whsec_c2hvcnQ=")
    with pytest.raises(Fatal, match="webhook secret now: a webhook secret has at least 24 bytes"):
        built(webhook(), tmp_path)


def test_an_email_without_a_relay_is_fatal() -> None:
    mail = EmailWay(platform="bluesky", since=SINCE, channel=Channel.EMAIL, to="a@platform.invalid")
    with pytest.raises(Fatal, match="REFERRER_SMTP_HOST is not set"):
        built(mail, relay=None)
