"""Reading topics outside any group: one reader sees every topic, whatever it read before."""

import pytest

from deploy.kafka.broker import LocalBroker
from schemas.topics import NORMALISED, RECEIVED, SCORED
from services.runtime.envelope import Outgoing, Source
from services.runtime.errors import Retryable
from services.runtime.kafka import Producer
from services.runtime.reading import Reader
from services.runtime.settings import KafkaSettings

pytestmark = pytest.mark.broker


async def write(settings: KafkaSettings, *topics: str, padding: int = 0) -> None:
    producer = Producer(settings, "test")
    await producer.start()
    try:
        await producer.send_all([Outgoing(topic, b"k", topic.encode() + b" " * padding, []) for topic in topics])
    finally:
        await producer.stop()


async def test_a_topic_is_found_after_another_one_was_read(own_kafka: LocalBroker) -> None:
    settings = KafkaSettings(bootstrap=own_kafka.bootstrap)
    await write(settings, RECEIVED.name, SCORED.name)
    async with Reader(settings) as reader:
        found = {
            topic: [record.value async for record in reader.records([topic])]
            for topic in (RECEIVED.name, NORMALISED.name, SCORED.name)
        }
    assert found == {RECEIVED.name: [RECEIVED.name.encode()], NORMALISED.name: [], SCORED.name: [SCORED.name.encode()]}


async def test_one_record_is_found_by_its_place(own_kafka: LocalBroker) -> None:
    settings = KafkaSettings(bootstrap=own_kafka.bootstrap)
    await write(settings, RECEIVED.name)
    async with Reader(settings) as reader:
        (record,) = [record async for record in reader.records([RECEIVED.name])]
        found = await reader.at(record.source)
        beyond = await reader.at(Source(RECEIVED.name, record.source.partition, 99))
    assert (found and found.value, beyond) == (RECEIVED.name.encode(), None)


async def test_a_broker_that_falls_silent_ends_the_reading(own_kafka: LocalBroker) -> None:
    settings = KafkaSettings(bootstrap=own_kafka.bootstrap)
    # More than a client fetches at once or ahead.
    await write(settings, *[RECEIVED.name] * 60, padding=100_000)
    async with Reader(settings, silence_seconds=1.0) as reader:
        records = reader.records([RECEIVED.name])
        await anext(records)
        own_kafka.pause()
        try:
            with pytest.raises(Retryable, match="sent nothing"):
                _ = [record async for record in records]
        finally:
            own_kafka.resume()


async def test_a_broker_that_goes_away_between_two_questions_is_said_so(own_kafka: LocalBroker) -> None:
    async with Reader(KafkaSettings(bootstrap=own_kafka.bootstrap)) as reader:
        assert await reader.bounds(RECEIVED.name)
        own_kafka.kill()
        with pytest.raises(Retryable, match="no answer from"):
            await reader.bounds(RECEIVED.name)
