"""The desk's use cases come in; one web application with every page of the console goes out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from services.referrer.adapters.oidc_provider import OidcProvider
from services.referrer.amending import Amending
from services.referrer.board_keeper import BoardKeeper
from services.referrer.console.board_page import BoardPage
from services.referrer.console.case_page import CasePage
from services.referrer.console.entrance import Entrance
from services.referrer.console.federated import Federated
from services.referrer.console.overview_pages import OverviewPages
from services.referrer.console.queue_page import QueuePage
from services.referrer.console.request_files import RequestFiles
from services.referrer.console.request_page import RequestPage
from services.referrer.console.site import Site, protected
from services.referrer.deciding import Deciding
from services.referrer.desk import Desk
from services.referrer.directory import Directory
from services.referrer.finding import Finding
from services.referrer.notices import platform_names
from services.referrer.overview import Overview
from services.referrer.sessions import SignIn
from services.referrer.settings import ReferrerSettings
from services.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class UseCases:
    """What the pages call; the same that programs call."""

    desk: Desk
    deciding: Deciding
    amending: Amending
    finding: Finding
    overview: Overview
    boards: BoardKeeper
    sign_in: SignIn


class Pages(Protocol):
    """Some pages of the console."""

    def routes(self) -> list[Route]:
        """Their routes."""
        ...


class Console:
    """The console of one process. Everything outside comes by argument."""

    def __init__(
        self, settings: ReferrerSettings, use: UseCases, directory: Directory, clock: Clock,
        log: structlog.stdlib.BoundLogger, wrote: Callable[[], None], provider: OidcProvider | None = None,
    ) -> None:  # fmt: skip
        rules, platforms = settings.rules(), sorted(platform_names(directory))
        self.site = Site(settings, use.sign_in, clock, log)
        oidc = settings.oidc()
        federated: tuple[Federated, ...] = ()
        self._provider: OidcProvider | None = None
        if oidc is not None:
            client, allowed = oidc
            self._provider = provider or OidcProvider(client, clock)
            federated = (Federated(self.site, self._provider, allowed),)
        self._pages: tuple[Pages, ...] = (
            *federated,
            Entrance(self.site),
            QueuePage(self.site, use.desk, use.finding, rules, platforms),
            CasePage(self.site, use.desk, use.deciding, use.finding, rules, wrote),
            RequestPage(self.site, use.amending, wrote),
            RequestFiles(self.site, use.amending),
            BoardPage(self.site, use.boards, platforms),
            OverviewPages(self.site, use.overview),
        )

    def close(self) -> None:
        """Take no more requests."""
        self.site.accepting = False

    async def stop(self) -> None:
        """Close what is open to the outside."""
        if self._provider is not None:
            await self._provider.stop()

    def routes(self) -> list[Route]:
        """All routes; a test holds the roles of each."""
        static = Route("/static/{name}", self.site.static, methods=["GET"])
        return [static, *(route for page in self._pages for route in page.routes())]

    def app(self) -> Any:
        """The ASGI application."""
        error = self.site.error
        return protected(Starlette(routes=self.routes(), exception_handlers={HTTPException: error, 500: error}))
