"""The pictures of the README: the console over the invented evening, queue, case and team, in light and in dark."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from schemas.review import CaseState
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.migrate import upgrade
from services.referrer.records import QueueFilter
from services.runtime.errors import Fatal
from tests.browsers import CHROMIUM, chromium, sign_in
from tests.builders import NOON
from tests.consoles import AConsole, served
from tests.worked import a_shift

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
SIZE = ViewportSize(width=1_440, height=900)
LARGEST = 300_000


def main() -> None:
    """Make them all. Raises Fatal without Chromium, and for a picture that is too large for a README."""
    if not CHROMIUM.exists():
        raise Fatal("Chromium is not installed: run `make ci-deps`")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hub-screenshots-") as folder:
        database = SqlDatabase(f"sqlite:///{folder}/shift.db")
        upgrade(database.engine)
        console = a_shift(database, NOON)
        with served(console) as address, chromium() as browser:
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport=SIZE, color_scheme="dark" if scheme == "dark" else "light")
                _pictures(console, sign_in(context, address, "ben"), address, scheme)
                context.close()
        database.close()


def _pictures(console: AConsole, page: Page, address: str, scheme: str) -> None:
    page.goto(f"{address}/queue")
    _keep(page, f"queue-{scheme}")
    _case(console, page, address)
    _keep(page, f"case-{scheme}")
    page.goto(f"{address}/team")
    _keep(page, f"team-{scheme}")


def _case(console: AConsole, page: Page, address: str) -> None:
    """The most urgent case, taken, uncovered, about to be approved."""
    waiting = (CaseState.OPEN, CaseState.LEASED)
    (case,) = console.desk.database.read(lambda books: books.cases.queue(QueueFilter(waiting), None, 1))
    page.goto(f"{address}/cases/{case.case_id}?show=1")
    if page.locator("[data-key=t]").count():
        page.keyboard.press("t")
        page.wait_for_selector("details.approve")
    page.goto(f"{address}/cases/{case.case_id}?show=1")
    page.keyboard.press("a")
    page.locator("details.approve input[type=radio]").first.check()
    page.evaluate("window.scrollTo(0, 0)")


def _keep(page: Page, name: str) -> None:
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > LARGEST:
        raise Fatal(f"{path.name} has {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
