"""The door as a process: what it says was taken is on the topic, whatever happens to it."""

import asyncio
import gzip
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from deploy.kafka.broker import LocalBroker
from schemas.topics import RECEIVED
from services.ingest.adapters.door_client import DoorClient
from services.ingest.cli import collect
from services.ingest.collecting import replay
from services.ingest.recordings import Item
from tests.broker.conftest import RunningDoor
from tests.broker.processes import lying
from tests.builders import received_value

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]


def events(of: str, number: int) -> list[Item]:
    values = [received_value(content_id=f"{of}-{n}", event_id=f"{of}-{n}") for n in range(number)]
    return [Item(f"line {n}", orjson.dumps(value)) for n, value in enumerate(values, 1)]


async def on_the_topic(broker: LocalBroker, of: str) -> list[str]:
    found = [
        orjson.loads(record.value or b"{}") for record in await lying(broker, RECEIVED.name) if record.header("ce_id")
    ]
    return [value["content_id"] for value in found if value["content_id"].startswith(f"{of}-")]


async def test_what_was_accepted_while_the_broker_restarted_is_on_the_topic(
    hub_kafka: LocalBroker, running_door: RunningDoor
) -> None:  # fmt: skip
    wanted = events("restart", 1_500)
    async with httpx.AsyncClient(base_url=running_door.url) as client:
        publish = DoorClient(client, running_door.key, {}).publish
        sending = asyncio.create_task(replay(wanted, publish, rate=300, batch=20, done=lambda _: None))
        await asyncio.sleep(1.5)
        await asyncio.to_thread(hub_kafka.restart)
        tally = await sending
    assert tally.refused == []
    assert set(await on_the_topic(hub_kafka, "restart")) == {f"restart-{n}" for n in range(1_500)}


async def test_equal_content_lies_on_one_partition(hub_kafka: LocalBroker, running_door: RunningDoor) -> None:
    first = received_value(content_id="order-1")
    gone = {"event_id": "x", "platform": "bluesky", "content_id": "order-1", "change": "deleted"}
    with running_door.client() as client:
        for value in (first, first | {"change": "edited"}, gone | {"observed_at": "2026-06-01T12:00:05Z"}):
            assert client.post("/v1/events", json=value).status_code == 202
    records = [record for record in await lying(hub_kafka, RECEIVED.name) if b'"order-1"' in (record.value or b"")]
    assert len({record.source.partition for record in records}) == 1
    changes = [orjson.loads(record.value or b"")["change"] for record in sorted(records, key=lambda one: one.source)]
    assert changes == ["created", "edited", "deleted"]


def test_the_door_waits_for_no_slow_header(running_door: RunningDoor) -> None:
    """Served while another connection dawdles over its headers."""
    host, port = running_door.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as slow, running_door.client() as client:
        slow.sendall(b"POST /v1/events HTTP/1.1\r\nhost: x\r\n")
        assert client.get("/v1/whoami").status_code == 200


def test_metrics_and_probes_are_not_on_the_doors_port(running_door: RunningDoor) -> None:
    with running_door.client() as client:
        assert [client.get(path).status_code for path in ("/metrics", "/readyz", "/livez")] == [404, 404, 404]
    assert "hub_events_total" in httpx.get(f"{running_door.service.url}/metrics").text


def test_a_recording_is_replayed_by_command(running_door: RunningDoor, tmp_path: Path) -> None:
    recording = tmp_path / "events.jsonl.gz"
    lines = [item.body for item in events("command", 7)]
    recording.write_bytes(gzip.compress(b"\n".join([*lines, b"{"])))
    arguments = ["file", str(recording), "--rate", "1000", "--url", running_door.url, "--key", running_door.key]
    done = CliRunner().invoke(collect, arguments)
    assert done.exit_code == 0
    assert done.stdout == "accepted=7 duplicate=0 ignored=0 rejected=1\n"
    assert "line 8: not_json" in done.stderr


def test_the_hub_command_says_in_one_line_what_is_wrong(running_door: RunningDoor, tmp_path: Path) -> None:
    recording = tmp_path / "events.jsonl"
    recording.write_bytes(events("refused", 1)[0].body)
    hub = str(Path(sys.executable).with_name("hub"))
    command = [hub, "collect", "file", str(recording), "--url", running_door.url, "--key", "hub_no_key"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("hub: the door refuses: HTTP 401")
