"""The console in a real browser: a shift by keyboard alone, and what an accessibility checker says of every page."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from schemas.review import CaseState, Decision
from schemas.topics import TAKEDOWN_REQUESTED
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.migrate import upgrade
from services.referrer.books import Database
from services.referrer.falling_due import WAITING
from services.referrer.records import Case, QueueFilter, Referral
from tests.browsers import chromium, need_chromium, sign_in
from tests.builders import NOON, normalised, ranked
from tests.consoles import AConsole, served
from tests.desk import an_outcome
from tests.worked import a_shift

# A browser and a checker take a minute or two for all pages, and longer on a machine that has other work.
pytestmark = [pytest.mark.developer, pytest.mark.timeout(600)]
WIDE, NARROW = (1_440, 900), (390, 844)
REVIEWED = 20
SERIOUS = {"serious", "critical"}


@dataclass
class Shift:
    """A desk at work, its address, and a browser."""

    console: AConsole
    address: str
    browser: Browser

    def page(self, name: str, scheme: str = "light", size: tuple[int, int] = WIDE, scripts: bool = True) -> Page:
        """Somebody's page, signed in; whatever goes wrong on it is noted."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(30_000)
        return sign_in(context, self.address, name)

    def queue(self, *states: CaseState) -> list[Case]:
        """What waits."""
        desk = self.console.desk
        return desk.queue(desk.person("looker"), **({"states": states} if states else {}))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    need_chromium()
    with chromium() as found:
        yield found


@pytest.fixture
def shift(browser: Browser, tmp_path: Path) -> Iterator[Shift]:
    database = SqlDatabase(f"sqlite:///{tmp_path}/shift.db")
    upgrade(database.engine)
    console = a_shift(database, NOON)
    with served(console) as address:
        yield Shift(console, address, browser)
    database.close()


def case_on(page: Page) -> str:
    return page.url.rpartition("/")[2].partition("?")[0]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def leave(page: Page, key: str) -> None:
    """Press a key that leads to another page."""
    before = page.url
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)
    page.wait_for_load_state()


def test_a_shift_by_keyboard_alone(shift: Shift) -> None:
    """Sign in, take the next case, look, decide; twenty times, with refusals, approvals and some that go to a lead."""
    desk = shift.console.desk
    desk.take(*(ranked(normalised(f"threat number {n}", content_id=f"more-{n}"), 0.6) for n in range(REVIEWED)))
    before = len(desk.outbox(TAKEDOWN_REQUESTED.name))
    page = shift.page("ada")
    decided: dict[str, Decision] = {}
    for number in range(REVIEWED):
        leave(page, "n")
        case_id = case_on(page)
        press(page, "s")
        assert page.locator(".veil.covered").count() == 0
        decision = (Decision.REFUSE, Decision.APPROVE, Decision.ESCALATE)[number % 3]
        decided[case_id] = decision
        if decision is Decision.APPROVE:
            press(page, "a", "Space")
            page.locator("details.approve input[name=good_faith]").focus()
            press(page, "Space")
        else:
            press(page, "r" if decision is Decision.REFUSE else "e", "Space")
        leave(page, "Enter")
        assert "done=" in page.url, page.locator("main").inner_text()
    assert len(decided) == REVIEWED
    states = {str(case.case_id): case.state for case in shift.queue(*CaseState)}
    for case_id, decision in decided.items():
        expected = {
            Decision.REFUSE: {CaseState.REFUSED, CaseState.ESCALATED},
            Decision.APPROVE: {CaseState.APPROVED, CaseState.OPEN},
            Decision.ESCALATE: {CaseState.ESCALATED},
        }[decision]
        assert states[case_id] in expected
    approved = [case_id for case_id in decided if states[case_id] is CaseState.APPROVED]
    assert len(desk.outbox(TAKEDOWN_REQUESTED.name)) == before + len(approved) > before


def test_what_the_platform_does_comes_back_to_the_desk(shift: Shift) -> None:
    """A platform removes content, then puts it back: the case opens again, and the platform's page counts it."""
    desk = shift.console.desk
    referral = requests(desk.database, shift.queue(CaseState.APPROVED))[0]
    token, connector = desk.connector(referral.platform)
    back = {"outcome_id": "o-back", "outcome": None, "reinstated_at": NOON, "reported_at": NOON}
    with httpx.Client(base_url=shift.address, headers={"authorization": f"Bearer {token}"}) as platform:
        body = an_outcome(referral, platform=connector.platform, **back).model_dump(mode="json", exclude_none=True)
        assert platform.post("/v1/outcomes", json=body).status_code == 201
    page = shift.page("ben")
    page.goto(f"{shift.address}/cases/{referral.case_id}")
    assert "reinstated" in page.locator(".facts").inner_text()
    assert "reinstated" in page.locator("section:has(#requests-title)").inner_text()
    page.goto(f"{shift.address}/platforms")
    row = page.locator("tbody tr", has=page.locator("th", has_text=referral.platform))
    assert row.locator("td").nth(5).inner_text() == "1"


