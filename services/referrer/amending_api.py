"""A lead's HTTP requests about requests that left come in; withdrawals, corrections and their drafts go out as the desk makes them."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.desk import AmendmentAnswer, CorrectionAsked, WithdrawalAsked
from services.referrer.amending import Amended, Amending
from services.referrer.http_answers import answered, held, id_of
from services.referrer.pages import drafted_of, referral, referral_file
from services.referrer.records import Person

M = TypeVar("M", bound=BaseModel)
REFERRAL = "/v1/referrals/{referral_id}"


class Door(Protocol):
    """What all routes of the interface share."""

    async def person(self, request: Request) -> Person:
        """Who asks. Raises Refusal for nobody."""
        ...

    async def body(self, request: Request, model: type[M]) -> M:
        """The body as that model. Raises Refusal."""
        ...


class AmendingApi:
    """The routes below /v1/referrals."""

    def __init__(self, door: Door, amending: Amending, wrote: Callable[[], None]) -> None:
        self._door = door
        self._amending = amending
        self._wrote = wrote

    def routes(self, served: Callable[[Callable[[Request], Any]], Callable[[Request], Any]]) -> list[Route]:
        """The routes, each within the interface's limits."""
        return [
            Route(REFERRAL, served(self.view), methods=["GET"]),
            Route(f"{REFERRAL}/withdrawals", served(self.withdraw), methods=["POST"]),
            Route(f"{REFERRAL}/corrections", served(self.correct), methods=["POST"]),
            Route(f"{REFERRAL}/drafts", served(self.draft), methods=["POST"]),
        ]

    async def view(self, request: Request) -> Response:
        """One request as it left; the look is recorded."""
        person = await self._door.person(request)
        sent = held(await asyncio.to_thread(self._amending.view, person, id_of(request, "referral_id")))
        return answered(referral_file(sent))

    async def withdraw(self, request: Request) -> Response:
        """Take a request back."""
        person, of = await self._door.person(request), id_of(request, "referral_id")
        asked = await self._door.body(request, WithdrawalAsked)
        return self._amended(held(await asyncio.to_thread(self._amending.withdraw, person, of, asked)))

    async def correct(self, request: Request) -> Response:
        """Correct a request."""
        person, of = await self._door.person(request), id_of(request, "referral_id")
        asked = await self._door.body(request, CorrectionAsked)
        return self._amended(held(await asyncio.to_thread(self._amending.correct, person, of, asked)))

    async def draft(self, request: Request) -> Response:
        """The corrected notice as it would leave, or what it lacks."""
        person, of = await self._door.person(request), id_of(request, "referral_id")
        asked = await self._door.body(request, CorrectionAsked)
        drafted = held(await asyncio.to_thread(self._amending.draft, person, of, asked))
        return answered(drafted_of(drafted.content_key, drafted.built))

    def _amended(self, made: Amended) -> Response:
        self._wrote()
        answer = AmendmentAnswer(
            decision_id=made.decision.decision_id, earlier=referral(made.earlier), record=referral(made.record)
        )
        return answered(answer, 201)
