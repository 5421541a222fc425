"""An audit looks where a record's ending can be, and nowhere that it cannot be any more."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from typer.testing import CliRunner

from schemas.topics import NORMALISED, RANKED, RECEIVED
from services.cli import app
from services.commands.audit import faults, groups_in_force, looked, report
from services.commands.auditing import Audit, Groups
from services.ingest.handlers import observation_of
from services.ingest.memory import REMEMBERED
from services.runtime.codec import encode
from services.runtime.conservation import Found, Removed, StageAudit
from services.runtime.envelope import Incoming, Source
from services.runtime.errors import Fatal
from services.runtime.probes import Health
from services.runtime.settings import KafkaSettings
from tests.builders import received, record
from tests.fakes import StillClock

NOW = datetime.now(UTC)


class Kept:
    """A reader of records that are given."""

    def __init__(self, *records: Incoming) -> None:
        self._records = records

    async def records(self, topics: Iterable[str], since_ms: int | None = None) -> AsyncIterator[Incoming]:
        for one in self._records:
            if one.source.topic in topics and one.timestamp_ms >= (since_ms or 0):
                yield one


def nothing(_since: Mapping[str, datetime]) -> tuple[()]:
    """An inbox in which nothing lies."""
    return ()


def aged(one: Incoming, hours: float) -> Incoming:
    return replace(one, timestamp_ms=int((NOW - timedelta(hours=hours)).timestamp() * 1000))


def source(offset: int, hours: float) -> Incoming:
    return aged(record(received(), RECEIVED.name, offset), hours)


def made_of(first: Incoming, hours: float) -> Incoming:
    headers = (
        ("hub_source", str(first.source).encode()),
        ("ce_id", (observation_of(encode(received())) or "").encode()),
    )
    return aged(record(b"{}", NORMALISED.name, headers=headers), hours)


async def audited(*records: Incoming, hours: float | None = None) -> StageAudit:
    back = timedelta(hours=hours) if hours else None
    return await look(Audit(KafkaSettings(), Groups(), nothing, back, StillClock(NOW)), *records)


async def look(audit: Audit, *records: Incoming) -> StageAudit:
    return await audit.ingest(Kept(*records), {(RECEIVED.name, 0): 9})  # type: ignore[arg-type]


async def test_a_repeat_ended_well_where_its_first_was_published_long_before() -> None:
    first = source(0, hours=5)
    found = await audited(first, made_of(first, hours=5), source(1, hours=0.5), hours=1)
    assert (found.endings, found.gap) == ({Found.DUPLICATE: 1}, 0)


async def test_an_ending_with_an_earlier_time_than_its_record_is_found() -> None:
    ahead = source(0, hours=0.9)
    found = await audited(ahead, made_of(ahead, hours=1.5), hours=1)
    assert (found.endings, found.gap) == ({Found.PUBLISHED: 1}, 0)


async def test_a_record_past_its_time_whose_ending_is_gone_is_not_missed() -> None:
    found = await audited(source(0, hours=24 * RECEIVED.retention_days + 1))
    assert (found.sources, found.gap) == (0, 0)


async def test_a_repeat_whose_first_is_no_longer_kept_is_not_missed() -> None:
    kept = 24 * RECEIVED.retention_days
    first = source(0, hours=kept + 1)
    remembered = REMEMBERED.total_seconds() / 3600
    # As late as ingest may take it for a repeat; of the first nothing lies there any more.
    found = await audited(first, source(1, hours=kept + 1 - remembered))
    assert (found.sources, found.gap) == (0, 0)


async def test_a_record_within_its_time_without_an_ending_is_missed() -> None:
    hours = (timedelta(days=RECEIVED.retention_days) - REMEMBERED).total_seconds() / 3600
    found = await audited(source(0, hours=hours - 2))
    assert found.missing == (source(0, hours=0).source,)


async def test_how_far_an_audit_looks_back_moves_with_the_time_of_each_look() -> None:
    clock = StillClock(NOW)
    audit = Audit(KafkaSettings(), Groups(), nothing, timedelta(hours=1), clock)
    old, recent = source(0, hours=0.5), source(1, hours=-1)
    assert (await look(audit, old)).missing == (old.source,)
    clock.forward(hours=1.5)
    found = await look(audit, old, recent)
    assert (found.sources, found.missing) == (1, (recent.source,))


@pytest.mark.parametrize(("hours", "days"), [(1, 2 / 24), (None, RANKED.retention_days)])
def test_of_the_inbox_an_audit_asks_no_more_than_the_records_that_it_looks_at(hours: int | None, days: float) -> None:
    asked: list[Mapping[str, datetime]] = []

    def inbox(since: Mapping[str, datetime]) -> tuple[()]:
        asked.append(since)
        return ()

    back = timedelta(hours=hours) if hours else None
    Audit(KafkaSettings(), Groups(), inbox, back, StillClock(NOW)).recorded()
    assert asked[0][RANKED.name] == NOW - timedelta(days=days)


async def test_a_second_ending_is_found_by_a_later_look_at_a_record_that_had_ended_well() -> None:
    """Why a look does not go on where the one before it ended."""
    audit = Audit(KafkaSettings(), Groups(), nothing, clock=StillClock(NOW))
    first = source(0, hours=2)
    set_aside = replace(made_of(first, hours=0), source=Source(RECEIVED.dlq, 0, 0))
    assert (await look(audit, first, made_of(first, hours=2))).gap == 0
    assert (await look(audit, first, made_of(first, hours=2), set_aside)).doubled == (first.source,)


class Long(Audit):
    """An audit of a great deal, which lives the longer."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def run(self) -> list[StageAudit]:
        self._health.heartbeat -= self._health.stall_seconds
        await asyncio.sleep(0)
        return []


