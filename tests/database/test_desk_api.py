"""The desk over HTTP: who may ask for what, what a body may be, and what is said of what goes wrong."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
import structlog

from schemas.http import DESK
from schemas.problem import Problem
from schemas.review import CaseState
from schemas.topics import TAKEDOWN_REQUESTED
from services.referrer.adapters.database import SqlDatabase
from services.referrer.api import DeskApi
from services.referrer.books import Books
from services.referrer.records import Case
from services.referrer.roles import Role
from services.referrer.settings import ReferrerSettings
from services.runtime.errors import Retryable
from tests.builders import normalised, ranked
from tests.desk import ADesk, an_outcome, asked

NOBODY = UUID("00000000-0000-4000-8000-000000000000")


@dataclass
class Client:
    """One caller: a person of some role, a platform's connector, or nobody."""

    http: httpx.AsyncClient
    token: str | None

    async def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.http.request(method, path, headers=headers | arguments.pop("headers", {}), **arguments)


class Served:
    """The whole interface over one database, without a socket."""

    def __init__(self, desk: ADesk, **settings: Any) -> None:
        self.desk = desk
        self.wrote = 0
        self.api = DeskApi(
            ReferrerSettings(**settings), desk.desk, desk.deciding, desk.amending, desk.following, desk.boards,
            structlog.get_logger(), self._wrote,
        )  # fmt: skip
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.api.app(), raise_app_exceptions=False), base_url="http://desk"
        )

    def _wrote(self) -> None:
        self.wrote += 1

    def as_(self, role: Role | None, name: str | None = None) -> Client:
        token = self.desk.tokened(name or f"{role.value}-1", role)[0] if role else None
        return Client(self.http, token)

    def as_connector(self, platform: str = "bluesky") -> Client:
        return Client(self.http, self.desk.connector(platform)[0])


@pytest.fixture
async def served(sqlite_url: str) -> AsyncIterator[Served]:
    database = SqlDatabase(sqlite_url)
    found = Served(ADesk(database))
    yield found
    await found.http.aclose()
    database.close()


def problem(answer: httpx.Response) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    return Problem.model_validate_json(answer.content)


def path_of(operation_path: str, case: Case) -> str:
    path = operation_path.replace("{case_id}", str(case.case_id)).replace("{window}", "24h")
    return path.replace("{referral_id}", str(NOBODY))


async def test_a_shift_from_queue_to_outcome(served: Served) -> None:
    served.desk.take(ranked(normalised("gonna get you")))
    reviewer = served.as_(Role.REVIEWER)
    (case,) = (await reviewer.call("GET", "/v1/cases")).json()["cases"]
    address = f"/v1/cases/{case['case_id']}"
    file = (await reviewer.call("GET", address)).json()
    assert file["content"]["content"]["texts"][0]["original"] == "gonna get you"
    assert file["drafts"][0]["request"]["locator"]["url"] == file["locations"][0]["url"]
    assert (await reviewer.call("POST", f"{address}/lease")).json()["state"] == "leased"
    body = {
        "decision": "approve",
        "reason_code": "threat_of_violence",
        "content_version": case["content_version"],
        "good_faith": True,
    }
    decided = await reviewer.call("POST", f"{address}/decisions", json=body)
    assert (decided.status_code, decided.json()["case"]["state"]) == (201, "approved")
    referral = decided.json()["referrals"][0]
    outcome = {
        "outcome_id": "o-1",
        "referral_id": referral["referral_id"],
        "root_referral_id": referral["root_referral_id"],
        "platform": "bluesky",
        "status": "completed",
        "outcome": "removed",
        "reported_at": "2026-06-01T12:00:00Z",
    }
    connector = served.as_connector()
    answers = [await connector.call("POST", "/v1/outcomes", json=outcome) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 200]
    assert [a.json()["status"] for a in answers] == ["actioned"] * 2
    assert (await reviewer.call("GET", address)).json()["referrals"][0]["status"] == "actioned"


async def test_who_a_token_belongs_to(served: Served) -> None:
    person = (await served.as_(Role.LEAD).call("GET", "/v1/whoami")).json()
    connector = (await served.as_connector("reddit").call("GET", "/v1/whoami")).json()
    assert (person["name"], person["role"], "withdraw" in person["actions"]) == ("lead-1", "lead", True)
    assert (connector["role"], connector["platform"]) == ("connector", "reddit")


