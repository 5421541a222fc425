"""A refusal comes in, an HTTP answer with problem details (RFC 9457) goes out; it never quotes what was sent."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.problem import Problem
from schemas.reasons import Reason
from services.runtime.errors import Rejected

STATUS: Mapping[Reason, int] = {
    Reason.EMPTY_VALUE: 400,
    Reason.NOT_UTF8: 400,
    Reason.NOT_JSON: 400,
    Reason.TOO_LARGE: 413,
    Reason.PLATFORM_NOT_ALLOWED: 403,
    Reason.UNKNOWN_FORMAT: 400,
}
UNPROCESSABLE = 422


class Refusal(Exception):
    """A request that the door does not serve."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.title)
        self.problem = problem
        self.headers = dict(headers or {})


def refusal(
    status: int, code: str, detail: str = "", *, pointer: str | None = None, allowed: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Refusal:  # fmt: skip
    """A refusal with the usual title of its status."""
    problem = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, pointer=pointer, allowed=allowed
    )
    return Refusal(problem, headers)


def of_reason(why: Rejected) -> Refusal:
    """The refusal of a whole request for a reason of the closed list."""
    return refusal(STATUS.get(why.reason, UNPROCESSABLE), why.reason.value, why.detail, pointer=why.pointer or None)


async def answer(_request: Request, why: Exception) -> Response:
    """Problem details of any error the door knows; what it does not know says nothing of its inside."""
    if isinstance(why, Refusal):
        return _response(why.problem, why.headers)
    if isinstance(why, HTTPException):
        known = HTTPStatus(why.status_code)
        problem = Problem(title=known.phrase, status=why.status_code, code=known.name.lower())
        return _response(problem, why.headers)
    return _response(Problem(title="Internal Server Error", status=500, code="internal_server_error"))


def _response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        problem.model_dump_json(exclude_none=True, exclude_defaults=False),
        problem.status,
        {**(headers or {}), "cache-control": "no-store"},
        "application/problem+json",
    )
