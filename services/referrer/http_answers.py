"""Answers of the desk and ids from addresses come in; HTTP answers, or problem details, go out. Pure."""

from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from services.referrer.declined import Declined, Why
from services.runtime.problems import Refusal, refusal

STATUS = {Why.NOT_FOUND: 404, Why.NOT_ALLOWED: 403, Why.CONFLICT: 409, Why.INVALID: 422}
T = TypeVar("T")


def held(found: T | Declined) -> T:
    """The answer itself. Raises Refusal for one that is declined."""
    if isinstance(found, Declined):
        raise refusal(STATUS[found.why], found.code, found.detail, pointer=found.pointer, allowed=found.allowed)
    return found


def answered(model: BaseModel, status: int = 200) -> Response:
    """A model as JSON."""
    return as_json(model.model_dump_json(exclude_none=True), status)


def as_json(text: str, status: int = 200) -> Response:
    """JSON that nobody keeps."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(text, status, headers, "application/json")


def unauthorized() -> Refusal:
    """Nobody of this hub."""
    detail = "Send Authorization: Bearer and a token of this hub."
    return refusal(401, "unauthorized", detail, headers={"www-authenticate": 'Bearer realm="referral-hub"'})


def token_of(request: Request) -> str:
    """The token that a request carries. Raises Refusal without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized()
    return token.strip()


def id_of(request: Request, name: str) -> UUID:
    """The id in the path, `case_id` or `referral_id`. Raises Refusal for what is none."""
    try:
        return UUID(request.path_params[name])
    except ValueError as why:
        thing = {"case_id": "case", "referral_id": "request"}[name]
        raise refusal(404, f"unknown_{name.removesuffix('_id')}", f"No {thing} has this id.") from why
