"""Descriptions of ways out come in, and the folder with their secrets; receivers that can be handed requests go out."""

from collections.abc import Sequence
from pathlib import Path

from services.referrer.adapters.files import Files
from services.referrer.adapters.smtp import Relay, Smtp
from services.referrer.adapters.webhook import Webhook
from services.referrer.deliverer import Receiver, Way
from services.referrer.directory import Directory
from services.referrer.signing import secret_of
from services.referrer.ways import EmailWay, FilesWay, WebhookWay
from services.runtime.clock import Clock
from services.runtime.errors import Fatal


def build_ways(
    described: Sequence[WebhookWay | EmailWay | FilesWay],
    directory: Directory,
    clock: Clock,
    *,
    secrets: Path | None,
    relay: Relay | None,
    sender: str,
    fonts: Path | None = None,
) -> list[Way]:
    """One receiver per description; the rate is the platform's in the directory. Raises Fatal naming what is missing."""
    return [
        Way(each.platform, _receiver(each, clock, secrets, relay, sender, fonts), each.since, rate)
        for each in described
        for rate in [directory.platform(each.platform).requests_per_hour]
    ]


async def stop_ways(ways: Sequence[Way]) -> None:
    """Close what receivers hold open."""
    for way in ways:
        if isinstance(way.receiver, Webhook):
            await way.receiver.stop()


def _receiver(
    way: WebhookWay | EmailWay | FilesWay,
    clock: Clock,
    secrets: Path | None,
    relay: Relay | None,
    sender: str,
    fonts: Path | None,
) -> Receiver:
    if isinstance(way, WebhookWay):
        names = [name for name in (way.secret, way.previous_secret) if name is not None]
        return Webhook(way.url, [_secret(name, secrets) for name in names], clock, seconds=way.seconds)
    if isinstance(way, EmailWay):
        if relay is None:
            raise Fatal(f"{way.platform} by email: REFERRER_SMTP_HOST is not set")
        return Smtp(relay, sender, way.to)
    return Files(way.folder, fonts)


def _secret(name: str, folder: Path | None) -> bytes:
    if folder is None:
        raise Fatal(f"the webhook secret {name} is a file in HUB_SECRETS_DIR, which is not set")
    try:
        return secret_of((folder / name).read_text())
    except (OSError, UnicodeDecodeError) as why:
        raise Fatal(f"webhook secret {name}: not readable") from why
    except ValueError as why:
        raise Fatal(f"webhook secret {name}: {why}") from why
