"""HTTP requests of reviewers and platforms come in; the desk's answers, or problem details, go out. Nothing else decides a case."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.desk import DecisionAsked, DeskWhoAmI, Drafts, HandOverAsked, OutcomeAnswer
from schemas.outcome import TakedownOutcome
from schemas.reasons import Reason
from schemas.review import CaseState
from schemas.vocabulary import Band, Window
from services.referrer.amending import Amending
from services.referrer.amending_api import AmendingApi
from services.referrer.board_keeper import BoardKeeper
from services.referrer.boards import ALL
from services.referrer.deciding import Deciding
from services.referrer.declined import not_allowed
from services.referrer.desk import MAXIMUM_PAGE, Desk
from services.referrer.following import Following
from services.referrer.http_answers import answered, as_json, held, id_of, token_of, unauthorized
from services.referrer.pages import case_file, decision_answer, draft, page, place_of, summary
from services.referrer.records import IN_QUEUE, Connector, Person, QueueFilter
from services.referrer.roles import ALLOWED, Action
from services.referrer.settings import ReferrerSettings
from services.runtime.codec import first_fault, parse, read
from services.runtime.errors import Rejected, Retryable
from services.runtime.problems import Refusal, answer, of_reason, refusal

OPENAPI = Path(__file__).parents[2] / "schemas" / "openapi-desk.json"
DEFAULT_PAGE = 50
PLATFORM = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
M = TypeVar("M", bound=BaseModel)


@dataclass
class DeskApi:
    """The HTTP interface of one process. Everything outside comes by argument."""

    settings: ReferrerSettings
    desk: Desk
    deciding: Deciding
    amending: Amending
    following: Following
    boards: BoardKeeper
    log: structlog.stdlib.BoundLogger
    wrote: Callable[[], None]
    accepting: bool = True
    _requests: int = 0

    def app(self) -> Starlette:
        """The ASGI application."""
        case = "/v1/cases/{case_id}"
        routes = [
            Route("/v1/whoami", self._served(self.whoami), methods=["GET"]),
            Route("/v1/cases", self._served(self.queue), methods=["GET"]),
            Route(case, self._served(self.view), methods=["GET"]),
            Route(f"{case}/lease", self._served(self.lease), methods=["POST"]),
            Route(f"{case}/release", self._served(self.release), methods=["POST"]),
            Route(f"{case}/hand-over", self._served(self.hand_over), methods=["POST"]),
            Route(f"{case}/decisions", self._served(self.decide), methods=["POST"]),
            Route(f"{case}/drafts", self._served(self.drafts), methods=["POST"]),
            *AmendingApi(self, self.amending, self.wrote).routes(self._served),
            Route("/v1/boards/{window}", self._served(self.board), methods=["GET"]),
            Route("/v1/outcomes", self._served(self.outcome), methods=["POST"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]
        handlers = {Refusal: answer, 404: answer, 405: answer, 400: answer, 500: answer}
        return Starlette(routes=routes, exception_handlers=handlers)

    def _served(self, endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """One request within the limits; a database that does not answer is said as such."""

        async def serve(request: Request) -> Response:
            if not self.accepting or self._requests >= self.settings.max_requests:
                raise refusal(503, "busy", "The desk is at its limit.", headers={"retry-after": "1"})
            self._requests += 1
            try:
                response: Response = await endpoint(request)
            except Retryable as why:
                self.log.warning("database_unavailable", error=str(why))
                detail = "The database does not answer; nothing was changed. Try again."
                raise refusal(503, "database_unavailable", detail, headers={"retry-after": "2"}) from why
            finally:
                self._requests -= 1
            return response

        return serve

    async def openapi(self, _request: Request) -> Response:
        """The description of this interface."""
        return as_json(await asyncio.to_thread(OPENAPI.read_text))

    async def whoami(self, request: Request) -> Response:
        """Whose token it is."""
        token = token_of(request)
        person = await asyncio.to_thread(self.desk.person, token)
        if person is not None:
            actions = tuple(sorted(action.value for action in ALLOWED[person.role]))
            return answered(DeskWhoAmI(name=person.pseudonym, role=person.role.value, actions=actions))
        connector = await self._connector(request)
        return answered(DeskWhoAmI(name=connector.connector_id, role="connector", platform=connector.platform))

    async def queue(self, request: Request) -> Response:
        """A page of the queue."""
        person = await self.person(request)
        asked = request.query_params
        wanted = QueueFilter(
            states=_words(asked.getlist("state"), CaseState, "state") or IN_QUEUE,
            bands=_words(asked.getlist("band"), Band, "band"),
            platform=_name(asked.get("platform"), "platform", "the name of a platform"),
        )
        limit = _limit(asked.get("limit"))
        after = None
        if (text := asked.get("after")) is not None and (after := place_of(text)) is None:
            raise refusal(400, "bad_cursor", "Hand back `next` of the page before as it was.")
        found = await asyncio.to_thread(self.desk.queue, person, wanted, after, limit)
        return answered(page(held(found), limit))

    async def board(self, request: Request) -> Response:
        """The riskiest cases of a window, of one platform or of all."""
        person = await self.person(request)
        if (declined := not_allowed(person, Action.VIEW_QUEUE)) is not None:
            held(declined)
        windows = [window.value for window in Window]
        if (name := request.path_params["window"]) not in windows:
            raise refusal(404, "unknown_board", "There is no such window.", allowed=tuple(windows))
        scope = _name(request.query_params.get("scope"), "scope", f"the name of a platform, or {ALL}") or ALL
        return answered(await asyncio.to_thread(self.boards.board, Window(name), scope))

    async def view(self, request: Request) -> Response:
        """Everything about one case; the look is recorded."""
        person, case_id = await self.person(request), id_of(request, "case_id")

        def look() -> BaseModel:
            file = held(self.desk.view(person, case_id))
            causes = self.deciding.second_review_of(file)
            return case_file(file, self.deciding.drafts(file, person), causes)

        return answered(await asyncio.to_thread(look))

    async def lease(self, request: Request) -> Response:
        """Take a case."""
        person = await self.person(request)
        return answered(summary(held(await asyncio.to_thread(self.desk.lease, person, id_of(request, "case_id")))))

    async def release(self, request: Request) -> Response:
        """Give a lease back."""
        person = await self.person(request)
        return answered(summary(held(await asyncio.to_thread(self.desk.release, person, id_of(request, "case_id")))))

    async def hand_over(self, request: Request) -> Response:
        """Pass a lease to another person."""
        person, case_id = await self.person(request), id_of(request, "case_id")
        asked = await self.body(request, HandOverAsked)
        return answered(summary(held(await asyncio.to_thread(self.desk.hand_over, person, case_id, asked.to))))

    async def decide(self, request: Request) -> Response:
        """Decide a case that one holds."""
        person, case_id = await self.person(request), id_of(request, "case_id")
        asked = await self.body(request, DecisionAsked)
        made = held(await asyncio.to_thread(self.deciding.decide, person, case_id, asked))
        self.wrote()
        return answered(decision_answer(made), 201)

    async def drafts(self, request: Request) -> Response:
        """The notices as they would leave under this decision; nothing is stored."""
        person, case_id = await self.person(request), id_of(request, "case_id")
        held(not_allowed(person, Action.DECIDE))
        asked = await self.body(request, DecisionAsked)

        def look() -> BaseModel:
            file = held(self.desk.view(person, case_id))
            return Drafts(drafts=tuple(map(draft, self.deciding.drafts(file, person, asked))))

        return answered(await asyncio.to_thread(look))

    async def outcome(self, request: Request) -> Response:
        """A platform's report about one request."""
        connector = await self._connector(request)
        try:
            outcome = read(TakedownOutcome, parse(await self._raw(request)))
            followed = await asyncio.to_thread(self.following.report, connector, outcome)
        except Rejected as why:
            raise _of_outcome(why) from why
        self.wrote()
        moved = followed.referral
        return answered(
            OutcomeAnswer(
                root_referral_id=moved.root_referral_id,
                referral_id=moved.referral_id,
                status=moved.status,
                fresh=followed.fresh,
            ),
            201 if followed.fresh else 200,
        )

    async def person(self, request: Request) -> Person:
        """Whose token it is. Raises Refusal for nobody's."""
        person = await asyncio.to_thread(self.desk.person, token_of(request))
        if person is None:
            raise unauthorized()
        return person

    async def _connector(self, request: Request) -> Connector:
        connector = await asyncio.to_thread(self.desk.connector, token_of(request))
        if connector is None:
            raise unauthorized()
        return connector

    async def body(self, request: Request, model: type[M]) -> M:
        """The body as that model. Raises Refusal."""
        try:
            return model.model_validate(parse(await self._raw(request)))
        except Rejected as why:
            raise of_reason(why) from why
        except ValidationError as why:
            detail, pointer = first_fault(why)
            raise refusal(422, Reason.SCHEMA_VIOLATION.value, detail, pointer=pointer) from why

    async def _raw(self, request: Request) -> bytes:
        """The whole body, in time and within the limit."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise refusal(415, "unsupported_media_type", "Send JSON.", headers={"accept-post": "application/json"})
        if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise refusal(415, "unsupported_content_encoding", "Send it uncompressed.")
        raw = bytearray()
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                async for chunk in request.stream():
                    raw += chunk
                    if len(raw) > self.settings.max_body_bytes:
                        raise refusal(413, Reason.TOO_LARGE.value, f"At most {self.settings.max_body_bytes} bytes.")
        except TimeoutError as why:
            detail = f"A body must arrive within {self.settings.body_seconds:g} s."
            raise refusal(408, "request_timeout", detail) from why
        except ClientDisconnect as why:
            raise refusal(400, "disconnected") from why
        return bytes(raw)


def _of_outcome(why: Rejected) -> Refusal:
    status = {Reason.UNKNOWN_REFERRAL: 404, Reason.IMPOSSIBLE_MOVE: 409}.get(why.reason)
    if status is None:
        return of_reason(why)
    return refusal(status, why.reason.value, why.detail, pointer=why.pointer or None)


def _words(given: list[str], kind: type[Any], name: str) -> tuple[Any, ...]:
    words = [member.value for member in kind]
    if any(word not in words for word in given):
        raise refusal(400, "bad_parameter", f"{name} is one of a closed list.", allowed=tuple(words))
    return tuple(dict.fromkeys(kind(word) for word in given))


def _name(text: str | None, name: str, what: str) -> str | None:
    if text is not None and PLATFORM.fullmatch(text) is None:
        raise refusal(400, "bad_parameter", f"{name} is {what}.")
    return text


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_PAGE
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= MAXIMUM_PAGE:
        raise refusal(400, "bad_parameter", f"limit is a number from 1 to {MAXIMUM_PAGE}.")
    return int(text[:9])
