"""The generated contract is what the models say, and no released fact breaks without a new major version."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
import yaml
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from openapi_spec_validator import validate
from pydantic import ValidationError
from pydantic_asyncapi import AsyncAPI

from schemas.base import Fact
from schemas.compatibility import breaking
from schemas.content import ContentReceived
from schemas.desk import DecisionAsked
from schemas.generate import HERE, documents, schema_of
from schemas.topics import CONSUMED, DEAD_LETTERS, FACTS, SHAPES, TOPICS, Topic
from services.runtime.codec import encode
from services.runtime.envelope import envelope
from tests.builders import normalised, ranked, received, received_value, scored

RELEASED = sorted((HERE / "released").glob("*.schema.json"))
EXAMPLES: list[Fact] = [received(), normalised(), scored(normalised()), ranked()]


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_generated_file_is_what_the_models_say(name: str) -> None:
    assert (HERE / name).read_bytes() == documents()[name], "run `make contract`"


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name)
def test_a_released_fact_is_not_broken(path: Path) -> None:
    fact = next(topic.fact for topic in FACTS if topic.fact and path.name == f"{topic.fact.__name__}.schema.json")
    assert breaking(orjson.loads(path.read_bytes()), schema_of(fact)) == []


def test_every_fact_has_a_released_schema() -> None:
    assert {path.name for path in RELEASED} == {f"{t.fact.__name__}.schema.json" for t in FACTS if t.fact}


def changed(change: str) -> dict[str, Any]:
    schema = copy.deepcopy(schema_of(type(received())))
    members = schema["properties"]
    match change:
        case "removed":
            del members["place"]
        case "required":
            schema["required"].append("place")
        case "optional":
            schema["required"].remove("collector")
        case "type":
            members["test"] = {"type": "string"}
        case "enum":
            schema["$defs"]["Kind"]["enum"].remove("story")
        case "ceiling":
            members["event_id"]["maxLength"] = 10
        case "choice":
            members["place"]["anyOf"] = members["place"]["anyOf"][1:]
        case "closed":
            members["event_id"]["enum"] = ["a"]
        case "format":
            members["observed_at"]["format"] = "date"
        case "const":
            schema["anyOf"][0]["properties"]["change"]["const"] = "edited"
    return schema


@pytest.mark.parametrize(
    "change", ["removed", "required", "optional", "type", "enum", "ceiling", "choice", "closed", "format", "const"]
)
def test_a_breaking_change_is_named(change: str) -> None:
    assert len(breaking(schema_of(type(received())), changed(change))) >= 1


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (("$defs", "NormalisedText", "properties", "offsets", "items", "prefixItems", 1), {"type": "string"}),
        (("properties", "scored", "properties", "types", "propertyNames"), {"type": "integer"}),
    ],
)
def test_a_breaking_change_inside_a_member_is_named(place: tuple[str | int, ...], change: dict[str, Any]) -> None:
    fact = type(ranked())
    today: Any = copy.deepcopy(schema_of(fact))
    today["properties"]["scored"] = today["$defs"]["ContentScored"]
    at = today
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = change
    assert len(breaking(schema_of(fact), today)) == 1


def test_a_new_optional_member_is_a_minor_change() -> None:
    today = copy.deepcopy(schema_of(type(received())))
    today["properties"]["mood"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert breaking(schema_of(type(received())), today) == []


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_what_is_written_passes_its_own_schema(fact: Fact) -> None:
    jsonschema_rs.validator_for(schema_of(type(fact))).validate(orjson.loads(encode(fact)))


@pytest.mark.parametrize("missing", ["url", "kind", "author", "texts", "published_at"])
def test_the_schema_says_what_only_a_deletion_may_leave_out(missing: str) -> None:
    schema = jsonschema_rs.validator_for(schema_of(ContentReceived))
    value = {name: member for name, member in received_value().items() if name != missing}
    assert not schema.is_valid(value)
    assert schema.is_valid(value | {"change": "deleted"})


@pytest.mark.parametrize("word", [1, 1.0, "true", "yes"])
def test_nothing_but_a_plain_true_is_a_word_of_good_faith(word: object) -> None:
    asked = {"decision": "approve", "reason_code": "threat_of_violence", "content_version": "a" * 32}
    assert DecisionAsked.model_validate(asked | {"good_faith": True}).good_faith
    with pytest.raises(ValidationError):
        DecisionAsked.model_validate(asked | {"good_faith": word})


@pytest.mark.parametrize("name", ["openapi.json", "openapi-desk.json"])
def test_openapi_is_valid(name: str) -> None:
    validate(orjson.loads((HERE / name).read_bytes()))


def test_asyncapi_is_valid_and_every_reference_in_it_leads_somewhere() -> None:
    document = yaml.safe_load((HERE / "asyncapi.yaml").read_bytes())
    AsyncAPI.model_validate(document)
    for reference in references(document):
        place, _, pointer = reference.partition("#")
        found = document if not place else orjson.loads((HERE / place).read_bytes())
        for step in filter(None, pointer.split("/")):
            found = found[step]


def references(node: Any) -> Iterator[str]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, member in members:
        if name == "$ref":
            yield member
        else:
            yield from references(member)


def test_headers_are_those_of_the_cloudevents_library() -> None:
    headers = dict(envelope(FACTS[0], id="x", stage="ingest", time=datetime(2026, 6, 1, tzinfo=UTC)))
    message = KafkaMessage(headers=headers, key=b"k", value=encode(received()))
    event = from_binary_event(message)
    assert (event.get_id(), event.get_type(), event.get_specversion()) == ("x", FACTS[0].name, "1.0")


@pytest.mark.parametrize("topic", CONSUMED, ids=lambda topic: topic.name)
def test_every_consumed_topic_has_its_dead_letters(topic: Topic) -> None:
    assert TOPICS[topic.dlq] in DEAD_LETTERS


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: str(shape.partitions))
def test_a_write_survives_the_loss_of_a_broker_wherever_there_are_several(shape: Any) -> None:
    assert shape.replication_factor == 1 or shape.min_insync_replicas < shape.replication_factor
