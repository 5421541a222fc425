"""A case comes in; its page, with the forms of everything that a person may do with it, goes out, and what they send comes back."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from schemas.desk import CaseFile, DecisionAsked
from schemas.referral_vocabulary import RequestedAction
from schemas.review import MOST_LOCATIONS, CaseState, Decision
from services.referrer.case_file import proposals, waiting_for
from services.referrer.console.forms import Form, decision_of, offered
from services.referrer.console.showing import bars, pieces, probability
from services.referrer.console.site import Site, Visitor, path_id
from services.referrer.console.words import DECISION_KEYS, DECISION_WORDS, reason_hint
from services.referrer.deciding import Deciding, Made
from services.referrer.decision_reasons import REASONS
from services.referrer.declined import Declined, Why, not_allowed
from services.referrer.desk import Desk
from services.referrer.exports.sections import paper
from services.referrer.finding import Finding, Surroundings
from services.referrer.http_answers import STATUS
from services.referrer.p1_clock import p1_clock, p1_due
from services.referrer.pages import case_file
from services.referrer.records import Case, Person
from services.referrer.review_rules import ReviewRules
from services.referrer.roles import Action, may
from services.referrer.settling import said_all

EMPTY = Form([])


@dataclass(frozen=True, slots=True)
class _Found:
    """A case with what its page shows beside it: `waiting` are keys whose request waits, `second` the causes of each address alone.

    `seen` are the versions that the page shows; `said_all` tells that what waits for a second person is for somebody else,
    `unlisted` how many live copies have no place in the list.
    """

    file: CaseFile
    around: Surroundings
    colleagues: list[Person]
    waiting: frozenset[str]
    second: Mapping[str, tuple[str, ...]]
    seen: tuple[str, ...]
    said_all: bool
    unlisted: int


class CasePage:
    """One case."""

    def __init__(
        self, site: Site, desk: Desk, deciding: Deciding, finding: Finding, rules: ReviewRules, wrote: Callable[[], None]
    ) -> None:  # fmt: skip
        self._site = site
        self._desk = desk
        self._deciding = deciding
        self._finding = finding
        self._rules = rules
        self._wrote = wrote

    def routes(self) -> list[Route]:
        """The routes."""
        case, site = "/cases/{case_id}", self._site
        return [
            Route(case, site.shown(self.show), methods=["GET"]),
            Route(f"{case}/lease", site.changed(self.lease), methods=["POST"]),
            Route(f"{case}/release", site.changed(self.release), methods=["POST"]),
            Route(f"{case}/hand-over", site.changed(self.hand_over), methods=["POST"]),
            Route(f"{case}/decide", site.changed(self.decide), methods=["POST"]),
            Route(f"{case}/preview", site.changed(self.preview), methods=["POST"]),
        ]

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """The page; the look is recorded."""
        query = request.query_params
        return await self._page(
            visitor, path_id(request, "case_id"), shown=query.get("show") == "1", tick=query.get("tick", "")
        )

    async def _page(self, visitor: Visitor, case_id: UUID, status: int = 200, **values: Any) -> Response:
        asked = values.pop("asked", None)
        found = await run_in_threadpool(self._look, visitor.person, case_id, asked)
        if isinstance(found, Declined):
            return self._site.declined(visitor, found)
        given = {"shown": False, "tick": "", "fault": None, "form": EMPTY, "faster": False} | values
        given["preview"] = asked is not None
        values = self._values(visitor.person, found)
        return self._site.page("case.html", visitor, status, **values, **given, colleagues=found.colleagues)

    def _look(self, person: Person, case_id: UUID, asked: DecisionAsked | None) -> _Found | Declined:
        file = self._desk.view(person, case_id)
        if isinstance(file, Declined):
            return file
        around = self._finding.surroundings(person, case_id, file.case.content_key)
        if isinstance(around, Declined):
            return around
        causes = self._deciding.second_review_of(file)
        colleagues = self._finding.colleagues(person)
        shown = case_file(file, self._deciding.drafts(file, person, asked), causes)
        own, asked_for = {file.case.content_key}, waiting_for(file)
        waiting = {each.content_key for each in file.locations if (each.content_key, each.content_version) in asked_for}
        return _Found(
            shown, around, [] if isinstance(colleagues, Declined) else colleagues, frozenset(waiting - own),
            self._deciding.second_review_at(file), file.look.versions,
            said_all(proposals(file.case, file.decisions), person.pseudonym), file.unlisted,
        )  # fmt: skip

    def _values(self, person: Person, found: _Found) -> dict[str, Any]:
        file, around, waiting = found.file, found.around, found.waiting
        case, content = file.case, file.content
        now = self._site.clock.now()
        held = case.state is CaseState.LEASED and case.lease_holder == person.pseudonym
        counting = [each for each in file.decisions if each.counts]
        return {
            "file": file,
            "case": case,
            "content": content.content,
            "scored": content.scored,
            "texts": [
                (text, pieces(text, number, content.scored.signals))
                for number, text in enumerate(content.content.texts)
            ],
            "live": _together(file, waiting),
            "waiting": waiting,
            "most": MOST_LOCATIONS,
            "unlisted": found.unlisted,
            "seen": found.seen,
            "second": found.second,
            "types": sorted(content.scored.types.items(), key=lambda pair: -pair[1]),
            "exemptions": sorted(content.scored.exemptions.items(), key=lambda pair: -pair[1]),
            "around": around,
            "bars": bars((*file.parts, *file.context)),
            "own_parts": len(file.parts),
            "own_risk": probability(sum(part.contribution for part in file.parts)),
            "by_copy": file.parts != content.parts,
            "drafts": [(draft, paper(draft.request) if draft.request else None) for draft in file.drafts],
            "p1": p1_clock(case.band, case.opened_at, case.decided_at, now, self._rules).value,
            "p1_due": p1_due(case.opened_at, self._rules),
            "held": held,
            "decides": held and may(person.role, Action.DECIDE),
            "may_lease": may(person.role, Action.LEASE) and _takeable(case.state, person) and not held,
            "may_end": case.state is CaseState.LEASED and (held or may(person.role, Action.END_ANOTHERS_LEASE)),
            "proposals": [each for each in counting if each.awaits_second_review],
            "said_all": found.said_all,
            "reasons": {each: [(c, reason_hint(c)) for c in REASONS[each]] for each in Decision},
            "keys": DECISION_KEYS,
            "decision_words": DECISION_WORDS,
            "choices": offered(self._deciding.choices(case.platform)),
            "actions": tuple(RequestedAction),
        }

    async def lease(self, request: Request, visitor: Visitor, _form: Form) -> Response:
        """Take the case."""
        case_id = path_id(request, "case_id")
        done = await run_in_threadpool(self._desk.lease, visitor.person, case_id)
        return await self._after(visitor, case_id, done, lambda case: f"/cases/{case.case_id}")

    async def release(self, request: Request, visitor: Visitor, _form: Form) -> Response:
        """Give it back."""
        case_id = path_id(request, "case_id")
        done = await run_in_threadpool(self._desk.release, visitor.person, case_id)
        return await self._after(visitor, case_id, done, lambda _: "/queue?done=released")

    async def hand_over(self, request: Request, visitor: Visitor, form: Form) -> Response:
        """Pass it on."""
        case_id = path_id(request, "case_id")
        done = await run_in_threadpool(self._desk.hand_over, visitor.person, case_id, form.one("to"))
        return await self._after(visitor, case_id, done, lambda _: "/queue?done=handed_over")

    async def _after(
        self, visitor: Visitor, case_id: UUID, done: Case | Declined, then: Callable[[Case], str]
    ) -> Response:
        if isinstance(done, Declined):
            return await self._refused(visitor, case_id, done, EMPTY)
        return RedirectResponse(then(done), 303)

    async def _refused(self, visitor: Visitor, case_id: UUID, why: Declined, form: Form) -> Response:
        """The page again, with what was entered, and what kept it from being done."""
        if why.why in (Why.NOT_FOUND, Why.NOT_ALLOWED):
            return self._site.declined(visitor, why)
        faster = why.why is Why.CONFLICT
        return await self._page(
            visitor, case_id, STATUS[why.why], shown=True, fault=why.detail, form=form, faster=faster
        )

    async def decide(self, request: Request, visitor: Visitor, form: Form) -> Response:
        """Decide it."""
        case_id, asked = path_id(request, "case_id"), decision_of(form)
        if isinstance(asked, str):
            return await self._page(visitor, case_id, 422, shown=True, fault=asked, form=form)
        made = await run_in_threadpool(self._deciding.decide, visitor.person, case_id, asked)
        if isinstance(made, Declined):
            return await self._refused(visitor, case_id, made, form)
        self._wrote()
        return RedirectResponse(f"/queue?done={_done(made)}", 303)

    async def preview(self, request: Request, visitor: Visitor, form: Form) -> Response:
        """The page again, with the notices as they would leave under what is entered."""
        case_id, asked = path_id(request, "case_id"), decision_of(form)
        if (refused := not_allowed(visitor.person, Action.DECIDE)) is not None:
            return self._site.declined(visitor, refused)
        if isinstance(asked, str):
            return await self._page(visitor, case_id, 422, shown=True, fault=asked, form=form)
        return await self._page(visitor, case_id, shown=True, form=form, asked=asked)


def _done(made: Made) -> str:
    """What to say of it: the same of a case to learn from, so that nobody reviews those with other eyes."""
    return "proposed" if made.decision.awaits_second_review else made.case.state.value


def _together(file: CaseFile, waiting: Set[str]) -> frozenset[str]:
    """The addresses that are ticked together: the one shown, and as many as may go with it of those that are still there."""
    own = file.case.content_key
    live = [each.content_key for each in file.locations if each.live and each.url and each.content_key not in waiting]
    return frozenset(sorted(live, key=lambda key: key != own)[: MOST_LOCATIONS - (own not in live)])


def _takeable(state: CaseState, person: Person) -> bool:
    """Whether to offer it; whether it may be is the desk's to say."""
    if state is CaseState.ESCALATED:
        return may(person.role, Action.TAKE_UP_ESCALATED)
    return state in (CaseState.OPEN, CaseState.LEASED, CaseState.DEFERRED)
