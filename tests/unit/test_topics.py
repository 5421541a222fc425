"""The table of topics is whole and consistent."""

import re

import pytest

from schemas.reasons import ADVICE, Reason
from schemas.topics import (
    CONSUMED,
    DEAD_LETTERS,
    FACTS,
    MAX_DEAD_LETTER_BYTES,
    MAX_MESSAGE_BYTES,
    RANKED,
    RECEIVED,
    REVIEW_DECIDED,
    SHAPES,
    TAKEDOWN_REQUESTED,
    TOPICS,
    Shape,
    Topic,
)
from schemas.vocabulary import Environment
from services.referrer.cli_protection import aging_out
from services.runtime.topics_cli import faults_of


@pytest.mark.parametrize("topic", FACTS, ids=lambda topic: topic.name)
def test_a_topic_is_named_for_its_fact(topic: Topic) -> None:
    assert topic.fact is not None
    assert topic.name == topic.fact.TOPIC  # type: ignore[attr-defined]


def test_every_consumed_topic_has_a_dead_letter_topic() -> None:
    assert {topic.dlq for topic in CONSUMED} == {topic.name for topic in DEAD_LETTERS}


def test_no_name_stands_twice() -> None:
    assert len(TOPICS) == len(FACTS) + len(DEAD_LETTERS)


def test_the_largest_record_fits_into_its_dead_letter_topic_with_its_reason() -> None:
    assert MAX_DEAD_LETTER_BYTES >= MAX_MESSAGE_BYTES + 65_536


@pytest.mark.parametrize("environment", Environment)
def test_a_broker_that_is_lost_leaves_enough_replicas(environment: Environment) -> None:
    shape = SHAPES[environment]
    assert shape.min_insync_replicas <= shape.replication_factor
    assert environment is not Environment.PRODUCTION or shape.min_insync_replicas == shape.replication_factor - 1


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)
def test_a_compacted_topic_has_no_retention_and_every_other_has(topic: Topic) -> None:
    config = topic.config(SHAPES[Environment.LOCAL])
    assert ("retention.ms" in config) is not topic.compacted


def test_every_reason_comes_with_advice() -> None:
    assert ADVICE.keys() == set(Reason)


def test_an_erasure_names_how_long_topics_keep_content_reviews_and_requests() -> None:
    told = [int(days) for days in re.findall(r"within (\d+)", aging_out())]
    assert told == [RANKED.retention_days, REVIEW_DECIDED.retention_days, TAKEDOWN_REQUESTED.retention_days]
    assert max(topic.retention_days for topic in TOPICS.values()) == told[-1]


@pytest.mark.parametrize(
    ("replicas", "told"),
    [
        ((3, 3), []),
        ((1, 1), ["replication factor 1, not 3"]),
        ((3, 1), ["replication factor 1, not 3"]),
        ((2, 1), ["replication factor 1 and 2, not 3"]),
    ],
)
def test_a_partition_with_other_replicas_than_the_table_says_is_found(
    replicas: tuple[int, ...], told: list[str]
) -> None:
    shape = Shape(partitions=2, replication_factor=3, min_insync_replicas=2)
    described = {"partitions": [{"replicas": list(range(number))} for number in replicas]}
    assert faults_of(RECEIVED.name, shape, described, RECEIVED.config(shape)) == told
