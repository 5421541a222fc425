"""`hub audit`: asks what became of every accepted record, says what is missing or doubled, and can watch for it."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
import typer
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from rich.console import Console
from rich.table import Table

from services.commands.auditing import Audit, Groups, Inbox
from services.ingest.settings import IngestSettings
from services.referrer.adapters.engine import make_engine
from services.referrer.adapters.tables import inbox
from services.referrer.records import Ended
from services.referrer.settings import ReferrerSettings
from services.runtime import metrics
from services.runtime.conservation import Found, StageAudit
from services.runtime.envelope import Source
from services.runtime.probes import Health, ProbeServer
from services.runtime.settings import HubSettings, KafkaSettings, Settings
from services.scorer.settings import ScorerSettings

GAP = 4
SHOWN = 20
PULSE = 0.5
# A hundred years, and a week.
LONGEST_HOURS = 876_000
LONGEST_WAIT = 604_800
ROWS_AT_ONCE = 10_000
FOUND = {Ended.RECORDED: Found.RECORDED, Ended.DUPLICATE: Found.DUPLICATE}


class _IngestGroup(Settings):
    """The one setting of ingest that an audit needs; ingest's secrets are not given to it."""

    model_config = SettingsConfigDict(env_prefix="INGEST_")

    group: str = Field(IngestSettings.model_fields["group"].default, min_length=1)


def groups_in_force() -> Groups:
    """The consumer groups as the services' own settings name them."""
    return Groups(_IngestGroup().group, ScorerSettings().group, ReferrerSettings().group)


def inbox_of(database_url: str) -> Inbox:
    """Reads the inbox of the referrer's database, a stretch of rows at a time."""

    def rows(since: Mapping[str, datetime]) -> Iterator[tuple[Source, Found]]:
        engine = make_engine(database_url).execution_options(hub_reads=True)
        # A record is taken in after it was published: what was taken in before a moment is of no record from then on.
        looked_at = sa.or_(*(sa.and_(inbox.c.topic == topic, inbox.c.at >= moment) for topic, moment in since.items()))
        wanted = sa.select(inbox.c.topic, inbox.c.partition_number, inbox.c.record_offset, inbox.c.ended).where(
            inbox.c.ended.in_([ended.value for ended in FOUND]), looked_at
        )
        try:
            with engine.connect() as connection:
                for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(wanted):
                    yield Source(row.topic, row.partition_number, row.record_offset), FOUND[Ended(row.ended)]
        finally:
            engine.dispose()

    return rows


def report(stages: Sequence[StageAudit]) -> Table:
    """One line per stage and topic: how its records ended, how many wait, how many have no ending or two."""
    table = Table(title="What became of accepted records", title_justify="left")
    for name in ("stage", "topic"):
        table.add_column(name, overflow="fold")
    for name in ("records", *(found.value for found in Found), "waiting", "repeats", "gap"):
        table.add_column(name.replace("_", " "), justify="right", overflow="fold")
    for stage in stages:
        endings = [str(stage.endings.get(found, 0)) for found in Found]
        counts = [str(stage.sources), *endings, str(stage.waiting), str(stage.repeats), str(stage.gap)]
        table.add_row(stage.stage, stage.topic, *counts)
    return table


def faults(stages: Sequence[StageAudit]) -> Iterator[str]:
    """What has no ending or two, what Kafka removed unread, and where nobody can tell; one line each."""
    for stage in stages:
        for sources, what in ((stage.missing, "no ending"), (stage.doubled, "two endings")):
            for source in sources[:SHOWN]:
                yield f"{stage.stage}: {source} has {what}"
        for removed in stage.unread:
            yield f"{stage.stage}: {removed} ({len(removed)} offsets) was removed by Kafka before it was read"
        for removed in stage.untold:
            yield (
                f"{stage.stage}: {removed} was removed by Kafka, and the group has committed nothing there: "
                "this audit cannot tell whether it was read"
            )


async def looked(audit: Audit, health: Health) -> Sequence[StageAudit]:
    """One look, which lives for as long as it goes on: how long it takes is a matter of how much the topics keep."""
    beating = asyncio.create_task(_pulse(health))
    try:
        return await audit.run()
    finally:
        beating.cancel()


async def _pulse(health: Health) -> None:
    while True:
        health.beat()
        await asyncio.sleep(PULSE)


def watch(audit: Audit, every: float, port: int) -> None:
    """Audit again and again, and export hub_conservation_gap on a port of its own."""
    health = Health(stall_seconds=10 * every)
    probes = ProbeServer(health, HubSettings().host, port)
    probes.start()
    typer.echo(f"auditing every {every:g} s, metrics on port {probes.port}")
    while True:
        stages = asyncio.run(looked(audit, health))
        gap = sum(stage.gap for stage in stages)
        for line in faults(stages):
            typer.echo(line)
        metrics.conservation_gap.set(gap)
        health.started = True
        typer.echo(f"gap={gap}")
        time.sleep(every)


def audit(
    hours: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=LONGEST_HOURS,
            help="Look this far back only, from each audit on. Default: as far as records are kept.",
        ),
    ] = None,
    every: Annotated[
        float, typer.Option(min=0, max=LONGEST_WAIT, help="Seconds between audits; 0 audits once and ends.")
    ] = 0.0,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port of the metrics while it watches; 0 picks a free one.")
    ] = 9104,
) -> None:
    """Join every source offset below the committed one with its ending; exit 4 if one has none, or two, or was removed unread."""
    back = timedelta(hours=hours) if hours else None
    running = Audit(
        KafkaSettings(), groups_in_force(), inbox_of(ReferrerSettings().database_url.get_secret_value()), back
    )
    if every > 0:
        watch(running, every, port)
    stages = asyncio.run(running.run())
    Console().print(report(stages))
    for line in faults(stages):
        typer.echo(line)
    gap = sum(stage.gap for stage in stages)
    typer.echo(f"gap={gap}")
    if gap:
        raise typer.Exit(GAP)
