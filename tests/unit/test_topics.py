"""The table of topics is whole and consistent."""

import pytest

from schemas.reasons import ADVICE, Reason
from schemas.topics import (
    CONSUMED,
    DEAD_LETTERS,
    FACTS,
    MAX_DEAD_LETTER_BYTES,
    MAX_MESSAGE_BYTES,
    SHAPES,
    TOPICS,
    Topic,
)
from schemas.vocabulary import Environment


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
