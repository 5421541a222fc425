"""The one table of HTTP operations: OpenAPI is generated from it, and the services' routes are tested against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from schemas.base import HOST_NAME
from schemas.content import ContentReceived
from schemas.door import DoorAnswer, WhoAmI


class Api(StrEnum):
    """Which service answers."""

    DOOR = "door"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what comes in, what goes out, and with which statuses it can go wrong (as problem details)."""

    api: Api
    method: str
    path: str
    name: str
    summary: str
    answers: Mapping[int, type[BaseModel]]
    errors: tuple[int, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    parameters: tuple[Mapping[str, Any], ...] = ()
    bodies: tuple[type[BaseModel], ...] = ()


def parameter(where: str, name: str, schema: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    """An OpenAPI parameter; those of the path are required, all others are not."""
    return {"in": where, "name": name, "schema": dict(schema), "description": text, "required": where == "path"}


FORMATS = ("hub", "bluesky-jetstream", "mastodon", "activitypub", "youtube", "reddit", "cloudevents")
EVENT = {"$ref": f"#/components/schemas/{ContentReceived.__name__}"}
DOOR: tuple[Operation, ...] = (
    Operation(
        Api.DOOR,
        "post",
        "/v1/events",
        "publishEvents",
        "Publish one content event, an array of them, or one per line. A 2xx answer means that every in-sync replica has "
        "every accepted item; 207 means that some items were rejected, each with its reason.",
        {202: DoorAnswer, 207: DoorAnswer},
        (400, 401, 403, 413, 415, 422, 429, 503),
        {
            "application/json": {"oneOf": [EVENT, {"type": "array", "items": EVENT, "minItems": 1, "maxItems": 500}]},
            "application/x-ndjson": {"type": "string"},
        },
        (
            parameter(
                "query", "format", {"type": "string", "enum": list(FORMATS), "default": "hub"}, "Shape of the items."
            ),
            parameter(
                "query",
                "instance",
                {"type": "string", "pattern": HOST_NAME},
                "Server that the items were read from, for shapes that do not name it, as Mastodon's deletions.",
            ),
        ),
        (ContentReceived,),
    ),
    Operation(
        Api.DOOR,
        "get",
        "/v1/whoami",
        "whoAmI",
        "Which collector the key belongs to, and what it may do.",
        {200: WhoAmI},
        (401,),
    ),
)
OPERATIONS: tuple[Operation, ...] = DOOR
