"""HTTP requests of collectors come in, their events go to the broker, and an answer goes out only when the broker has them."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.door import DoorAnswer, ItemVerdict, Verdict, WhoAmI
from schemas.reasons import Reason
from services.ingest import body as bodies
from services.ingest.credentials import Grant, Keyring
from services.ingest.door_requests import (
    HUB_FORMAT,
    JSON_TYPES,
    encoding_of,
    format_of,
    instance_of,
    media_type_of,
)
from services.ingest.formats import cloudevents
from services.ingest.formats.common import MAXIMUM_DEPTH
from services.ingest.formats.table import CLOUDEVENTS
from services.ingest.intake import DOOR, Intake, Judged
from services.ingest.memory import RecentIds
from services.ingest.ports import Sender
from services.ingest.rates import Rates
from services.ingest.settings import IngestSettings
from services.runtime import metrics
from services.runtime.clock import Clock
from services.runtime.codec import MAX_DEPTH, unchecked
from services.runtime.errors import Rejected, Retryable
from services.runtime.problems import Refusal, answer, of_reason, refusal

P = ParamSpec("P")
T = TypeVar("T")

# Reading or judging a body larger than this takes long enough to be felt by other requests: it goes to a thread.
THREAD_FROM_BYTES = 524_288
UNKNOWN_OUTCOME = "The outcome is unknown: send the same ids again."
OPENAPI = Path(__file__).parents[2] / "schemas" / "openapi.json"


@dataclass
class Door:
    """The door of one process. Everything outside comes by argument; `routes` is what a server serves."""

    settings: IngestSettings
    keyring: Callable[[], Keyring]
    sender: Sender
    clock: Clock
    log: structlog.stdlib.BoundLogger
    rates: Rates = field(default_factory=Rates)
    accepting: bool = True
    _requests: int = 0
    _bytes: int = 0

    def __post_init__(self) -> None:
        self._recent = RecentIds(self.settings.memory)
        self._large = asyncio.Lock()

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/v1/events", self.publish, methods=["POST"]),
            Route("/v1/whoami", self.whoami, methods=["GET"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]
        handlers = {Refusal: answer, 404: answer, 405: answer, 400: answer, 500: answer}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def whoami(self, request: Request) -> Response:
        """Which collector the key belongs to, and what it may do."""
        grant = self._grant(request)
        return _json(
            WhoAmI(
                collector=grant.collector,
                platforms=grant.platforms,
                events_per_second=grant.events_per_second,
                bytes_per_second=grant.bytes_per_second,
            ).model_dump_json()
        )

    async def openapi(self, _request: Request) -> Response:
        """The description of this door."""
        return _json(await asyncio.to_thread(OPENAPI.read_text))

    async def publish(self, request: Request) -> Response:
        """Take events; answer when all in-sync replicas have them, or say why not."""
        begun = time.monotonic()
        grant = self._grant(request)
        if not self.accepting or self._requests >= self.settings.max_requests:
            raise refusal(503, "busy", "The door is at its limit; nothing was taken.", headers={"retry-after": "1"})
        self._requests += 1
        held = _Held(self)
        try:
            response = await self._publish(request, grant, held)
        finally:
            self._requests -= 1
            held.free()
        metrics.stage_seconds.labels(DOOR).observe(time.monotonic() - begun)
        return response

    async def _publish(self, request: Request, grant: Grant, held: "_Held") -> Response:
        format_name, instance = format_of(request), instance_of(request)
        kind = media_type_of(request)
        raw = await self._body(request, held)
        # Read, a body takes thirty times its size at worst: of large ones one at a time is at work, and it is let go before the wait
        # for the broker. Threads would take turns at them anyway.
        async with self._large if len(raw) > THREAD_FROM_BYTES else nullcontext():
            judged, many = await self._judged(request, grant, raw, kind, format_name, instance)
        return self._answer(await self._send(judged), many)

    async def _judged(
        self, request: Request, grant: Grant, raw: bytes, kind: str, format_name: str, instance: str | None
    ) -> tuple[list[Judged], bool]:
        """What the door says of each event in a body, and whether it may hold many. Raises Refusal of the whole."""
        try:
            depth = MAX_DEPTH if format_name == HUB_FORMAT else MAXIMUM_DEPTH
            items, many = await _beside(raw, self._items, raw, kind, depth)
        except Rejected as why:
            raise of_reason(why) from why
        if wait := self.rates.wait(grant, events=len(items), volume=len(raw)):
            raise refusal(
                429, "too_many_requests", "The collector's rate is used up.", headers={"retry-after": str(wait)}
            )
        if format_name == CLOUDEVENTS and cloudevents.is_binary(request.headers):
            items = [replace(item, value=cloudevents.from_headers(request.headers, item.value)) for item in items]
        trace = request.headers.get("traceparent")
        intake = Intake(
            grant, self.clock.now(), self.settings.max_event_bytes, self.settings.max_events, trace, instance
        )
        try:
            judged = await _beside(raw, intake.judge, items, format_name)
        except Rejected as why:
            raise of_reason(why) from why
        self.rates.owe(grant, len(judged) - len(items))
        return judged, many

    def _grant(self, request: Request) -> Grant:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        grant = self.keyring().owner(key.strip()) if scheme.lower() == "bearer" else None
        if grant is None:
            raise refusal(
                401, "unauthorized", "Send Authorization: Bearer and a key of this hub.",
                headers={"www-authenticate": 'Bearer realm="referral-hub"'},
            )  # fmt: skip
        return grant

    async def _body(self, request: Request, held: "_Held") -> bytes:
        inflator = bodies.Inflator(
            encoding_of(request),
            max_wire=self.settings.max_body_bytes,
            max_inflated=self.settings.max_inflated_bytes,
            max_ratio=self.settings.max_ratio,
        )
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                async for chunk in request.stream():
                    inflator.feed(chunk)
                    held.now(inflator.size)
            return inflator.body()
        except Rejected as why:
            raise of_reason(why) from why
        except TimeoutError as why:
            raise refusal(
                408, "request_timeout", f"A body must arrive within {self.settings.body_seconds:g} s."
            ) from why
        except ClientDisconnect as why:
            raise refusal(400, "disconnected") from why

    def hold(self, more: int) -> None:
        """Count bytes held by all requests. Raises Refusal when they are too many."""
        self._bytes += more
        if more > 0 and self._bytes > self.settings.max_bytes_in_flight:
            raise refusal(503, "busy", "The door is at its limit; nothing was taken.", headers={"retry-after": "1"})

    def _items(self, raw: bytes, kind: str, depth: int) -> tuple[list[bodies.Item], bool]:
        if kind in JSON_TYPES:
            return bodies.whole(raw, self.settings.max_events, depth)
        items = list(bodies.lines(raw, self.settings.max_event_bytes, self.settings.max_events, depth))
        if not items:
            raise Rejected(Reason.EMPTY_VALUE, "no line holds an event")
        return items, True

    async def _send(self, judged: Sequence[Judged]) -> list[ItemVerdict]:
        """Send what may be accepted and was not accepted before; all verdicts hold when it returns."""
        fresh: dict[str, Judged] = {}
        verdicts: list[ItemVerdict] = []
        for one in judged:
            repeat = one.observation is not None and (one.observation in fresh or one.observation in self._recent)
            verdicts.append(one.verdict.model_copy(update={"verdict": Verdict.DUPLICATE}) if repeat else one.verdict)
            if one.observation is not None and not repeat:
                fresh[one.observation] = one
        try:
            await self.sender.send_all([one.record for one in fresh.values() if one.record is not None])
        except (Retryable, Rejected) as why:
            self.log.warning("outcome_unknown", events=len(fresh), error=str(why))
            raise refusal(503, "outcome_unknown", UNKNOWN_OUTCOME, headers={"retry-after": "2"}) from why
        self._recent.mark(fresh)
        _count(verdicts)
        return verdicts

    @staticmethod
    def _answer(verdicts: Sequence[ItemVerdict], many: bool) -> Response:
        counts = Counter(verdict.verdict for verdict in verdicts)
        if not many and len(verdicts) == 1 and verdicts[0].reason is not None:
            raise of_reason(Rejected(verdicts[0].reason, verdicts[0].detail or "", verdicts[0].pointer or ""))
        body = unchecked(
            DoorAnswer,
            accepted=counts[Verdict.ACCEPTED],
            duplicate=counts[Verdict.DUPLICATE],
            ignored=counts[Verdict.IGNORED],
            rejected=counts[Verdict.REJECTED],
            items=tuple(verdicts),
        )
        return _json(body.model_dump_json(exclude_none=True), 207 if counts[Verdict.REJECTED] else 202)


@dataclass
class _Held:
    """Bytes that one request holds."""

    door: Door
    size: int = 0

    def now(self, size: int) -> None:
        more, self.size = size - self.size, size
        self.door.hold(more)

    def free(self) -> None:
        self.door.hold(-self.size)
        self.size = 0


async def _beside(raw: bytes, work: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
    """Do the work on a large body in a thread, and that on a small one here, where it costs less."""
    return await asyncio.to_thread(work, *values, **named) if len(raw) > THREAD_FROM_BYTES else work(*values, **named)


def _count(verdicts: Sequence[ItemVerdict]) -> None:
    for verdict, number in Counter(one.verdict for one in verdicts).items():
        metrics.events.labels(DOOR, verdict.value).inc(number)
    for reason, number in Counter(one.reason for one in verdicts if one.reason is not None).items():
        metrics.dead_letters.labels(DOOR, reason.value).inc(number)


def _json(text: str, status: int = 200) -> Response:
    """An answer in JSON that nobody keeps."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(text, status, headers, "application/json")
