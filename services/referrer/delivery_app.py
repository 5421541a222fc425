"""The delivery worker's composition root: settings and a ways file come in; a process that hands requests to platforms goes out.

It is a process of its own, so that no foreign system can hold up the desk. Without a ways file it says so and waits:
`python -m services.referrer.delivery_app`.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog
from pydantic import DirectoryPath, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.delivery_book import SqlDeliveryBook
from services.referrer.adapters.migrate import require_newest
from services.referrer.adapters.receivers import build_ways, stop_ways
from services.referrer.adapters.smtp import Relay, Tls
from services.referrer.deliverer import Deliverer, Way
from services.referrer.delivery import Delivery, DeliveryRules, DeliveryState
from services.referrer.directory import load_directory
from services.referrer.settings import LOCAL_DATABASE
from services.referrer.ways import load_ways
from services.runtime import lifecycle, logs, metrics
from services.runtime.clock import Clock, SystemClock
from services.runtime.probes import Health
from services.runtime.settings import HubSettings, Settings

STAGE = "delivery"
SECRETS = "HUB_SECRETS_DIR"


class DeliverySettings(Settings):
    """REFERRER_… in the environment; it shares the referrer's database and secrets."""

    model_config = SettingsConfigDict(
        env_prefix="REFERRER_", extra="ignore", frozen=True, secrets_dir=os.environ.get(SECRETS)
    )

    database_url: SecretStr = Field(SecretStr(LOCAL_DATABASE), description="The referrer's own database.")
    delivery_probes_port: int = Field(9105, ge=0, le=65_535, description="Metrics and probes; 0 picks a free port.")
    ways_file: Path | None = Field(None, description="Which platform gets requests how; without it nothing leaves.")
    delivery_seconds: float = Field(2.0, gt=0, description="How often a way looks for something new.")
    fonts_folder: DirectoryPath | None = Field(None, description="Further fonts for PDF notices, as for the referrer.")
    smtp_host: str | None = Field(None, description="The desk's mail relay; needed only for ways by e-mail.")
    smtp_port: int = Field(587, ge=1, le=65_535, description="587 is submission with STARTTLS, 465 with TLS at once.")
    smtp_tls: Tls = Field(Tls.STARTTLS, description="none is for a relay on this machine.")
    smtp_username: str | None = Field(None, description="Left out where the relay knows this machine.")
    smtp_password: SecretStr | None = Field(None, description="From the environment or a file, never from an argument.")
    smtp_sender: str = Field("desk@hub.invalid", description="Who mails; .invalid can never be answered.")

    def relay(self) -> Relay | None:
        """The mail relay, if there is one."""
        if self.smtp_host is None:
            return None
        password = self.smtp_password.get_secret_value() if self.smtp_password else None
        return Relay(self.smtp_host, self.smtp_port, self.smtp_tls, self.smtp_username, password)


class DeliveryService:
    """Hands over what waits, for as long as the process lives."""

    def __init__(
        self, settings: DeliverySettings, ways: Sequence[Way], health: Health, database: SqlDatabase, clock: Clock,
        log: structlog.stdlib.BoundLogger,
    ) -> None:  # fmt: skip
        self._ways = ways
        self._health = health
        self._database = database
        self._log = log
        self._platforms = frozenset(way.platform for way in ways)
        self._deliverer = Deliverer(
            SqlDeliveryBook(database), ways, DeliveryRules(), clock, log, self._count, pause=settings.delivery_seconds
        )
        for way in ways:
            platform = metrics.platform_label(way.platform, self._platforms)
            metrics.at_zero(metrics.deliveries, [platform], [way.receiver.channel.value], DeliveryState)
        health.expect("database")

    async def start(self) -> None:
        """Check the database; ready only afterwards. Raises Fatal when it is at another step."""
        await asyncio.to_thread(require_newest, self._database.engine)
        self._health.set("database", True)
        self._log.info("ways_out", ways=[f"{way.platform} by {way.receiver.channel.value}" for way in self._ways])

    async def run(self) -> None:
        """Deliver until cancelled; without a way out, wait."""
        await self._deliverer.run()
        self._log.warning("no_way_out", advice="REFERRER_WAYS_FILE names no way; nothing leaves beside Kafka")
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Close connections; what was being tried is found again by its claim."""
        await stop_ways(self._ways)
        await asyncio.to_thread(self._database.close)

    def _count(self, delivery: Delivery) -> None:
        platform = metrics.platform_label(delivery.platform, self._platforms)
        metrics.deliveries.labels(platform, delivery.channel.value, delivery.state.value).inc()


def build(
    hub: HubSettings, settings: DeliverySettings, health: Health, clock: Clock, log: structlog.stdlib.BoundLogger
) -> DeliveryService:
    """The service with everything it needs; nothing is connected yet. Raises Fatal for a wrong file or a missing secret."""
    folder = os.environ.get(SECRETS)
    ways = build_ways(
        load_ways(settings.ways_file, hub.environment),
        load_directory(),
        clock,
        secrets=Path(folder) if folder else None,
        relay=settings.relay(),
        sender=settings.smtp_sender,
        fonts=settings.fonts_folder,
    )
    return DeliveryService(settings, ways, health, SqlDatabase(settings.database_url.get_secret_value()), clock, log)


def _built(hub: HubSettings, health: Health, log: structlog.stdlib.BoundLogger) -> tuple[DeliveryService, int]:
    settings = DeliverySettings()
    logs.settings_in_force(log, hub.masked(), settings.masked())
    return build(hub, settings, health, SystemClock(), log), settings.delivery_probes_port


def main() -> int:
    """Run the delivery worker in this process; returns the exit code."""
    return lifecycle.run(STAGE, _built)


if __name__ == "__main__":
    sys.exit(main())