async def test_a_look_that_takes_longer_than_a_stall_is_none() -> None:
    health = Health(stall_seconds=60.0)
    assert await looked(Long(health), health) == []
    assert health.live()["event_loop"]


def test_an_audit_asks_the_groups_that_the_services_are_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert groups_in_force() == Groups()
    for name in ("ingest", "scorer", "referrer"):
        monkeypatch.setenv(f"{name.upper()}_GROUP", f"blue-{name}")
    assert groups_in_force() == Groups("blue-ingest", "blue-scorer", "blue-referrer")


@pytest.mark.parametrize("words", [("--hours", "-1"), ("--hours", "nan"), ("--hours", "inf"), ("--every", "-1")])
def test_a_time_that_nothing_could_lie_in_is_refused(words: tuple[str, str]) -> None:
    """An audit of the last minus one hours would find nothing missing."""
    assert CliRunner().invoke(app, ["audit", *words]).exit_code == 2


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_there_cannot_be_is_refused(port: str) -> None:
    assert CliRunner().invoke(app, ["audit", "--every", "1", "--port", port]).exit_code == 2


def test_what_was_removed_unread_is_named_and_where_nobody_can_tell_is_said() -> None:
    unread, untold = Removed(RECEIVED.name, 0, 50, 100), Removed(RECEIVED.name, 1, 0, 7)
    stage = StageAudit("ingest", RECEIVED.name, 0, {}, 3, 0, (), (), (unread,), (untold,))
    named, untellable = faults([stage])
    assert named == "ingest: content.received.v1/0/50 to 99 (50 offsets) was removed by Kafka before it was read"
    assert untellable.startswith("ingest: content.received.v1/1/0 to 6 was removed by Kafka")
    assert "cannot tell" in untellable


def test_a_group_without_a_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_GROUP", "")
    with pytest.raises(Fatal, match="INGEST_GROUP: "):
        groups_in_force()


def test_a_report_on_a_narrow_terminal_names_its_topics(capsys: pytest.CaptureFixture[str]) -> None:
    stage = StageAudit("referrer", NORMALISED.name, 1_234_567, dict.fromkeys(Found, 123_456), 1_234, 12, (), ())
    Console(width=80).print(report([stage]))
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert NORMALISED.name in "".join(line.split("│")[2].strip() for line in shown.splitlines() if "│" in line)
