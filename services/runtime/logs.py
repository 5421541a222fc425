"""Structured logs: events with plain values go to stdout as JSON lines (or coloured text); content text never does."""

import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

import orjson
import structlog

FORBIDDEN = frozenset(
    {"text", "texts", "value", "payload", "original", "normalised", "handle", "author", "author_id", "excerpt"}
)


def _without_content(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last guard: a field that may hold what somebody said is replaced by its length."""
    for name in FORBIDDEN & event.keys():
        event[name] = f"<{len(str(event[name]))} characters withheld>"
    return event


# What every start of a broker or move of a leader brings; the clients ask again by themselves.
PASSING = (
    "GroupCoordinatorNotAvailable",
    "NotLeaderForPartition",
    "CoordinatorLoadInProgress",
    "UnknownTopicOrPartition",
)


def _passing(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    return not any(word in message for word in PASSING)


def configure(level: str, style: str, stage: str) -> structlog.stdlib.BoundLogger:
    """Set up logging of this process once, libraries included; gives the service's logger."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_content,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
        if style == "console"
        else structlog.processors.JSONRenderer(serializer=lambda value, **_: orjson.dumps(value, default=str).decode())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_passing)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    return logger(stage)


def logger(stage: str) -> structlog.stdlib.BoundLogger:
    """A logger that names its stage."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(stage=stage)
    return bound


def settings_in_force(log: structlog.stdlib.BoundLogger, *parts: Mapping[str, Any]) -> None:
    """Log effective settings once, as given (masked)."""
    merged: dict[str, Any] = {}
    for part in parts:
        merged.update(part)
    log.info("settings_in_force", **{f"setting_{name}": value for name, value in merged.items()})
