"""Lines of JSON go to a hub's door over HTTP, its verdicts come back; a door that is busy or away is asked again, patiently."""

import gzip
from collections.abc import Callable, Mapping, Sequence

import httpx
import stamina
from pydantic import ValidationError

from schemas.door import DoorAnswer, ItemVerdict, Verdict
from schemas.problem import Problem
from schemas.reasons import Reason
from services.runtime.errors import Fatal

EVENTS = "/v1/events"
LINES = "application/x-ndjson"
# Of one answer; the door itself gives up earlier.
ANSWER_SECONDS = 60.0
LONGEST_PAUSE = 30.0
# Somebody between here and the door may name no time at all: it would be asked without a pause.
SHORTEST_PAUSE = 0.05
_BUSY = 429
_ASK_AGAIN = (408, _BUSY, 502, 503, 504)


class _Later(Exception):
    """The door says: come again, and perhaps when."""

    def __init__(self, status: int, after: float | None) -> None:
        super().__init__(f"the door answers {status}")
        self.status = status
        self.after = after


def _unheard(_why: str) -> None:
    """Nobody is there to be told."""


class DoorClient:
    """One key's way into a hub. Repeats are harmless: the door and the hub know an observation by its content.

    `away` hears why a door does not answer, once each time that it goes away.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        key: str,
        query: Mapping[str, str],
        *,
        compress: bool = True,
        patience: float = 600.0,
        away: Callable[[str], None] = _unheard,
    ) -> None:
        """Raises Fatal for a key that no header can carry."""
        if not key.isascii():
            raise Fatal("the key holds a character that no key of a hub has: copy it again")
        self._away = away
        self._is_away = False
        self._client = client
        self._query = dict(query)
        self._compress = compress
        self._patience = patience
        self._headers = {"authorization": f"Bearer {key}", "content-type": LINES}
        if compress:
            self._headers["content-encoding"] = "gzip"

    async def publish(self, lines: Sequence[bytes]) -> DoorAnswer:
        """The verdicts on these lines, by place among them. Raises Fatal when the door refuses the request, or for too long."""
        try:
            async for attempt in stamina.retry_context(
                on=_pause, attempts=None, timeout=self._patience, wait_initial=0.2, wait_max=LONGEST_PAUSE
            ):
                with attempt:
                    response = await self._asked(lines)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as why:
            raise Fatal(f"the door cannot be asked: {why}") from why
        except (_Later, httpx.TransportError) as why:
            raise Fatal(f"no answer from the door within {self._patience:g} s: {why}") from why
        if response.status_code == 413:
            return await self._in_halves(lines, response)
        if not response.is_success:
            raise Fatal(f"the door refuses: {_problem(response)}")
        try:
            return DoorAnswer.model_validate_json(response.content, extra="ignore")
        except ValidationError as why:
            raise Fatal("what answers is no door of a hub: correct the address that --door or HUB_DOOR names") from why

    async def _asked(self, lines: Sequence[bytes]) -> httpx.Response:
        try:
            response = await self._post(lines)
        except (_Later, httpx.TransportError) as why:
            # A collector that is faster than its key allows is told so every few seconds: that is no news.
            busy = isinstance(why, _Later) and why.status == _BUSY
            if _pause(why) is not False and not busy and not self._is_away:
                self._is_away = True
                self._away(str(why))
            raise
        self._is_away = False
        return response

    async def _post(self, lines: Sequence[bytes]) -> httpx.Response:
        body = b"\n".join(lines)
        response = await self._client.post(
            EVENTS,
            params=self._query,
            headers=self._headers,
            content=gzip.compress(body, 1, mtime=0) if self._compress else body,
            timeout=ANSWER_SECONDS,
        )
        if response.status_code in _ASK_AGAIN:
            raise _Later(response.status_code, _seconds(response.headers.get("retry-after")))
        return response

    async def _in_halves(self, lines: Sequence[bytes], response: httpx.Response) -> DoorAnswer:
        """Too large in one: the halves one after the other, down to the one line that is too large by itself."""
        if len(lines) == 1:
            verdict = ItemVerdict(
                index=0, verdict=Verdict.REJECTED, reason=Reason.TOO_LARGE, detail=_problem(response), pointer=""
            )
            return DoorAnswer(accepted=0, duplicate=0, ignored=0, rejected=1, items=(verdict,))
        half = len(lines) // 2
        first, second = await self.publish(lines[:half]), await self.publish(lines[half:])
        later = (verdict.model_copy(update={"index": verdict.index + half}) for verdict in second.items)
        return DoorAnswer(
            accepted=first.accepted + second.accepted,
            duplicate=first.duplicate + second.duplicate,
            ignored=first.ignored + second.ignored,
            rejected=first.rejected + second.rejected,
            items=(*first.items, *later),
        )


def _pause(why: Exception) -> bool | float:
    """Ask again after the time that the door names, or after stamina's own when it names none or does not answer."""
    if isinstance(why, _Later):
        return True if why.after is None else why.after
    # What cannot be asked at all, by this address or with this key, cannot be asked later either.
    return isinstance(why, httpx.TransportError) and not isinstance(
        why, httpx.UnsupportedProtocol | httpx.LocalProtocolError
    )


def _seconds(header: str | None) -> float | None:
    if header is None or not header.isdecimal():
        return None
    return min(max(float(header), SHORTEST_PAUSE), LONGEST_PAUSE)


def _problem(response: httpx.Response) -> str:
    try:
        problem = Problem.model_validate_json(response.content, extra="ignore")
    except ValidationError:
        return f"HTTP {response.status_code}"
    return f"HTTP {response.status_code}, {problem.detail or problem.title}"
