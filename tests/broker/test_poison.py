"""Poison goes through the door and onto the topic: every record ends, and nothing stops."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from deploy.kafka.broker import LocalBroker
from schemas.problem import Problem
from schemas.reasons import Reason
from schemas.topics import MAX_MESSAGE_BYTES, NORMALISED, RECEIVED
from services.runtime.dead_letters import CUT_FROM, reason_of
from services.runtime.envelope import Outgoing, Source
from services.runtime.reading import Reader
from services.runtime.settings import KafkaSettings
from tests.broker.conftest import RunningDoor
from tests.broker.processes import audited, ingest, lying, produce, until_done
from tests.builders import received_value
from tests.poison import DOCUMENTS, EVENTS, ODD_EVENTS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]
GROUP = "hub-ingest"
KEYS = (b"", b"\xff\x00", b"key", None)


async def test_on_the_topic_every_poison_is_dead_lettered_with_its_reason_and_the_rest_goes_on(
    hub_kafka: LocalBroker, folder: Path
) -> None:
    poison = [(raw, reason) for raw, reason in (*DOCUMENTS, *EVENTS)]
    good = [orjson.dumps(received_value(content_id=f"beside-poison-{n}")) for n in range(len(poison))]
    records = [
        # A record of neither key nor value cannot be written by this client.
        Outgoing(RECEIVED.name, b"" if value is None else KEYS[n % len(KEYS)], value, [("n", b"\xff")])
        for n, pair in enumerate(zip([raw for raw, _ in poison], good, strict=True))
        for value in pair
    ]
    records += [Outgoing(RECEIVED.name, b"odd", raw, []) for raw in ODD_EVENTS]
    await produce(hub_kafka, records)
    with ingest(hub_kafka, folder):
        await until_done(hub_kafka, GROUP, RECEIVED.name)
    audit = await audited(hub_kafka, "ingest")
    assert (audit.missing, audit.doubled) == ((), ())
    letters = {(record.value or None, reason_of(record)) for record in await lying(hub_kafka, RECEIVED.dlq)}
    assert {(raw or None, reason) for raw, reason in poison} <= letters
    published = {record.value for record in await lying(hub_kafka, NORMALISED.name)}
    assert sum(b"beside-poison-" in (value or b"") for value in published) == len(good)
    assert sum(b'"content_id":"odd-' in (value or b"") for value in published) == len(ODD_EVENTS) - 1


def test_at_the_door_every_poison_is_refused_with_its_reason(running_door: RunningDoor) -> None:
    with running_door.client() as client:
        for raw, reason in (*DOCUMENTS, *EVENTS):
            response = client.post("/v1/events", content=raw or b"", headers={"content-type": "application/json"})
            if response.status_code == 207:
                # An array around one item that is too deep.
                (item,) = response.json()["items"]
                assert item["reason"] == reason.value
            else:
                assert 400 <= response.status_code < 500
                assert Problem.model_validate_json(response.content).code == reason.value


def test_in_a_line_at_the_door_poison_spoils_no_other_line(running_door: RunningDoor) -> None:
    # An empty line counts for nothing, and a null byte alone is no line end.
    lines = [(raw, reason) for raw, reason in (*DOCUMENTS, *EVENTS) if raw]
    good = [orjson.dumps(received_value(content_id=f"line-{n}")) for n in range(len(lines))]
    body = b"\n".join(line for pair in zip([raw for raw, _ in lines], good, strict=True) for line in pair)
    with running_door.client() as client:
        response = client.post("/v1/events", content=body, headers={"content-type": "application/x-ndjson"})
    assert response.status_code == 207
    items = response.json()["items"]
    assert [item["verdict"] for item in items] == ["rejected", "accepted"] * len(lines)
    assert [item.get("reason") for item in items[::2]] == [reason.value for _, reason in lines]


async def test_a_record_of_the_largest_size_the_broker_takes_gets_its_ending(
    hub_kafka: LocalBroker, folder: Path
) -> None:  # fmt: skip
    producer = AIOKafkaProducer(bootstrap_servers=hub_kafka.bootstrap, max_request_size=4 * MAX_MESSAGE_BYTES)
    await producer.start()

    async def is_taken(size: int) -> bool:
        try:
            await producer.send_and_wait(RECEIVED.name, b"x" * size, key=b"large")
        except MessageSizeTooLargeError:
            return False
        return True

    try:
        taken, refused = MAX_MESSAGE_BYTES - 512, MAX_MESSAGE_BYTES
        while refused - taken > 1:
            middle = (taken + refused) // 2
            taken, refused = (middle, refused) if await is_taken(middle) else (taken, middle)
        assert [await is_taken(taken + more) for more in (-1, 0, 1)] == [True, True, False]
    finally:
        await producer.stop()
    with ingest(hub_kafka, folder):
        await until_done(hub_kafka, GROUP, RECEIVED.name)
    sizes = {len(letter.value or b"") for letter in await lying(hub_kafka, RECEIVED.dlq)}
    assert {taken - 1, taken} <= sizes


async def test_an_event_whose_normal_form_outgrows_the_broker_is_dead_lettered(
    hub_kafka: LocalBroker, folder: Path
) -> None:  # fmt: skip
    # Each control character takes six bytes: without any text it is too large.
    value = orjson.dumps(
        received_value(
            content_id="outgrown",
            media=[{"url": "https://a.example/" + "\x01" * 1_900}] * 64,
            tags=["\x01" * 200] * 100,
            relation={"mentions": [{"author_id": str(number)} for number in range(1_000)]},
        )
    )
    await produce(hub_kafka, [Outgoing(RECEIVED.name, b"outgrown", value, [])])
    with ingest(hub_kafka, folder):
        await until_done(hub_kafka, GROUP, RECEIVED.name)
    (letter,) = [letter for letter in await lying(hub_kafka, RECEIVED.dlq) if letter.key == b"outgrown"]
    assert reason_of(letter) is Reason.OUTPUT_TOO_LARGE
    assert Source.parse(letter.header("hub_source") or "") is not None


async def test_a_record_that_only_its_compression_made_fit_gets_its_ending(
    hub_kafka: LocalBroker, folder: Path
) -> None:  # fmt: skip
    size = 3 * MAX_MESSAGE_BYTES
    producer = AIOKafkaProducer(
        bootstrap_servers=hub_kafka.bootstrap,
        max_request_size=2 * size,
        max_batch_size=2 * size,
        compression_type="gzip",
    )
    await producer.start()
    try:
        await producer.send_and_wait(RECEIVED.name, b"x" * size, key=b"squeezed", headers=[("mine", b"h")])
    finally:
        await producer.stop()
    with ingest(hub_kafka, folder):
        await until_done(hub_kafka, GROUP, RECEIVED.name)
    (letter,) = [letter for letter in await lying(hub_kafka, RECEIVED.dlq) if letter.key == b"squeezed"]
    assert (reason_of(letter), letter.header(CUT_FROM)) == (Reason.TOO_LARGE, str(size + len("squeezedmineh")))
    assert letter.value == b"x" * len(letter.value or b"")


# This client writes names of headers as UTF-8 only; others write bytes.
_ODD_NAME = """
import asyncio, sys
from aiokafka import AIOKafkaProducer

