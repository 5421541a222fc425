"""A request that left comes in; its page, with what a lead may still do with it, goes out, and what the lead sends comes back."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from schemas.desk import CorrectionAsked, Draft, WithdrawalAsked
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import RequestedAction
from schemas.review import Amendment
from services.referrer.amending import Amended, Amending, Sent
from services.referrer.console.forms import Form, Offered, correction_of, offered, withdrawal_of
from services.referrer.console.site import Site, Visitor, path_id
from services.referrer.console.words import DONE
from services.referrer.decision_reasons import AMENDING_REASONS
from services.referrer.declined import Declined, Why
from services.referrer.exports.sections import paper
from services.referrer.http_answers import STATUS
from services.referrer.pages import drafted_of
from services.referrer.records import Person
from services.referrer.roles import Action, may

A = TypeVar("A", CorrectionAsked, WithdrawalAsked)


class RequestPage:
    """One request."""

    def __init__(self, site: Site, amending: Amending, wrote: Callable[[], None]) -> None:
        self._site = site
        self._amending = amending
        self._wrote = wrote

    def routes(self) -> list[Route]:
        """The routes."""
        one, site = "/referrals/{referral_id}", self._site
        return [
            Route(one, site.shown(self.show), methods=["GET"]),
            Route(f"{one}/withdraw", site.changed(self.withdraw), methods=["POST"]),
            Route(f"{one}/correct", site.changed(self.correct), methods=["POST"]),
            Route(f"{one}/preview", site.changed(self.preview), methods=["POST"]),
        ]

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """The page; the look is recorded."""
        message = DONE.get(request.query_params.get("done", ""), "")
        return await self._page(visitor, path_id(request, "referral_id"), message=message)

    async def _page(
        self, visitor: Visitor, referral_id: UUID, status: int = 200, form: Form | None = None, draft: Draft | None = None,
        **values: Any,
    ) -> Response:  # fmt: skip
        sent = await run_in_threadpool(self._amending.view, visitor.person, referral_id)
        if isinstance(sent, Declined):
            return self._site.declined(visitor, sent)
        choices = offered(self._amending.choices(sent.referral.platform))
        return self._site.page(
            "request.html", visitor, status, sent=sent, sheet=paper(sent.request), choices=choices,
            form=form or _as_sent(sent, choices), may=[each.value for each in sent.may], draft=draft,
            drafted=paper(draft.request) if draft is not None and draft.request else None,
            withdraw_reasons=AMENDING_REASONS[Amendment.WITHDRAW], correct_reasons=AMENDING_REASONS[Amendment.CORRECT],
            actions=tuple(RequestedAction), leads=may(visitor.person.role, Action.CORRECT),
            **({"message": "", "fault": None} | values),
        )  # fmt: skip

    async def withdraw(self, request: Request, visitor: Visitor, form: Form) -> Response:
        """Take it back."""
        return await self._amend(request, visitor, form, withdrawal_of(form), self._amending.withdraw, "withdrawn")

    async def correct(self, request: Request, visitor: Visitor, form: Form) -> Response:
        """Put a corrected notice in its place."""
        return await self._amend(request, visitor, form, correction_of(form), self._amending.correct, "corrected")

    async def preview(self, request: Request, visitor: Visitor, form: Form) -> Response:
        """The page again, with the corrected notice as it would leave."""
        referral_id, asked = path_id(request, "referral_id"), correction_of(form)
        if isinstance(asked, str):
            return await self._page(visitor, referral_id, 422, form, fault=asked)
        drafted = await run_in_threadpool(self._drafted, visitor, referral_id, asked)
        if isinstance(drafted, Declined):
            return await self._refused(visitor, referral_id, drafted, form)
        return await self._page(visitor, referral_id, form=form, draft=drafted)

    def _drafted(self, visitor: Visitor, referral_id: UUID, asked: CorrectionAsked) -> Draft | Declined:
        found = self._amending.draft(visitor.person, referral_id, asked)
        return found if isinstance(found, Declined) else drafted_of(found.content_key, found.built)

    async def _amend(
        self, request: Request, visitor: Visitor, form: Form, asked: A | str,
        amend: Callable[[Person, UUID, A], Amended | Declined], done: str,
    ) -> Response:  # fmt: skip
        referral_id = path_id(request, "referral_id")
        if isinstance(asked, str):
            return await self._page(visitor, referral_id, 422, form, fault=asked)
        made = await run_in_threadpool(amend, visitor.person, referral_id, asked)
        if isinstance(made, Declined):
            return await self._refused(visitor, referral_id, made, form)
        self._wrote()
        return RedirectResponse(f"/referrals/{made.record.referral_id}?done={done}", 303)

    async def _refused(self, visitor: Visitor, referral_id: UUID, why: Declined, form: Form) -> Response:
        """The page again, with what was entered, and what kept it from being done."""
        if why.why in (Why.NOT_FOUND, Why.NOT_ALLOWED):
            return self._site.declined(visitor, why)
        return await self._page(visitor, referral_id, STATUS[why.why], form, fault=why.detail)


def _as_sent(sent: Sent, choices: Offered) -> Form:
    """A form that says what the request says, so that a correction changes no more than the lead does."""
    request: TakedownRequested = sent.request
    grounds = [ground.id for ground, _ in choices.grounds if ground.basis in request.legal_basis]
    pairs = [
        ("profile", request.profile.value),
        ("requested_action", request.requested_action.value),
        ("reason_code", request.review.reason_code.value),
        ("reasons", request.reasons),
        ("facts", request.facts),
        ("necessity_note", request.necessity_note or ""),
        ("minor_suspected", "yes" if request.subject.minor_suspected else ""),
    ]
    return Form([*pairs, *(("ground", each) for each in grounds)])
