"""What Kafka removes before a stage has read it is a gap of the audit."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.kafka.broker import LocalBroker
from schemas.topics import NORMALISED, RECEIVED
from services.commands.auditing import Groups
from services.runtime.conservation import Removed
from services.runtime.envelope import Outgoing
from services.runtime.kafka import Producer, connection
from tests.broker.processes import audited, kafka_of

pytestmark = pytest.mark.broker


async def test_records_that_were_removed_unread_are_missing_and_others_cannot_be_told(own_kafka: LocalBroker) -> None:
    settings, read, other = kafka_of(own_kafka), TopicPartition(RECEIVED.name, 0), TopicPartition(NORMALISED.name, 0)
    producer = Producer(settings, "test")
    await producer.start()
    try:
        for at in (read, other):
            await producer.send_all([Outgoing(at.topic, str(n).encode(), b"{}", []) for n in range(200)])
    finally:
        await producer.stop()
    consumer = AIOKafkaConsumer(**connection(settings), group_id=Groups().ingest, enable_auto_commit=False)
    admin = AIOKafkaAdminClient(**connection(settings))
    await consumer.start()
    await admin.start()
    try:
        consumer.assign([read])
        await consumer.commit({read: 2})
        before = await audited(own_kafka, "ingest")
        await admin.delete_records({at: RecordsToDelete(before_offset=5) for at in (read, other)})
    finally:
        await admin.close()
        await consumer.stop()
    ingest, scorer = await audited(own_kafka, "ingest"), await audited(own_kafka, "scorer")
    assert (before.unread, before.gap) == ((), 2)
    assert (ingest.unread, ingest.gap) == ((Removed(RECEIVED.name, 0, 2, 5),), 3)
    assert (scorer.untold, scorer.gap) == ((Removed(NORMALISED.name, 0, 0, 5),), 0)
