"""A window and a platform come in; the page of the board, the riskiest of that time, goes out."""

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.vocabulary import Window
from services.referrer.board_keeper import BoardKeeper
from services.referrer.boards import ALL
from services.referrer.console.forms import plain
from services.referrer.console.site import Site, Visitor
from services.referrer.declined import not_allowed
from services.referrer.roles import Action


class BoardPage:
    """The boards."""

    def __init__(self, site: Site, boards: BoardKeeper, platforms: Sequence[str]) -> None:
        self._site = site
        self._boards = boards
        self._platforms = tuple(platforms)

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route("/boards", self._site.shown(self.show), methods=["GET"])]

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """One board as it stands now; its reasons are covered, because they quote."""
        if (refused := not_allowed(visitor.person, Action.VIEW_QUEUE)) is not None:
            return self._site.declined(visitor, refused)
        query = request.query_params
        asked, known = query.get("window", ""), {window.value: window for window in Window}
        window = known.get(asked, Window.DAY)
        scope = plain(query.get("scope", ""), 63) or ALL
        board = await run_in_threadpool(self._boards.board, window, scope)
        return self._site.page(
            "boards.html", visitor, board=board, windows=tuple(Window), platforms=self._platforms,
            shown=query.get("show") == "1", everything=ALL,
        )  # fmt: skip