# Which roles each route lets in; everybody else is told which do.
MATRIX: dict[tuple[str, str], set[Role]] = {
    ("get", "/v1/cases"): {Role.REVIEWER, Role.LEAD, Role.AUDITOR},
    ("get", "/v1/cases/{case_id}"): {Role.REVIEWER, Role.LEAD, Role.AUDITOR},
    ("get", "/v1/boards/{window}"): {Role.REVIEWER, Role.LEAD, Role.AUDITOR},
    ("post", "/v1/cases/{case_id}/lease"): {Role.REVIEWER, Role.LEAD},
    ("post", "/v1/cases/{case_id}/release"): {Role.REVIEWER, Role.LEAD},
    ("post", "/v1/cases/{case_id}/hand-over"): {Role.REVIEWER, Role.LEAD},
    ("post", "/v1/cases/{case_id}/decisions"): {Role.REVIEWER, Role.LEAD},
    ("post", "/v1/cases/{case_id}/drafts"): {Role.REVIEWER, Role.LEAD},
    ("get", "/v1/referrals/{referral_id}"): {Role.REVIEWER, Role.LEAD, Role.AUDITOR},
    ("post", "/v1/referrals/{referral_id}/withdrawals"): {Role.LEAD},
    ("post", "/v1/referrals/{referral_id}/corrections"): {Role.LEAD},
    ("post", "/v1/referrals/{referral_id}/drafts"): {Role.LEAD},
    ("post", "/v1/outcomes"): set(),
    ("get", "/v1/whoami"): set(Role),
}


def test_the_matrix_names_every_route() -> None:
    assert set(MATRIX) == {(operation.method, operation.path) for operation in DESK}


def body_of(route: str, case: Case) -> Any:
    if route.endswith("/hand-over"):
        return {"to": "reviewer-1"}
    if "/referrals/" in route:
        code = "issued_in_error" if route.endswith("/withdrawals") else "threat_of_violence"
        return {"reason_code": code} | ({"good_faith": True} if route.endswith("/corrections") else {})
    return asked(case).model_dump(mode="json") if route.endswith(("/decisions", "/drafts")) else None


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("method", "route"), sorted(MATRIX))
async def test_a_role_gets_what_it_is_there_for_and_nothing_else(
    served: Served, method: str, route: str, role: Role
) -> None:
    case = served.desk.case()
    sent = str(served.desk.approved(case).referral_id) if "{referral_id}" in route else ""
    caller = served.as_(role)
    path = path_of(route, case).replace(str(NOBODY), sent)
    answer = await caller.call(method.upper(), path, json=body_of(route, case))
    if route == "/v1/outcomes":
        assert answer.status_code == 401
    elif role in MATRIX[method, route]:
        assert answer.status_code in (200, 201, 409, 422)
    else:
        assert (answer.status_code, problem(answer).code) == (403, "role")
        assert set(problem(answer).allowed) == {each.value for each in MATRIX[method, route]}


@pytest.mark.parametrize("token", [None, "x", "desk_0_x", "plat_x_y", "desk__", "désk_ü_ß", "desk_" + "a" * 500 + "_b"])
@pytest.mark.parametrize(("method", "route"), sorted(MATRIX))
async def test_nothing_is_said_without_a_token_of_this_hub(
    served: Served, method: str, route: str, token: str | None
) -> None:
    case = served.desk.case()
    headers = {b"authorization": f"Bearer {token}".encode()} if token else {}
    answer = await served.http.request(method, path_of(route, case), headers=headers)
    assert (answer.status_code, problem(answer).code) == (401, "unauthorized")
    assert served.desk.ledger() == []


async def test_a_revoked_token_is_none(served: Served) -> None:
    caller = served.as_(Role.REVIEWER)
    now = served.desk.clock.now()

    def revoke(books: Books) -> None:
        for person in books.people.everybody():
            books.people.put(type(person)(**{n: getattr(person, n) for n in person.__slots__} | {"revoked_at": now}))

    served.desk.database.write(revoke)
    assert (await caller.call("GET", "/v1/cases")).status_code == 401


async def test_a_connector_sees_no_case(served: Served) -> None:
    case = served.desk.case()
    connector = served.as_connector()
    for path in ("/v1/cases", f"/v1/cases/{case.case_id}"):
        assert (await connector.call("GET", path)).status_code == 401


async def test_a_forged_outcome_of_another_platform_changes_nothing(served: Served) -> None:
    referral = served.desk.approved()
    body = an_outcome(referral).model_dump(mode="json", exclude_none=True)
    answer = await served.as_connector("reddit").call("POST", "/v1/outcomes", json=body)
    assert (answer.status_code, problem(answer).code) == (403, "platform_not_allowed")


