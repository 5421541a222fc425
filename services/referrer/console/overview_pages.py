"""How things stand comes in as counts; the pages of leads, of platforms and of auditors go out."""

from urllib.parse import urlencode

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.review import CaseState, Decision
from schemas.vocabulary import Band
from services.referrer.console.forms import plain
from services.referrer.console.site import Site, Visitor
from services.referrer.declined import Declined
from services.referrer.ledger import Entry, LedgerKind
from services.referrer.outcomes import Verdict
from services.referrer.overview import CHECKED, ENTRIES_ON_A_PAGE, MOST_CHECKED, Overview
from services.referrer.overview_ports import LedgerFilter

BANDS = tuple(band for band in Band if band is not Band.NONE)
STATES = (CaseState.OPEN, CaseState.LEASED, CaseState.ESCALATED, CaseState.DEFERRED)


class OverviewPages:
    """Team, platforms, audit."""

    def __init__(self, site: Site, overview: Overview) -> None:
        self._site = site
        self._overview = overview

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/team", self._site.shown(self.team), methods=["GET"]),
            Route("/platforms", self._site.shown(self.platforms), methods=["GET"]),
            Route("/audit", self._site.shown(self.audit), methods=["GET"]),
        ]

    async def team(self, _request: Request, visitor: Visitor) -> Response:
        """Load, ages, exposure, agreement."""
        team = await run_in_threadpool(self._overview.team, visitor.person)
        if isinstance(team, Declined):
            return self._site.declined(visitor, team)
        load = {(each.band, each.state): each for each in team.load}
        waiting = [each for each in team.load if each.state is CaseState.OPEN]
        return self._site.page(
            "team.html", visitor, team=team, load=load, all_bands=BANDS, states=STATES, decisions=tuple(Decision),
            waiting=sum(each.cases for each in waiting), oldest=min((each.oldest for each in waiting), default=None),
            most_views=max((each.views for each in team.colleagues), default=0),
            decided=sum(sum(each.decided.values()) for each in team.colleagues),
        )  # fmt: skip

    async def platforms(self, _request: Request, visitor: Visitor) -> Response:
        """What platforms make of requests."""
        rows = await run_in_threadpool(self._overview.platforms, visitor.person)
        if isinstance(rows, Declined):
            return self._site.declined(visitor, rows)
        return self._site.page(
            "platforms.html", visitor, rows=rows, verdicts=Verdict, requests=sum(row.requests for row in rows),
            overdue=sum(row.overdue for row in rows), today=self._site.clock.now().date(),
            refused=sum(row.verdicts.get(Verdict.REFUSED, 0) for row in rows),
            reversed=sum(row.verdicts.get(Verdict.REVERSED, 0) for row in rows),
        )  # fmt: skip

    async def audit(self, request: Request, visitor: Visitor) -> Response:
        """The ledger."""
        query = request.query_params
        kind = query.get("kind", "") if query.get("kind", "") in set(LedgerKind) else ""
        actor = plain(query.get("actor", ""), 63)
        before = query.get("before", "")
        number = int(before) if before.isascii() and before.isdecimal() and len(before) <= 15 else None
        check = MOST_CHECKED if query.get("check") == "more" else CHECKED
        wanted = LedgerFilter(kind or None, actor or None, number)
        page = await run_in_threadpool(self._overview.audit, visitor.person, wanted, check)
        if isinstance(page, Declined):
            return self._site.declined(visitor, page)
        full = len(page.entries) == ENTRIES_ON_A_PAGE
        chosen = {name: value for name, value in (("kind", kind), ("actor", actor)) if value}
        return self._site.page(
            "audit.html", visitor, entries=[(entry, said(entry)) for entry in page.entries], checked=page.checked,
            kind=kind, actor=actor, kinds=tuple(LedgerKind), before=number, most=MOST_CHECKED,
            first_page=f"/audit?{urlencode(chosen)}" if chosen else "/audit",
            following=f"/audit?{urlencode({**chosen, 'before': page.entries[-1].seq})}" if full else None,
        )  # fmt: skip


def said(entry: Entry) -> list[tuple[str, str]]:
    """What an entry says, in words: ids, codes and times; the ledger never holds content."""
    try:
        body = orjson.loads(entry.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return [("unreadable", repr(entry.body)[:200])]
    return [
        (str(name), value if isinstance(value, str) else orjson.dumps(value).decode()) for name, value in body.items()
    ]
