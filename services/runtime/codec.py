"""Bytes to facts and back: orjson in and out, with every fault of foreign JSON turned into a Rejected with its reason."""

from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from schemas.base import Fact, Part
from schemas.reasons import Reason
from services.runtime.errors import Rejected

MAX_NUMBER = 2**53
MAX_DEPTH = 20

F = TypeVar("F", bound=Fact)
P = TypeVar("P", bound=Part)


def parse(raw: bytes | None, max_depth: int = MAX_DEPTH) -> Any:
    """Parse one JSON document.

    Raises Rejected for an empty value, bad UTF-8, bad JSON, nesting beyond `max_depth`, numbers beyond 2^53. Of a member that
    is named twice the last one counts, as in every common JSON reader.
    """
    value = load(raw)
    check_tree(value, max_depth)
    return value


def load(raw: bytes | None) -> Any:
    """One JSON document as a value, whatever its depth and numbers. Raises Rejected: empty, not UTF-8, not JSON."""
    if not raw:
        raise Rejected(Reason.EMPTY_VALUE)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as why:
        raise Rejected(_parse_fault(str(why)), str(why)) from why


def _parse_fault(message: str) -> Reason:
    if "UTF-8" in message:
        return Reason.NOT_UTF8
    if "infinity" in message:
        return Reason.NUMBER_OUT_OF_RANGE
    if "depth" in message:
        return Reason.TOO_DEEP
    return Reason.NOT_JSON


def check_tree(value: Any, max_depth: int) -> None:
    """Refuse nesting deeper than `max_depth` and numbers beyond 2^53. Raises Rejected."""
    level: list[Any] = [[value]]
    depth = -1
    while level:
        below: list[Any] = []
        for node in level:
            for member in node.values() if type(node) is dict else node:
                kind = type(member)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    below.append(member)
                elif (kind is int or kind is float) and not -MAX_NUMBER <= member <= MAX_NUMBER:
                    raise Rejected(Reason.NUMBER_OUT_OF_RANGE)
        depth += 1
        if depth > max_depth and any(level):
            raise Rejected(Reason.TOO_DEEP)
        level = below


def read(fact: type[F], value: Any) -> F:
    """Validate a parsed value as `fact`. Raises Rejected with the JSON pointer of the first fault."""
    if not isinstance(value, dict):
        raise Rejected(Reason.SCHEMA_VIOLATION, "a JSON object is expected")
    version = value.get("schema_version", "1")
    if not isinstance(version, str) or version.split(".")[0] != str(fact.MAJOR):
        raise Rejected(Reason.UNKNOWN_VERSION, pointer="/schema_version")
    try:
        return fact.read(value)
    except ValidationError as why:
        raise Rejected(Reason.SCHEMA_VIOLATION, *first_fault(why)) from why


def first_fault(why: ValidationError) -> tuple[str, str]:
    """Message and JSON pointer (RFC 6901) of the first fault; never the value, which may hold content."""
    fault = why.errors(include_url=False, include_context=False, include_input=False)[0]
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in fault["loc"])
    return fault["msg"], "".join(f"/{step}" for step in steps)


def decode(fact: type[F], raw: bytes | None) -> F:
    """Bytes to a validated fact. Raises Rejected."""
    return read(fact, parse(raw))


def unchecked(model: type[P], **values: Any) -> P:
    """A part from ALL of its values, unchecked: for values that were validated before or made here, hundreds at a time.

    Validating again costs more than all other work on an observation; the tests validate what comes out.
    """
    made = model.__new__(model)
    object.__setattr__(made, "__dict__", values)
    object.__setattr__(made, "__pydantic_fields_set__", set(values))
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


def encode(fact: Fact) -> bytes:
    """A fact to its bytes: members in the order of the model, absent ones left out, so equal facts give equal bytes."""
    return fact.model_dump_json(exclude_none=True).encode()