def requests(database: Database, cases: list[Case]) -> list[Referral]:
    """Every request of these cases."""
    return database.read(lambda books: [r for case in cases for r in books.referrals.of_case(case.case_id)])


def awaits(database: Database, case: Case) -> bool:
    """Whether somebody approved it already and a second person has to agree."""
    return any(row.awaits_second_review for row in database.read(lambda books: books.cases.decisions(case.case_id)))


def amendable(shift: Shift) -> Referral:
    """A request that the platform has not answered."""
    sent = requests(shift.console.desk.database, shift.queue(CaseState.APPROVED))
    return next(each for each in sent if each.status in WAITING)


def tab_to(page: Page, what: str, wanted: str, within: int) -> None:
    """Press Tab until the focus is where it is wanted."""
    for _ in range(within):
        if page.evaluate(f"document.activeElement.{what}") == wanted:
            return
        press(page, "Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_a_lead_corrects_and_withdraws_a_request_by_keyboard_alone(shift: Shift) -> None:
    desk, sent = shift.console.desk, amendable(shift)
    page = shift.page("ben")
    page.goto(f"{shift.address}/referrals/{sent.referral_id}")
    press(page, "c")
    page.wait_for_function("document.activeElement.id === 'correct-code'")
    tab_to(page, "name", "good_faith", within=60)
    press(page, "Space")
    tab_to(page, "textContent.trim()", "Send the correction", within=10)
    leave(page, "Enter")
    assert "Corrected" in page.locator("[role=status]").inner_text()
    press(page, "x")
    page.wait_for_function("document.activeElement.id === 'withdraw-code'")
    press(page, "i")
    tab_to(page, "textContent.trim()", "Withdraw", within=10)
    leave(page, "Enter")
    assert "Withdrawn" in page.locator("[role=status]").inner_text()
    chain = desk.database.read(lambda books: books.referrals.of_case(sent.case_id))
    statuses = [each.status.value for each in chain if each.root_referral_id == sent.root_referral_id]
    assert sorted(statuses) == ["corrected", "withdrawn", "withdrawn"]


def test_a_second_review_by_somebody_else(shift: Shift) -> None:
    """A colleague approved a case and thinks of a minor; somebody else has to agree before anything leaves."""
    desk = shift.console.desk
    (proposal,) = [case for case in shift.queue(CaseState.OPEN) if awaits(desk.database, case)]
    before = len(desk.outbox(TAKEDOWN_REQUESTED.name))
    page = shift.page("ada")
    page.goto(f"{shift.address}/cases/{proposal.case_id}")
    assert "cleo has approved this" in page.locator("aside").inner_text()
    press(page, "t")
    page.wait_for_selector("details.approve")
    press(page, "a", "Space")
    page.locator("details.approve input[name=minor_suspected]").focus()
    press(page, "Space", "Tab", "Space")
    leave(page, "Enter")
    assert "Approved." in page.locator("[role=status]").inner_text()
    assert len(desk.outbox(TAKEDOWN_REQUESTED.name)) == before + 1
    assert desk.now(proposal.case_id).state is CaseState.APPROVED


def test_a_hand_over_and_a_case_that_somebody_else_took(shift: Shift) -> None:
    desk = shift.console.desk
    ada, cleo = shift.page("ada"), shift.page("cleo")
    leave(ada, "n")
    case_id = case_on(ada)
    cleo.goto(f"{shift.address}/cases/{case_id}")
    press(ada, "h")
    ada.keyboard.type("cleo")
    press(ada, "Tab")
    leave(ada, "Enter")
    assert "Handed over." in ada.locator("[role=status]").inner_text()
    ada.goto(f"{shift.address}/cases/{case_id}")
    press(ada, "t")
    ada.wait_for_selector("[role=alert]")
    alert = ada.locator("[role=alert]").inner_text()
    assert "Somebody was faster" in alert and "cleo holds this case" in alert
    held = [case for case in shift.queue(CaseState.LEASED) if str(case.case_id) == case_id]
    assert [case.lease_holder for case in held] == ["cleo"]
    assert desk.ledger().count("handed_over") == 1


def test_the_keys_can_be_switched_off(shift: Shift) -> None:
    page = shift.page("ada")
    press(page, "?")
    page.locator("#keys-switch").click()
    page.reload()
    before = page.url
    press(page, "n", "g", "j")
    page.wait_for_timeout(300)
    assert page.url == before
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_a_key_typed_into_a_field_is_only_a_letter(shift: Shift) -> None:
    page = shift.page("ada")
    press(page, "/")
    page.keyboard.type("stab")
    assert page.locator("#q").input_value() == "stab"
    assert page.url.endswith("/queue")


def test_without_scripts_everything_is_still_there(shift: Shift) -> None:
    page = shift.page("ada", scripts=False)
    page.locator("button:has-text('Take the next case')").click()
    page.wait_for_url("**/cases/*")
    assert page.locator(".veil.covered").count() > 0
    page.locator("a:has-text('Show')").first.click()
    page.wait_for_url("**show=1**")
    assert page.locator(".veil.covered").count() == 0
    page.locator("details.refuse summary").click()
    page.locator("details.refuse input[value=news]").check()
    page.locator("details.refuse button").click()
    page.wait_for_url("**done=refused**")


def test_a_script_in_content_never_runs_and_nothing_is_fetched_from_elsewhere(shift: Shift) -> None:
    from tests.database.test_console_security import poisoned  # noqa: PLC0415  only this test needs it

    case = shift.console.desk.case(poisoned())
    page = shift.page("ada")
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"{shift.address}/cases/{case.case_id}?show=1")
    page.wait_for_load_state("networkidle")
    assert dialogs == []
    assert [url for url in asked if not url.startswith(shift.address)] == []