async def test_unknown_and_impossible_outcomes_are_told_apart(served: Served) -> None:
    referral = served.desk.approved()
    body = an_outcome(referral).model_dump(mode="json", exclude_none=True)
    connector = served.as_connector()
    unknown = await connector.call("POST", "/v1/outcomes", json=body | {"referral_id": str(NOBODY)})
    impossible = await connector.call(
        "POST", "/v1/outcomes", json=body | {"status": "withdrawn", "outcome": None, "outcome_id": "o-2"}
    )
    assert (unknown.status_code, problem(unknown).code) == (404, "unknown_referral")
    assert (impossible.status_code, problem(impossible).code) == (409, "impossible_move")


async def test_two_people_who_decide_at_once_get_one_result_and_one_clear_refusal(served: Served) -> None:
    case = served.desk.case()
    one, other = served.as_(Role.REVIEWER, "r-1"), served.as_(Role.REVIEWER, "r-2")
    address, body = f"/v1/cases/{case.case_id}", asked(case).model_dump(mode="json")
    await one.call("POST", f"{address}/lease")
    first = await one.call("POST", f"{address}/decisions", json=body)
    second = await other.call("POST", f"{address}/decisions", json=body)
    assert (first.status_code, second.status_code) == (201, 409)
    assert first.json()["decision_id"] in problem(second).detail
    assert len(served.desk.outbox(TAKEDOWN_REQUESTED.name)) == 1


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "empty_value"),
        (b"{", 400, "not_json"),
        (b"\xff\xfe", 400, "not_utf8"),
        (b'{"decision": 1e999}', 422, "number_out_of_range"),
        (b"[" * 2_000, 422, "too_deep"),
        (b"[" * 30 + b"]" * 30, 422, "too_deep"),
        (b'{"decision": "approve"}', 422, "schema_violation"),
        (b'{"decision": "delete_everything"}', 422, "schema_violation"),
        (b"[]", 422, "schema_violation"),
        (b'"' + b"a" * 300_000 + b'"', 413, "too_large"),
    ],
)
async def test_a_body_that_is_none_is_refused_with_its_reason(
    served: Served, raw: bytes, status: int, code: str
) -> None:
    case = served.desk.case()
    caller = served.as_(Role.REVIEWER)
    answer = await caller.call(
        "POST", f"/v1/cases/{case.case_id}/decisions", content=raw, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, problem(answer).code) == (status, code)
    assert b"aaa" not in answer.content


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "text/plain"}, {}, {"content-type": "application/json", "content-encoding": "gzip"}],
)
async def test_only_plain_json_is_read(served: Served, headers: dict[str, str]) -> None:
    case = served.desk.case()
    caller = served.as_(Role.REVIEWER)
    path = f"/v1/cases/{case.case_id}/decisions"
    assert (await caller.call("POST", path, content=b"{}", headers=headers)).status_code == 415


@pytest.mark.parametrize("case_id", ["x", "0", "..%2f..", "%00", str(NOBODY)])
async def test_a_case_that_is_none_is_not_found(served: Served, case_id: str) -> None:
    answer = await served.as_(Role.REVIEWER).call("GET", f"/v1/cases/{case_id}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=²",
        "state=gone",
        "band=P9",
        "after=x",
        "after=WyJQMSJd",
        "after=",
        # PostgreSQL keeps no NUL in a text, and would be asked for one.
        "platform=%00",
        "platform=no such name",
    ],
)
async def test_a_question_that_is_none_is_refused(served: Served, query: str) -> None:
    answer = await served.as_(Role.REVIEWER).call("GET", f"/v1/cases?{query}")
    assert answer.status_code == 400


async def test_pages_over_http(served: Served) -> None:
    served.desk.take(*[ranked(normalised(content_id=f"p-{n}"), risk=n / 10) for n in range(5)])
    caller = served.as_(Role.REVIEWER)
    first = (await caller.call("GET", "/v1/cases?limit=3")).json()
    second = (await caller.call("GET", "/v1/cases", params={"limit": 3, "after": first["next"]})).json()
    assert [case["risk"] for case in first["cases"] + second["cases"]] == [0.4, 0.3, 0.2, 0.1, 0.0]
    assert "next" not in second


async def test_cases_of_a_state(served: Served) -> None:
    case = served.desk.case()
    served.desk.approved(case)
    caller = served.as_(Role.AUDITOR)
    found = (await caller.call("GET", f"/v1/cases?state={CaseState.APPROVED.value}&state=refused")).json()
    assert [each["case_id"] for each in found["cases"]] == [str(case.case_id)]


async def test_a_database_that_does_not_answer_is_said_and_nothing_was_changed(served: Served) -> None:
    caller = served.as_(Role.REVIEWER)

    class Away:
        def read(self, _work: object) -> None:
            raise Retryable("the database does not answer: disk full")

        write = read

    served.api.desk._database = Away()  # type: ignore[assignment]
    answer = await caller.call("GET", "/v1/cases")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "disk" not in problem(answer).detail