class Odd(str):
    def encode(self, *_):
        return b"\\xff\\xfe"

async def main(bootstrap, topic):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    await producer.send_and_wait(topic, b"{}", key=b"odd name", headers=[(Odd("name"), b"1")])
    await producer.stop()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_record_whose_headers_name_is_no_text_gets_its_ending_and_holds_up_no_other(
    hub_kafka: LocalBroker, folder: Path
) -> None:  # fmt: skip
    around = [orjson.dumps(received_value(content_id=f"around-{n}")) for n in range(8)]
    await produce(hub_kafka, [Outgoing(RECEIVED.name, b"%d" % n, raw, []) for n, raw in enumerate(around)])
    write = [sys.executable, "-c", _ODD_NAME, hub_kafka.bootstrap, RECEIVED.name]
    env = {**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"}
    await asyncio.to_thread(subprocess.run, write, env=env, check=True)
    await produce(hub_kafka, [Outgoing(RECEIVED.name, b"odd name", around[0], [])])
    with ingest(hub_kafka, folder):
        await until_done(hub_kafka, GROUP, RECEIVED.name)
    letters = [letter for letter in await lying(hub_kafka, RECEIVED.dlq) if letter.header("hub_unreadable")]
    assert [(reason_of(letter), letter.value) for letter in letters] == [(Reason.EMPTY_VALUE, None)]
    async with Reader(KafkaSettings(bootstrap=hub_kafka.bootstrap)) as reader:
        source = Source.parse(letters[0].header("hub_source") or "")
        record = await reader.at(source) if source else None
    assert record is not None
    assert record.header("hub_unreadable") is not None
    audit = await audited(hub_kafka, "ingest")
    assert (audit.missing, audit.doubled) == ((), ())
    published = {record.value for record in await lying(hub_kafka, NORMALISED.name)}
    assert sum(b"around-" in (value or b"") for value in published) == len(around)
