"""What somebody wants to see of the queue comes in; a page of it, found cases, or the next case to take, goes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from schemas.review import CaseState
from schemas.vocabulary import Band
from services.referrer.console.forms import Form, plain
from services.referrer.console.site import Site, Visitor
from services.referrer.console.words import DONE
from services.referrer.declined import Declined, Why
from services.referrer.desk import Desk
from services.referrer.finding import LONGEST_QUESTION, Finding
from services.referrer.p1_clock import p1_clock
from services.referrer.pages import cursor, place_of
from services.referrer.records import IN_QUEUE, Case, QueueFilter
from services.referrer.review_rules import ReviewRules
from services.referrer.roles import Action, may

ON_A_PAGE = 40
TRIES = 20
STATES = tuple(CaseState)
BANDS = tuple(band for band in Band if band is not Band.NONE)
W = TypeVar("W", CaseState, Band)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page asks for; words that are none of the closed lists are passed over."""

    states: tuple[CaseState, ...]
    bands: tuple[Band, ...]
    platform: str
    question: str
    after: str

    @property
    def wanted(self) -> QueueFilter:
        """The same for the desk."""
        return QueueFilter(self.states or IN_QUEUE, self.bands, self.platform or None)

    def address(self, **changes: str) -> str:
        """The address of the same page, but for the changes."""
        pairs = [("state", s.value) for s in self.states] + [("band", b.value) for b in self.bands]
        pairs += [("platform", self.platform)] if self.platform else []
        pairs += [(name, value) for name, value in changes.items() if value]
        return f"/queue?{urlencode(pairs)}" if pairs else "/queue"


class QueuePage:
    """The queue."""

    def __init__(self, site: Site, desk: Desk, finding: Finding, rules: ReviewRules, platforms: Sequence[str]) -> None:
        self._site = site
        self._desk = desk
        self._finding = finding
        self._rules = rules
        self._platforms = tuple(platforms)

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/queue", self._site.shown(self.show), methods=["GET"]),
            Route("/queue/next", self._site.changed(self.take_next), methods=["POST"]),
        ]

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """A page of the queue, or what a search found."""
        asked = asked_of(request.query_params)
        found = await run_in_threadpool(self._cases, visitor, asked)
        if isinstance(found, Declined):
            return self._site.declined(visitor, found)
        cases, more = found
        glances = await run_in_threadpool(self._finding.glance, visitor.person, cases)
        if isinstance(glances, Declined):
            return self._site.declined(visitor, glances)
        now = self._site.clock.now()
        clocks = {c.case_id: p1_clock(c.band, c.opened_at, c.decided_at, now, self._rules).value for c in cases}
        full = not asked.question and len(cases) == ON_A_PAGE
        return self._site.page(
            "queue.html", visitor, asked=asked, cases=cases, glances=glances, clocks=clocks, more=more,
            following=asked.address(after=cursor(cases[-1])) if full else None,
            states=STATES, all_bands=BANDS, platforms=self._platforms, in_queue=IN_QUEUE,
            may_lease=may(visitor.person.role, Action.LEASE), message=DONE.get(request.query_params.get("done", ""), ""),
        )  # fmt: skip

    def _cases(self, visitor: Visitor, asked: Asked) -> tuple[Sequence[Case], bool] | Declined:
        if asked.question:
            found = self._finding.search(visitor.person, asked.question)
            return found if isinstance(found, Declined) else (found.cases, found.more)
        after = place_of(asked.after) if asked.after else None
        cases = self._desk.queue(visitor.person, asked.wanted, after, ON_A_PAGE)
        return cases if isinstance(cases, Declined) else (cases, False)

    async def take_next(self, _request: Request, visitor: Visitor, form: Form) -> Response:
        """Take the most urgent case that nobody holds; where somebody is faster, the one after it."""
        after: Case | None = None
        while True:
            cases = await run_in_threadpool(self._to_take, visitor, form.one("skip"), after)
            if isinstance(cases, Declined):
                return self._site.declined(visitor, cases)
            mine, after = cases
            for case in mine:
                leased = await run_in_threadpool(self._desk.lease, visitor.person, case.case_id)
                if isinstance(leased, Case):
                    return RedirectResponse(f"/cases/{leased.case_id}", 303)
                if leased.why is not Why.CONFLICT:
                    return self._site.declined(visitor, leased)
            if after is None:
                return RedirectResponse("/queue?done=nothing_left", 303)

    def _to_take(
        self, visitor: Visitor, skipped: str, after: Case | None
    ) -> tuple[Sequence[Case], Case | None] | Declined:
        """Some cases that the person may try to take, and the last one looked at, where there are more behind it."""
        place = place_of(cursor(after)) if after is not None else None
        cases = self._desk.queue(visitor.person, QueueFilter((CaseState.OPEN,)), place, TRIES)
        if isinstance(cases, Declined):
            return cases
        glances = self._finding.glance(visitor.person, cases)
        if isinstance(glances, Declined):
            return glances
        me = visitor.person.pseudonym
        # Whoever approved all of it already cannot be the second one.
        mine = [c for c in cases if str(c.case_id) != skipped and me not in glances[c.case_id].said_all]
        return mine, cases[-1] if len(cases) == TRIES else None


def asked_of(query: QueryParams) -> Asked:
    """What an address asks for."""
    return Asked(
        states=_words(query.getlist("state"), CaseState),
        bands=_words(query.getlist("band"), Band),
        platform=plain(query.get("platform", ""), 63),
        question=plain(query.get("q", ""), LONGEST_QUESTION),
        after=query.get("after", "")[:500],
    )


def _words(given: Sequence[str], kind: type[W]) -> tuple[W, ...]:
    known: Mapping[str, W] = {member.value: member for member in kind}
    return tuple(dict.fromkeys(known[word] for word in given if word in known))
