"""The console against those who would misuse it: roles, forged forms, planted sessions, stored scripts, floods, what leaks."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from selectolax.lexbor import LexborHTMLParser
from starlette.routing import Route

from schemas.content import Media
from schemas.review import CaseState
from schemas.vocabulary import MediaType, TextRole
from services.referrer.console.site import HEADERS
from services.referrer.records import Case
from services.referrer.roles import Role
from services.referrer.sessions import FREE_FAILURES, form_token, new_value
from services.referrer.settings import ReferrerSettings
from services.runtime.errors import Retryable
from tests.builders import a_text, normalised, ranked
from tests.consoles import PASSWORD, AConsole

pytest_plugins = ["tests.database.console_fixture"]

SEES = {Role.REVIEWER, Role.LEAD, Role.AUDITOR}
DECIDES = {Role.REVIEWER, Role.LEAD}
# Who each route serves; everybody else who is signed in is refused, whatever the page shows them.
MATRIX: dict[tuple[str, str], set[Role]] = {
    ("GET", "/"): set(Role),
    ("GET", "/queue"): SEES,
    ("POST", "/queue/next"): DECIDES,
    ("GET", "/cases/{case_id}"): SEES,
    ("POST", "/cases/{case_id}/lease"): DECIDES,
    ("POST", "/cases/{case_id}/release"): DECIDES,
    ("POST", "/cases/{case_id}/hand-over"): DECIDES,
    ("POST", "/cases/{case_id}/decide"): DECIDES,
    ("POST", "/cases/{case_id}/preview"): DECIDES,
    ("GET", "/referrals/{referral_id}"): SEES,
    ("GET", "/referrals/{referral_id}/notice.html"): SEES,
    ("GET", "/referrals/{referral_id}/notice.pdf"): SEES,
    ("GET", "/referrals/{referral_id}/xarf.json"): SEES,
    ("GET", "/referrals/{referral_id}/statement.json"): SEES,
    ("POST", "/referrals/{referral_id}/withdraw"): {Role.LEAD},
    ("POST", "/referrals/{referral_id}/correct"): {Role.LEAD},
    ("POST", "/referrals/{referral_id}/preview"): {Role.LEAD},
    ("GET", "/boards"): SEES,
    ("GET", "/team"): {Role.LEAD, Role.AUDITOR},
    ("GET", "/platforms"): set(Role),
    ("GET", "/audit"): {Role.AUDITOR},
    ("POST", "/sign-out"): set(Role),
}
OPEN_TO_ALL = {("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/static/{name}")}
FORMS = sorted(path for method, path in MATRIX if method == "POST")
NOBODY = UUID("00000000-0000-4000-8000-000000000000")
SCRIPT = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7*7}}"""


def fields(case: Case) -> dict[str, str]:
    """Everything that any of the forms asks for."""
    return {
        "decision": "refuse", "reason_code": "news", "content_version": case.content_version, "to": "reviewer-1",
    }  # fmt: skip


CORRECTION = {"reason_code": "threat_of_violence", "good_faith": "yes"}


def at(path: str, case: Case, referral_id: UUID = NOBODY) -> str:
    return path.replace("{case_id}", str(case.case_id)).replace("{referral_id}", str(referral_id))


def test_the_matrix_names_every_route(console: AConsole) -> None:
    routes = [route for route in console.console.routes() if isinstance(route, Route)]
    served = {(method, route.path) for route in routes for method in (route.methods or set()) - {"HEAD"}}
    assert served == set(MATRIX) | OPEN_TO_ALL


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
async def test_a_role_gets_what_it_is_there_for_and_nothing_else(
    console: AConsole, method: str, path: str, role: Role
) -> None:
    case, referral_id = console.desk.case(), NOBODY
    if "{referral_id}" in path:
        referral_id = console.desk.approved(case).referral_id
        case = console.desk.now(case.case_id)
    browser = await console.signed_in(role)
    sent = fields(case) | (CORRECTION if path.endswith(("/correct", "}/preview")) and referral_id != NOBODY else {})
    where = at(path, case, referral_id)
    answer = await browser.get(where) if method == "GET" else await browser.post(where, sent)
    if role in MATRIX[method, path]:
        assert answer.status_code in (200, 303, 409, 422)
    else:
        assert answer.status_code == 403
        assert console.desk.now(case.case_id) == case


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
async def test_without_a_session_nothing_is_said(console: AConsole, method: str, path: str) -> None:
    case = console.desk.case()
    browser = console.browser(cookies={"hub_session": new_value()})
    answer = await browser.get(at(path, case)) if method == "GET" else await browser.post(at(path, case), fields(case))
    if method == "GET":
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")
    else:
        assert answer.status_code == 401
    assert console.desk.ledger() == []


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
async def test_a_form_from_elsewhere_changes_nothing(console: AConsole, path: str, token: str | None) -> None:
    case = console.desk.case()
    browser = await console.signed_in(Role.REVIEWER)
    before = console.desk.ledger()
    answer = await browser.http.post(
        at(path, case), data={**fields(case), **({"form_token": token} if token is not None else {})}
    )
    assert answer.status_code == 403
    assert "nothing was changed" in answer.text
    assert console.desk.now(case.case_id) == case
    assert console.desk.ledger() == before
    assert (await browser.get("/queue")).status_code == 200


