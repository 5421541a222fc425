"""The head of a collector's request comes in; what its body holds, from where and how it is packed, goes out, or a refusal. Pure."""

import re

from starlette.requests import Request

from schemas.base import HOST_NAME
from schemas.reasons import Reason
from services.ingest import body as bodies
from services.ingest.formats.table import FORMATS
from services.runtime.problems import refusal

HUB_FORMAT = "hub"
JSON_TYPES = frozenset({"application/json", "application/cloudevents+json", "application/cloudevents-batch+json"})
LINE_TYPES = frozenset({"application/x-ndjson", "application/jsonl", "application/ndjson"})
INSTANCE = re.compile(HOST_NAME)


def format_of(request: Request) -> str:
    """The shape that its events have. Raises Refusal for one that is not known."""
    name = request.query_params.get("format", HUB_FORMAT)
    if name != HUB_FORMAT and name not in FORMATS:
        known = (HUB_FORMAT, *FORMATS)
        raise refusal(400, Reason.UNKNOWN_FORMAT.value, "No such format.", allowed=known)
    return name


def instance_of(request: Request) -> str | None:
    """The server that its events come from, where one is named. Raises Refusal for what is no host."""
    name = request.query_params.get("instance")
    if name is not None and not INSTANCE.fullmatch(name):
        raise refusal(400, Reason.SCHEMA_VIOLATION.value, "instance is a host in lower case, with its port if any.")
    return name


def media_type_of(request: Request) -> str:
    """JSON or lines of it. Raises Refusal for anything else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in JSON_TYPES | LINE_TYPES:
        allowed = (*sorted(JSON_TYPES), *sorted(LINE_TYPES))
        raise refusal(
            415,
            "unsupported_media_type",
            "Send JSON or JSON lines.",
            allowed=allowed,
            headers={"accept-post": ", ".join(allowed)},
        )
    return kind


def encoding_of(request: Request) -> str:
    """How the body is packed. Raises Refusal for what cannot be unpacked."""
    name = request.headers.get("content-encoding", "identity").strip().lower() or "identity"
    if name not in (*bodies.ENCODINGS, "x-gzip"):
        allowed = ", ".join(bodies.ENCODINGS)
        raise refusal(
            415,
            "unsupported_content_encoding",
            "Send gzip, zstd or nothing.",
            allowed=bodies.ENCODINGS,
            headers={"accept-encoding": allowed},
        )
    return name
