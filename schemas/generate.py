"""`make contract`: the models and tables come in; JSON Schemas, AsyncAPI 3 and OpenAPI 3.1 go out as files beside them."""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from schemas.base import Fact
from schemas.http import DESK, DOOR, Operation
from schemas.problem import Problem
from schemas.topics import DEAD_LETTERS, FACTS, SHAPES, Topic

HERE = Path(__file__).parent
VERSION = "1.0.0"
_REFERENCE = re.compile(r'"#/components/schemas/(\w+)"')
HEADERS = {
    "ce_id": "Deterministic id of this record: a repeat carries the same one.",
    "ce_source": "Stage that wrote it.",
    "ce_specversion": "CloudEvents version.",
    "ce_type": "Name of the topic.",
    "ce_time": "When the hub first had the event, RFC 3339; it is kept through every stage.",
    "content-type": "application/json",
    "traceparent": "W3C trace context.",
    "hub_source": "topic/partition/offset of the record this one was made from.",
}


def schema_of(fact: type[Fact]) -> dict[str, Any]:
    """The closed writer's schema of one fact, self-contained."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **fact.model_json_schema(mode="validation")}


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: every topic with its message, key, layout and headers."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Referral Hub topics",
            "version": VERSION,
            "description": "Readers ignore unknown optional members; an unknown major version is not for them.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in (*FACTS, *DEAD_LETTERS)},
        "operations": {f"receive-{topic.name}": _receive(topic) for topic in FACTS},
        "components": {
            "messages": {topic.name: _message(topic) for topic in FACTS},
            "messageTraits": {"envelope": {"headers": _headers()}},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    layouts = "; ".join(f"{env.value}: {s.partitions} x {s.replication_factor}" for env, s in SHAPES.items())
    kept = "compacted" if topic.compacted else f"{topic.retention_days} days"
    name = topic.name if topic.fact else "dead-letter"
    message = (
        {"$ref": f"#/components/messages/{name}"} if topic.fact else {"payload": {"type": "string", "format": "binary"}}
    )
    return {
        "address": topic.name,
        "description": f"{topic.summary} Key: {topic.key}. Written by: {topic.writer}. Kept: {kept}. "
        f"Partitions x replicas: {layouts}.",
        "messages": {name: message},
    }


def _receive(topic: Topic) -> dict[str, Any]:
    return {"action": "receive", "channel": {"$ref": f"#/channels/{topic.name}"}, "summary": topic.summary}


def _message(topic: Topic) -> dict[str, Any]:
    assert topic.fact is not None  # noqa: S101  only facts have messages
    payload = {"$ref": f"./json/{topic.fact.__name__}.schema.json"}
    return {
        "name": topic.fact.__name__,
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/envelope"}],
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": payload},
    }


def _headers() -> dict[str, Any]:
    required = [name for name in HEADERS if name != "hub_source"]
    properties = {name: {"type": "string", "description": text} for name, text in HEADERS.items()}
    return {"type": "object", "required": required, "properties": properties}


def openapi(title: str, operations: Iterable[Operation]) -> dict[str, Any]:
    """OpenAPI 3.1 of one service."""
    operations = tuple(operations)
    models = {model for o in operations for model in o.answers.values()} | {Problem} | _requested(operations)
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema(
        [(model, "validation") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    _open(schemas["$defs"], [model.__name__ for model in _requested(operations) if issubclass(model, Fact)])
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _requested(operations: Iterable[Operation]) -> set[type[BaseModel]]:
    return {model for operation in operations for model in operation.bodies}


def _open(schemas: dict[str, Any], names: Iterable[str]) -> None:
    """Facts are read from others, of a newer minor version, too: members that these models do not know are no fault."""
    for name in names:
        if schemas[name].pop("additionalProperties", None) is not None:
            _open(schemas, _REFERENCE.findall(orjson.dumps(schemas[name]).decode()))


def _operation(operation: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {
        str(status): {"description": "As asked.", "content": {"application/json": {"schema": _ref(model)}}}
        for status, model in operation.answers.items()
    }
    answers |= {
        str(status): {"description": "Refused.", "content": {"application/problem+json": {"schema": _ref(Problem)}}}
        for status in operation.errors
    }
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.api.value],
        "summary": operation.summary,
        "responses": dict(sorted(answers.items())),
    }
    if operation.parameters:
        described["parameters"] = list(operation.parameters)
    if operation.request:
        content = {media: {"schema": schema} for media, schema in operation.request.items()}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _ref(model: type[BaseModel]) -> Mapping[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def documents() -> dict[str, bytes]:
    """Every generated file by its path below `schemas/`, as bytes."""
    pretty = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    files = {
        f"json/{topic.fact.__name__}.schema.json": orjson.dumps(schema_of(topic.fact), option=pretty)
        for topic in FACTS
        if topic.fact is not None
    }
    files["openapi.json"] = orjson.dumps(openapi("Referral Hub: door", DOOR), option=pretty)
    files["openapi-desk.json"] = orjson.dumps(openapi("Referral Hub: desk", DESK), option=pretty)
    files["asyncapi.yaml"] = yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=110).encode()
    return files


def main() -> int:
    """Write the files; returns 0."""
    for name, content in documents().items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        sys.stdout.write(f"schemas/{name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