async def test_more_requests_than_the_desk_can_hold_are_asked_to_come_again(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    served = Served(ADesk(database))
    caller = served.as_(Role.REVIEWER)
    served.api.accepting = False
    answer = await caller.call("GET", "/v1/cases")
    assert (answer.status_code, problem(answer).code) == (503, "busy")
    await served.http.aclose()
    database.close()


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/v1/cases", 405)])
async def test_what_is_not_there_is_said_as_a_problem(served: Served, method: str, path: str, status: int) -> None:
    answer = await served.http.request(method, path)
    assert (answer.status_code, problem(answer).status) == (status, status)


async def test_every_route_of_the_description_is_served(served: Served) -> None:
    described = orjson.loads((await served.http.get("/openapi.json")).content)
    routes = {(m.lower(), r.path) for r in served.api.app().routes for m in getattr(r, "methods", ()) if m != "HEAD"}  # type: ignore[attr-defined]
    assert {(m, path) for path, ms in described["paths"].items() for m in ms} == routes - {("get", "/openapi.json")}


async def test_a_lead_corrects_and_withdraws_over_http(served: Served) -> None:
    sent = served.desk.approved()
    lead, address = served.as_(Role.LEAD), f"/v1/referrals/{sent.referral_id}"
    asked = {"reason_code": "threat_of_violence", "notice": {"facts": "Seen at the bridge."}}
    draft = (await lead.call("POST", f"{address}/drafts", json=asked)).json()
    assert (draft["request"]["facts"], draft["request"]["kind"]) == ("Seen at the bridge.", "correction")
    made = await lead.call("POST", f"{address}/corrections", json=asked | {"good_faith": True})
    assert (made.status_code, made.json()["earlier"]["status"]) == (201, "corrected")
    corrected = made.json()["record"]["referral_id"]
    back = await lead.call("POST", f"/v1/referrals/{corrected}/withdrawals", json={"reason_code": "issued_in_error"})
    assert (back.status_code, back.json()["record"]["kind"]) == (201, "withdrawal")
    seen = (await lead.call("GET", f"/v1/referrals/{corrected}")).json()
    assert [each["status"] for each in seen["chain"] if each["referral_id"] == corrected] == ["withdrawn"]
    assert (len(seen["chain"]), seen["may"]) == (3, [])
    assert served.wrote == 2


async def test_the_notice_is_previewed_over_http_and_nothing_is_stored(served: Served) -> None:
    case = served.desk.case()
    reviewer = served.as_(Role.REVIEWER)
    notice = {"profile": "dsa_art16", "grounds": ["poa1986_s4"]}
    body = asked(case).model_dump(mode="json") | {"notice": notice}
    (draft,) = (await reviewer.call("POST", f"/v1/cases/{case.case_id}/drafts", json=body)).json()["drafts"]
    assert [basis["provision"] for basis in draft["request"]["legal_basis"]] == ["s.4"]
    body["notice"] = notice | {"grounds": ["no_such_ground"]}
    (draft,) = (await reviewer.call("POST", f"/v1/cases/{case.case_id}/drafts", json=body)).json()["drafts"]
    assert "'no_such_ground' is no ground" in draft["faults"][0]["rule"]
    assert served.desk.outbox(TAKEDOWN_REQUESTED.name) == []


NUL = "a\x00b"


@pytest.mark.parametrize(
    "changes",
    [{"note": NUL}, {"notice": {"reasons": NUL}}, {"notice": {"facts": NUL}}, {"notice": {"necessity_note": NUL}},
     {"notice": {"grounds": [NUL]}}],
)  # fmt: skip
async def test_what_no_database_keeps_is_refused_as_such(served: Served, changes: dict[str, Any]) -> None:
    case = served.desk.case()
    reviewer = served.as_(Role.REVIEWER)
    await reviewer.call("POST", f"/v1/cases/{case.case_id}/lease")
    body = asked(case).model_dump(mode="json") | changes
    answer = await reviewer.call("POST", f"/v1/cases/{case.case_id}/decisions", json=body)
    assert (answer.status_code, problem(answer).code in {"schema_violation", "notice_unfit"}) == (422, True)
    for route, of in (("withdrawals", "reasons"), ("corrections", "note")):
        lead = served.as_(Role.LEAD)
        asks = {"reason_code": "issued_in_error", of: NUL}
        assert (await lead.call("POST", f"/v1/referrals/{NOBODY}/{route}", json=asks)).status_code == 422
