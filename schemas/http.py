"""The one table of HTTP operations: OpenAPI is generated from it, and the services' routes are tested against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from schemas.base import HOST_NAME
from schemas.content import ContentReceived
from schemas.desk import (
    AmendmentAnswer,
    CaseFile,
    CasePage,
    CaseSummary,
    CorrectionAsked,
    DecisionAnswer,
    DecisionAsked,
    DeskWhoAmI,
    Draft,
    Drafts,
    HandOverAsked,
    OutcomeAnswer,
    ReferralFile,
    WithdrawalAsked,
)
from schemas.door import DoorAnswer, WhoAmI
from schemas.outcome import TakedownOutcome
from schemas.ranking import RankingBoard
from schemas.review import CaseState
from schemas.vocabulary import Band, Window


class Api(StrEnum):
    """Which service answers."""

    DOOR = "door"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what comes in, what goes out, and with which statuses it can go wrong (as problem details)."""

    api: Api
    method: str
    path: str
    name: str
    summary: str
    answers: Mapping[int, type[BaseModel]]
    errors: tuple[int, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    parameters: tuple[Mapping[str, Any], ...] = ()
    bodies: tuple[type[BaseModel], ...] = ()


def parameter(where: str, name: str, schema: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    """An OpenAPI parameter; those of the path are required, all others are not."""
    return {"in": where, "name": name, "schema": dict(schema), "description": text, "required": where == "path"}


FORMATS = ("hub", "bluesky-jetstream", "mastodon", "activitypub", "youtube", "reddit", "cloudevents")
EVENT = {"$ref": f"#/components/schemas/{ContentReceived.__name__}"}
DOOR: tuple[Operation, ...] = (
    Operation(
        Api.DOOR,
        "post",
        "/v1/events",
        "publishEvents",
        "Publish one content event, an array of them, or one per line. A 2xx answer means that every in-sync replica has "
        "every accepted item; 207 means that some items were rejected, each with its reason.",
        {202: DoorAnswer, 207: DoorAnswer},
        (400, 401, 403, 408, 413, 415, 422, 429, 503),
        {
            "application/json": {"oneOf": [EVENT, {"type": "array", "items": EVENT, "minItems": 1, "maxItems": 500}]},
            "application/x-ndjson": {"type": "string"},
        },
        (
            parameter(
                "query", "format", {"type": "string", "enum": list(FORMATS), "default": "hub"}, "Shape of the items."
            ),
            parameter(
                "query",
                "instance",
                {"type": "string", "pattern": HOST_NAME},
                "Server that the items were read from, for shapes that do not name it, as Mastodon's deletions.",
            ),
        ),
        (ContentReceived,),
    ),
    Operation(
        Api.DOOR,
        "get",
        "/v1/whoami",
        "whoAmI",
        "Which collector the key belongs to, and what it may do.",
        {200: WhoAmI},
        (401,),
    ),
)
REFERRAL_ID = parameter("path", "referral_id", {"type": "string", "format": "uuid"}, "Id of the request.")
CASE_ID = parameter("path", "case_id", {"type": "string", "format": "uuid"}, "Id of the case.")


def _json(model: type[BaseModel]) -> Mapping[str, Any]:
    return {"application/json": {"$ref": f"#/components/schemas/{model.__name__}"}}


def _case_change(
    path: str, name: str, summary: str, answer: Mapping[int, type[BaseModel]], asked: type[BaseModel] | None = None
) -> Operation:
    """A call that changes one case; two people at once give one result and one 409."""
    body_errors = (400, 408, 413, 415) if asked else ()
    return Operation(
        Api.DESK, "post", f"/v1/cases/{{case_id}}/{path}", name, summary, answer,
        tuple(sorted({401, 403, 404, 409, 422, 503, *body_errors})),
        _json(asked) if asked else {}, (CASE_ID,), (asked,) if asked else (),
    )  # fmt: skip


def _referral_call(
    path: str, name: str, summary: str, answer: Mapping[int, type[BaseModel]], asked: type[BaseModel]
) -> Operation:
    """A lead's call about one request that left; two at once give one result and one 409."""
    return Operation(
        Api.DESK, "post", f"/v1/referrals/{{referral_id}}/{path}", name, summary, answer,
        (400, 401, 403, 404, 408, 409, 413, 415, 422, 503), _json(asked), (REFERRAL_ID,), (asked,),
    )  # fmt: skip


DESK: tuple[Operation, ...] = (
    Operation(
        Api.DESK, "get", "/v1/whoami", "whoAmI", "Whose token it is, and what it may do.",
        {200: DeskWhoAmI}, (401, 503),
    ),
    Operation(
        Api.DESK, "get", "/v1/cases", "listCases",
        "Cases in order of band, risk and age, most urgent first; by default those that wait for a person.",
        {200: CasePage}, (400, 401, 403, 503), {},
        (
            parameter(
                "query", "state", {"type": "array", "items": {"type": "string", "enum": [s.value for s in CaseState]}},
                "Only cases in these states; repeat it. Default: open and leased.",
            ),
            parameter(
                "query", "band", {"type": "array", "items": {"type": "string", "enum": [b.value for b in Band]}},
                "Only cases in these bands; repeat it.",
            ),
            parameter("query", "platform", {"type": "string"}, "Only cases of this platform."),
            parameter(
                "query", "limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "Cases on a page."
            ),
            parameter("query", "after", {"type": "string"}, "`next` of the page before."),
        ),
    ),
    Operation(
        Api.DESK, "get", "/v1/boards/{window}", "viewBoard",
        "The riskiest content of the last hour or day that waits or was approved, most risky first; the same as on the topic.",
        {200: RankingBoard}, (400, 401, 403, 404, 503), {},
        (
            parameter("path", "window", {"type": "string", "enum": [w.value for w in Window]}, "How far back."),
            parameter(
                "query", "scope", {"type": "string", "pattern": "^[a-z0-9][a-z0-9_.-]{0,62}$", "default": "all"},
                "A platform, or all.",
            ),
        ),
    ),
    Operation(
        Api.DESK, "get", "/v1/cases/{case_id}", "viewCase",
        "Everything about one case, with the notices as they would leave. To look at it is recorded.",
        {200: CaseFile}, (401, 403, 404, 503), {}, (CASE_ID,),
    ),
    _case_change(
        "lease", "leaseCase", "Take a case: only its holder can decide it until the lease ends.", {200: CaseSummary}
    ),
    _case_change("release", "releaseCase", "Give a lease back; a lead may end another's.", {200: CaseSummary}),
    _case_change(
        "hand-over", "handOverCase", "Pass a lease to another person.", {200: CaseSummary}, HandOverAsked
    ),
    _case_change(
        "decisions", "decideCase",
        "Decide a case that one holds. An approval makes one takedown request per address, in the same transaction.",
        {201: DecisionAnswer}, DecisionAsked,
    ),
    _case_change(
        "drafts", "draftNotices",
        "The notices as they would leave under this decision. Nothing is stored; to look is recorded.",
        {200: Drafts}, DecisionAsked,
    ),
    Operation(
        Api.DESK, "get", "/v1/referrals/{referral_id}", "viewReferral",
        "One request as it left, and the records of its chain. To look at it is recorded.",
        {200: ReferralFile}, (401, 403, 404, 503), {}, (REFERRAL_ID,),
    ),
    _referral_call(
        "withdrawals", "withdrawReferral",
        "Take a request back: a record under the same root leaves that asks for nothing.",
        {201: AmendmentAnswer}, WithdrawalAsked,
    ),
    _referral_call(
        "corrections", "correctReferral", "Put a corrected notice in the place of a request, under the same root.",
        {201: AmendmentAnswer}, CorrectionAsked,
    ),
    _referral_call(
        "drafts", "draftCorrection", "The corrected notice as it would leave. Nothing is stored.",
        {200: Draft}, CorrectionAsked,
    ),
    Operation(
        Api.DESK, "post", "/v1/outcomes", "reportOutcome",
        "What became of a request, with a platform connector's token; a repeat of the same outcome_id changes nothing.",
        {200: OutcomeAnswer, 201: OutcomeAnswer}, (400, 401, 403, 404, 408, 409, 413, 415, 422, 503),
        _json(TakedownOutcome), (), (TakedownOutcome,),
    ),
)  # fmt: skip
OPERATIONS: tuple[Operation, ...] = (*DOOR, *DESK)