def places(shift: Shift, name: str) -> list[str]:
    """Pages that somebody may see: every one, and cases in every state that looks different."""
    if name == "dara":
        return ["/audit", "/team"]
    leased, opened = shift.queue(CaseState.LEASED)[0], shift.queue(CaseState.OPEN)
    decided = shift.queue(CaseState.APPROVED)[0]
    return [
        "/queue", "/queue?q=nothing+has+this", "/platforms", "/boards?show=1", "/boards", "/nothing/here", f"/cases/{opened[0].case_id}",
        f"/cases/{leased.case_id}?show=1", f"/cases/{decided.case_id}?show=1",
        *(["/team"] if name == "ben" else []),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_checker_finds_nothing_serious_and_no_page_is_wider_than_the_screen(
    shift: Shift, scheme: str, size: tuple[int, int]
) -> None:
    found: list[str] = []
    errors: list[str] = []
    for name in ("ben", "dara"):
        page = shift.page(name, scheme, size)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda why: errors.append(str(why)))
        for path in places(shift, name):
            page.goto(f"{shift.address}{path}")
            found += faults(page, path)
        if name == "ben":
            page.goto(f"{shift.address}/queue")
            leave(page, "n")
            press(page, "s", "a")
            page.locator("details.more > summary").click()
            page.locator("details.draft summary").first.click()
            found += faults(page, "deciding")
            page.goto(f"{shift.address}/referrals/{amendable(shift).referral_id}")
            press(page, "c")
            found += faults(page, "correcting")
            page.get_by_role("button", name="See the notice as chosen").click()
            page.wait_for_selector("#draft")
            found += faults(page, "a correction as it would leave")
    signing = shift.browser.new_context(color_scheme="dark" if scheme == "dark" else "light").new_page()
    signing.goto(f"{shift.address}/sign-in")
    found += faults(signing, "/sign-in")
    assert found == []
    # The page that is not there says so in the browser's own console.
    assert [error for error in errors if "404" not in error] == []


def faults(page: Page, path: str) -> list[str]:
    """What is serious on a page, and whether it has to be scrolled sideways."""
    answer = Axe().run(page)
    found = [
        f"{path}: {each['id']} at {each['nodes'][0]['target']}"
        for each in answer.response["violations"]
        if each["impact"] in SERIOUS
    ]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{path}: {wider} px too wide"] if wider > 0 else [])


def test_the_queue_that_the_browser_shows_is_the_desks(shift: Shift) -> None:
    page = shift.page("ada")
    shown = [str(link.get_attribute("href")) for link in page.locator("a.line").all()]
    desk = shift.console.desk
    found = desk.desk.queue(desk.person("looker"), QueueFilter(), None, 40)
    assert isinstance(found, list)
    assert shown == [f"/cases/{case.case_id}" for case in found]
