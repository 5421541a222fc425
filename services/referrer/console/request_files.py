"""A request that left comes in; the same as files goes out: to print, as PDF, as an XARF report, as a statement of reasons."""

import base64
import hashlib
from collections.abc import Awaitable, Callable

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.referrer.amending import Amending, Sent
from services.referrer.console.site import Site, Visitor, path_id
from services.referrer.declined import Declined
from services.referrer.exports.notice import html_notice
from services.referrer.exports.statement import statement_or_why
from services.referrer.exports.xarf_report import xarf_report
from services.referrer.requests import Unfit

Make = Callable[[Sent, Visitor], Response]


class RequestFiles:
    """One request as files. Whoever fetches one has looked at the request, and the ledger says so."""

    def __init__(self, site: Site, amending: Amending) -> None:
        self._site = site
        self._amending = amending

    def routes(self) -> list[Route]:
        """The routes."""
        one = "/referrals/{referral_id}"
        return [
            Route(f"{one}/notice.html", self._made(self.printable), methods=["GET"]),
            Route(f"{one}/notice.pdf", self._made(self.pdf), methods=["GET"]),
            Route(f"{one}/xarf.json", self._made(self.xarf), methods=["GET"]),
            Route(f"{one}/statement.json", self._made(self.statement), methods=["GET"]),
        ]

    def _made(self, make: Make) -> Callable[[Request], Awaitable[Response]]:
        """What is made of a request that this person may see."""

        async def answer(request: Request, visitor: Visitor) -> Response:
            sent = await run_in_threadpool(self._amending.view, visitor.person, path_id(request, "referral_id"))
            if isinstance(sent, Declined):
                return self._site.declined(visitor, sent)
            return await run_in_threadpool(make, sent, visitor)

        return self._site.shown(answer)

    def printable(self, sent: Sent, visitor: Visitor) -> Response:
        """The notice as a page of its own, to print."""
        page = html_notice(sent.request)
        return Response(page, media_type="text/html", headers={"content-security-policy": policy_of(page)})

    def pdf(self, sent: Sent, visitor: Visitor) -> Response:
        """The notice as a file, to keep or to send."""
        # Its libraries of fonts and pictures are large: a referrer that draws nothing starts sooner and smaller without them.
        from services.referrer.exports.pdf import pdf_notice  # noqa: PLC0415

        raw = pdf_notice(sent.request, self._site.settings.fonts_folder)
        return _file(raw, "application/pdf", f"{sent.referral.referral_id}.pdf")

    def xarf(self, sent: Sent, visitor: Visitor) -> Response:
        """The request as an XARF report; where it cannot be one, the fields that keep it from it."""
        report = xarf_report(sent.request)
        if isinstance(report, Unfit):
            return self._site.fault(422, "; ".join(map(str, report.faults)), visitor)
        return _file(orjson.dumps(report), "application/json", f"{sent.referral.referral_id}.xarf.json")

    def statement(self, sent: Sent, visitor: Visitor) -> Response:
        """The request as a statement of reasons: as asked for, or once the platform has answered as done."""
        drafted = statement_or_why(sent.referral.status, sent.request, sent.outcome)
        if isinstance(drafted, str):
            return self._site.fault(409, drafted, visitor)
        return _file(orjson.dumps(drafted), "application/json", f"{sent.referral.referral_id}.statement.json")


def _file(raw: bytes, media_type: str, name: str) -> Response:
    return Response(raw, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})


def policy_of(page: str) -> str:
    """What a printable page may do: use the very style sheet inside it, and nothing else."""
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