async def test_the_form_of_one_session_is_none_of_another(console: AConsole) -> None:
    case = console.desk.case()
    ada, cleo = [await console.signed_in(Role.REVIEWER, name) for name in ("ada", "cleo")]
    assert (await ada.post(f"/cases/{case.case_id}/lease", token=cleo.token)).status_code == 403
    assert console.desk.now(case.case_id).state is CaseState.OPEN


async def test_a_form_is_only_read_by_post_as_a_browser_sends_it(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    address = f"/cases/{case.case_id}/lease"
    got = await ada.http.get(address, params={"form_token": ada.token})
    assert (got.status_code, got.headers["allow"]) == (405, "POST")
    assert (await ada.http.post(address, json={"form_token": ada.token})).status_code == 415
    assert (await ada.http.post(address, files={"form_token": ada.token.encode()})).status_code == 415
    assert console.desk.now(case.case_id).state is CaseState.OPEN


async def test_a_planted_session_is_worth_nothing_after_the_sign_in(console: AConsole) -> None:
    console.hire("ada")
    planted = new_value()
    browser = console.browser(cookies={"hub_session": planted, "hub_session_before": planted})
    answer = await browser.sign_in("ada")
    given = {cookie.name: cookie.value for cookie in answer.cookies.jar}
    assert given["hub_session"] != planted
    attacker = console.browser(cookies={"hub_session": planted})
    assert (await attacker.get("/queue")).status_code == 303


async def test_a_second_sign_in_changes_the_session(console: AConsole) -> None:
    ada = await console.signed_in(Role.REVIEWER, "ada")
    first = ada.http.cookies["hub_session"]
    await ada.sign_in("ada")
    assert ada.http.cookies["hub_session"] != first


async def test_the_sign_in_form_has_to_come_from_its_own_page(console: AConsole) -> None:
    console.hire("ada")
    data = {"name": "ada", "password": PASSWORD, "form_token": form_token("")}
    for cookies in ({}, {"hub_session_before": "x"}, {"hub_session_before": ""}):
        answer = await console.browser(cookies=cookies).http.post("/sign-in", data=data)
        assert answer.status_code == 403
        assert "hub_session" not in answer.cookies


@pytest.mark.parametrize("secure", [False, True])
async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(console: AConsole, secure: bool) -> None:
    other = AConsole(console.desk, ReferrerSettings(secure_cookie=secure))
    other.hire("ada")
    browser = other.browser()
    browser.http.base_url = httpx.URL("https://desk" if secure else "http://desk")
    answer = await browser.sign_in("ada")
    named = "__Host-hub_session" if secure else "hub_session"
    (cookie,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{named}=")]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert ("secure" in parts) is secure
    assert not any(part.startswith("domain") for part in parts)


async def test_signing_out_ends_the_session_itself(console: AConsole) -> None:
    ada = await console.signed_in(Role.REVIEWER, "ada")
    value = ada.http.cookies["hub_session"]
    answer = await ada.post("/sign-out")
    assert answer.headers["location"] == "/sign-in?done=signed_out"
    kept = console.browser(cookies={"hub_session": value})
    assert (await kept.get("/queue")).headers["location"].startswith("/sign-in")


async def test_guessing_is_slowed_down(console: AConsole) -> None:
    console.hire("ada")
    browser = console.browser()
    answers = [(await browser.sign_in("ada", f"guess number {n}")).status_code for n in range(FREE_FAILURES + 2)]
    assert answers == [403] * FREE_FAILURES + [429] * 2
    right = await browser.sign_in("ada")
    assert (right.status_code, "Too many failed sign-ins" in right.text) == (429, True)


async def test_the_answer_does_not_tell_who_works_here(console: AConsole) -> None:
    console.hire("ada")
    pages = []
    for name in ("ada", "nobody"):
        answer = await console.browser().sign_in(name, "wrong password")
        pages.append(re.sub(r'value="[0-9a-f]{64}"', "", answer.text))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_a_sign_in_sends_nobody_elsewhere(console: AConsole, to: str) -> None:
    console.hire("ada")
    browser = console.browser()
    page = await browser.http.get("/sign-in", params={"to": to})
    assert "evil.example" not in page.text and "javascript:" not in page.text
    await browser.get("/sign-in")
    answer = await browser.post("/sign-in", {"name": "ada", "password": PASSWORD, "to": to})
    assert answer.headers["location"] == "/"


async def test_a_sign_in_leads_to_the_page_that_was_asked_for(console: AConsole) -> None:
    console.hire("ada")
    browser = console.browser()
    asked = await browser.http.get("/queue?band=P1")
    page = await browser.get(asked.headers["location"])
    to = LexborHTMLParser(page.text).css_first('input[name="to"]')
    assert to is not None
    answer = await browser.post("/sign-in", {"name": "ada", "password": PASSWORD, "to": to.attributes["value"]})
    assert answer.headers["location"] == "/queue?band=P1"


def poisoned() -> Any:
    """Content in which every field that a poster controls holds a script."""
    texts = [a_text(SCRIPT, role) for role in TextRole]
    media = Media(
        type=MediaType.IMAGE, url="https://cdn.example/%22%3E" + '"><script>alert(1)</script>.jpg', tlsh="T1'\"><b>"
    )
    content = normalised(
        SCRIPT,
        texts=tuple(texts),
        url='https://x.example/"><script>alert(1)</script>?a=javascript:alert(1)',
        media=(media,),
        content_id="p-\"'><svg onload=alert(1)>",
        place=SCRIPT,
        tags=(SCRIPT, "\u202egnp.exe"),
    )
    return ranked(content, reasons=(f"It says {SCRIPT}.",))


async def test_a_script_in_any_field_that_a_poster_controls_stays_text(console: AConsole) -> None:
    case = console.desk.case(poisoned())
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    found = httpx.QueryParams({"q": SCRIPT, "platform": SCRIPT})
    for path in (
        f"/cases/{case.case_id}?show=1",
        "/queue",
        f"/queue?{found}",
        "/platforms",
        "/boards?show=1",
        f"/boards?{httpx.QueryParams({'scope': SCRIPT})}",
    ):
        answer = await ada.get(path)
        assert answer.status_code == 200
        harmless(answer.text)
    page = await ada.get(f"/cases/{case.case_id}?show=1")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "{{7*7}}" in page.text
    assert "[U+202E]gnp.exe" in page.text


async def test_a_script_in_what_a_colleague_wrote_stays_text(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    wrong = await ada.post(
        f"/cases/{case.case_id}/decide", {**fields(case), "decision": "approve", "note": SCRIPT, "reasons": SCRIPT}
    )
    harmless(wrong.text)
    await ada.post(f"/cases/{case.case_id}/decide", {**fields(case), "note": SCRIPT})
    harmless((await ada.get(f"/cases/{case.case_id}")).text)


def harmless(html: str) -> None:
    """Nothing of the page runs, loads or leads elsewhere but what the console itself put there."""
    tree = LexborHTMLParser(html)
    assert [(script.attributes.get("src") or "").partition("?")[0] for script in tree.css("script")] == [
        "/static/console.js"
    ]
    assert [s for s in tree.css("script") if s.text().strip()] == []
    assert tree.css("img, iframe, object, embed, video, audio, style, base, template, math, foreignobject") == []
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on") and name != "style", (node.tag, name)
            if name in ("href", "src", "action", "formaction"):
                assert re.match(r"/(?!/)|#|https?://", value or ""), (node.tag, name, value)
    assert {link.attributes.get("rel", "") for link in tree.css('a[href^="http"]')} <= {
        "noreferrer noopener nofollow external"
    }


async def test_control_characters_are_shown_and_not_obeyed(console: AConsole) -> None:
    case = console.desk.case(ranked(normalised("pay\u202eecaf\u202c\u0007 now\u200b")))
    ada = await console.signed_in(Role.REVIEWER, "ada")
    page = (await ada.get(f"/cases/{case.case_id}?show=1")).text
    text = LexborHTMLParser(page).css_first("blockquote.text")
    assert text is not None
    assert [node.text() for node in text.css(".hidden-char")] == ["U+202E", "U+202C", "U+0007", "U+200B"]
    assert not any(character in page for character in "\u202e\u202c\u0007\u200b")


async def test_a_form_that_is_too_large_is_not_read(console: AConsole) -> None:
    small = AConsole(console.desk, ReferrerSettings(max_body_bytes=4_096))
    case = small.desk.case()
    ada = await small.signed_in(Role.REVIEWER, "ada")
    answer = await ada.post(f"/cases/{case.case_id}/decide", {**fields(case), "note": "x" * 5_000})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
    many = {f"location{n}": "a" for n in range(2_000)}
    ada = await console.signed_in(Role.REVIEWER, "ada")
    assert (await ada.post(f"/cases/{case.case_id}/decide", many)).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/queue?platform=%00",
        "/queue?q=%00x",
        "/queue?q=%ff",
        "/sign-in?to=%00",
        "/boards?scope=%00&window=x",
        "/queue?after=%00",
    ],
)
async def test_what_cannot_be_seen_in_an_address_is_passed_over(console: AConsole, path: str) -> None:
    ada = await console.signed_in(Role.REVIEWER, "ada")
    assert (await ada.get(path)).status_code == 200


@pytest.mark.parametrize("raw", [b"note=a%00b", b"a=%ff", b"a=\xff", b"form_token=" + b"%zz" * 3])
async def test_a_form_that_is_no_form_is_refused(console: AConsole, raw: bytes) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    answer = await ada.http.post(
        f"/cases/{case.case_id}/decide", content=raw, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code in (400, 403)
    assert console.desk.now(case.case_id) == case


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/queue", "/nothing/here", "/cases/nonsense", f"/cases/{NOBODY}", "/team", "/static/console.css"],
)
async def test_every_answer_has_the_protective_headers(console: AConsole, path: str) -> None:
    for browser in (console.browser(), await console.signed_in(Role.REVIEWER)):
        answer = await browser.get(path)
        for name, value in HEADERS.items():
            if name != "cache-control":
                assert answer.headers[name] == value
        assert answer.headers["cache-control"] == "no-store" or path.startswith("/static/")


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"


@pytest.mark.parametrize(
    "name", ["..%2f..%2fsettings.py", "%2e%2e/site.py", "console.css%00", "../templates/base.html", "x.js"]
)
async def test_no_other_file_is_served(console: AConsole, name: str) -> None:
    assert (await console.browser().get(f"/static/{name}")).status_code == 404


async def test_a_database_that_is_away_is_said_without_internals(console: AConsole) -> None:
    class Away:
        def read(self, work: Any) -> Any:
            raise Retryable("the database does not answer: database is locked")

        write = read

    ada = await console.signed_in(Role.REVIEWER, "ada")
    console.desk.desk._database = Away()
    answer = await ada.get("/queue")
    assert answer.status_code == 503
    assert "locked" not in answer.text


async def test_what_nobody_expected_is_not_shown(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    database: Any = console.desk.database
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE sightings SET record = X'00'")
    answer = await ada.get(f"/cases/{case.case_id}")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text and "Rejected" not in answer.text
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]


async def test_programs_and_people_have_doors_of_their_own(console: AConsole) -> None:
    token, _ = console.desk.tokened("prog", Role.REVIEWER)
    ada = await console.signed_in(Role.REVIEWER, "ada")
    assert (await ada.http.get("/v1/cases")).status_code == 401
    with_token = console.browser(headers={"authorization": f"Bearer {token}"})
    assert (await with_token.http.get("/v1/cases")).status_code == 200
    assert (await with_token.get("/queue")).status_code == 303


async def test_no_page_and_no_log_line_holds_a_password(console: AConsole) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = await console.browser().sign_in("ada", "a password that is wrong")
    assert "a password that is wrong" not in answer.text
    assert "a password that is wrong" not in str(logs)


async def test_while_it_stops_nothing_more_is_taken(console: AConsole) -> None:
    ada = await console.signed_in(Role.REVIEWER, "ada")
    console.console.close()
    assert (await ada.get("/queue")).status_code == 503
