"""A TOML file of ways out comes in; checked, frozen descriptions of them go out. No file, no way: delivery is off by default.

An example:

    [[way]]
    platform = "bluesky"
    channel = "webhook"
    url = "https://platform.example/hub"
    secret = "bluesky_webhook"        # a file in HUB_SECRETS_DIR that holds whsec_…
    since = 2026-12-01T00:00:00Z      # requests issued before stay where they are

Moved back, `since` brings up what was issued in between, but no request whose withdrawal or correction was handed over already. What
is older than the day for which a delivery is tried is given up at once.
"""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.base import PlatformName
from schemas.vocabulary import Environment
from services.referrer.delivery import Channel
from services.runtime.data_file import Table, load
from services.runtime.errors import Fatal

SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
MailAddress = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,189}$")]
# Names that can never be anybody's (RFC 2606, RFC 6761).
NOBODY = (".invalid", ".test", ".example", "example.com", "example.net", "example.org")


class _Way(Table):
    platform: PlatformName
    since: AwareDatetime


class WebhookWay(_Way):
    """A signed POST."""

    channel: Literal[Channel.WEBHOOK]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@?#]+(/[^\s?#]*)?$", max_length=500)]
    secret: SecretName
    previous_secret: SecretName | None = None
    seconds: Annotated[float, Field(gt=0, le=60)] = 10.0


class EmailWay(_Way):
    """An e-mail over the desk's relay."""

    channel: Literal[Channel.EMAIL]
    to: MailAddress


class FilesWay(_Way):
    """A folder."""

    channel: Literal[Channel.FILES]
    folder: Path


AnyWay = Annotated[WebhookWay | EmailWay | FilesWay, Field(discriminator="channel")]


class _File(Table):
    digest: str
    way: tuple[AnyWay, ...] = ()


def load_ways(path: Path | None, environment: Environment) -> tuple[WebhookWay | EmailWay | FilesWay, ...]:
    """The ways of a file, none without one. Raises Fatal naming the file and the mistake.

    A hub that runs locally, as the demo does, reaches nobody: its webhooks stay on this machine and its e-mails go to
    addresses that belong to nobody. Elsewhere a webhook is encrypted.
    """
    if path is None:
        return ()
    ways = load(_File, path, "ways file").way
    named = [(way.platform, way.channel) for way in ways]
    for way in ways:
        fault = _fault(way, environment)
        if named.count((way.platform, way.channel)) > 1:
            fault = "there is more than one"
        if fault is not None:
            raise Fatal(f"{path.name}: {way.platform} by {way.channel.value}: {fault}")
    return ways


def _fault(way: WebhookWay | EmailWay | FilesWay, environment: Environment) -> str | None:
    local = environment is Environment.LOCAL
    if isinstance(way, WebhookWay):
        here = is_loopback(urlsplit(way.url).hostname or "")
        if local and not here:
            return "a local hub delivers to this machine only"
        return None if here or way.url.startswith("https://") else "https is needed beyond this machine"
    if isinstance(way, EmailWay) and local and not way.to.lower().endswith(NOBODY):
        return "a local hub writes only to addresses that belong to nobody, such as .invalid"
    return None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name; names that would have to be looked up are not."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
