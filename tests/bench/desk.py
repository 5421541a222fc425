"""A desk with a million cases comes in; how long each of its pages takes, and what retention and erasure take, goes out as a table.

`make bench-desk`, or `python -m tests.bench.desk --cases 100000 --database sqlite --folder /var/tmp/desk`: what lies in the folder is
used again. Times are those of the whole application in this process, from the request to the last byte of the answer.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import psutil
import sqlalchemy as sa
import structlog
from rich.console import Console
from rich.progress import track
from rich.table import Table

from schemas.review import CaseState
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.migrate import present, upgrade
from services.referrer.adapters.tables import QUEUE_ORDER, cases, locations
from services.referrer.erasing import Erasing
from services.referrer.groups import load_groups
from services.referrer.pages import cursor
from services.referrer.policy import load_policy
from services.referrer.recall import Recall
from services.referrer.retaining import Retaining
from services.referrer.retention import load_retention
from services.referrer.reviewing import Reviewing
from services.referrer.roles import Role
from services.runtime.lifecycle import collect_seldom
from tests.bench.filling import bar, fill, reopen, size
from tests.bench.months import COMMON, PEOPLE, PLATFORMS, Months
from tests.bench.rows import Row, show
from tests.consoles import AConsole
from tests.database_fixture import served_postgres
from tests.desk import ADesk

QUEUE_LIMIT, SEARCH_LIMIT, BUSY = 100.0, 300.0, 100_000
SEEN = 200
Address = Callable[[], str]
T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """One thing that is asked for, again and again with other values; the limit is in milliseconds at the 95th percentile."""

    name: str
    role: Role
    address: Address
    limit: float | None = None


@dataclass(frozen=True)
class Timed:
    """Milliseconds of one page: those that pass, and those of them that this process has worked."""

    page: Page
    times: Sequence[float]
    worked: Sequence[float]


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[-1]


@dataclass(frozen=True)
class Drawn:
    """Cases of any age, and places in the queue, that questions are made of."""

    case_ids: Sequence[UUID]
    urls: Sequence[str]
    cursors: Sequence[str]


def drawn(database: SqlDatabase, desk: ADesk, random: Random) -> Drawn:
    """Found by seeks, so that looking for them leaves the database as cold as it was."""
    ids: list[UUID] = []
    urls: list[str] = []
    with database.engine.connect() as connection:
        for _ in range(SEEN):
            start = UUID(int=random.getrandbits(128), version=4)
            wanted = (
                sa.select(cases.c.case_id, locations.c.url)
                .join(locations, locations.c.content_key == cases.c.content_key)
                .where(cases.c.case_id > start)
                .order_by(cases.c.case_id)
                .limit(1)
            )
            for case_id, url in connection.execute(wanted):
                ids.append(case_id)
                urls.append(url)
        waiting = sa.select(cases.c.case_id).where(cases.c.state == CaseState.OPEN.value).order_by(*QUEUE_ORDER)
        places = list(connection.execute(waiting).scalars())
    deep = [desk.now(places[random.randrange(len(places))]) for _ in range(SEEN)]
    return Drawn(ids, urls, [cursor(case) for case in deep])


def pages(found: Drawn, months: Months, random: Random) -> list[Page]:
    """What twenty people ask a desk for all day."""
    rare = months.words[len(COMMON) :]

    def queue(**asked: str | list[str]) -> str:
        return f"/queue?{urlencode(asked, doseq=True)}"

    def words() -> str:
        # Two words as people ask for them: one of those that tell something, one of any.
        return f"{rare[int(len(rare) * random.random() ** 2)]} {random.choice(months.said().split())}"

    def handle() -> str:
        return random.choice(found.urls).split("/")[3]

    every, closed = [state.value for state in CaseState], ["approved", "refused"]
    lead, reviewer, auditor = Role.LEAD, Role.REVIEWER, Role.AUDITOR
    return [
        Page("queue", reviewer, lambda: "/queue", QUEUE_LIMIT),
        Page(
            "queue of a platform and band", reviewer,
            lambda: queue(platform=random.choice(PLATFORMS), band=random.choice(["P2", "P3", "P4"])), QUEUE_LIMIT,
        ),
        Page("queue of every state", reviewer, lambda: queue(state=every), QUEUE_LIMIT),
        Page(
            "queue of decided cases", reviewer, lambda: queue(state=closed, platform=random.choice(PLATFORMS)),
            QUEUE_LIMIT,
        ),
        Page("queue, deep in it", reviewer, lambda: queue(after=random.choice(found.cursors)), QUEUE_LIMIT),
        Page("search by words", reviewer, lambda: queue(q=words()), SEARCH_LIMIT),
        Page("search by the commonest words", reviewer, lambda: queue(q=" ".join(COMMON[:4])), SEARCH_LIMIT),
        Page("search by handle", reviewer, lambda: queue(q=handle()), SEARCH_LIMIT),
        Page("search by address", reviewer, lambda: queue(q=random.choice(found.urls)), SEARCH_LIMIT),
        Page("search by case id", reviewer, lambda: queue(q=str(random.choice(found.case_ids))), SEARCH_LIMIT),
        Page("case", reviewer, lambda: f"/cases/{random.choice(found.case_ids)}"),
        Page("boards", reviewer, lambda: f"/boards?window={random.choice(['1h', '24h'])}"),
        Page("team", lead, lambda: "/team"),
        Page("platforms", lead, lambda: "/platforms"),
        Page("audit", auditor, lambda: "/audit"),
        Page(
            "audit of a kind and person", auditor,
            lambda: f"/audit?kind={random.choice(['decided', 'viewed'])}&actor={random.choice(PEOPLE)}",
        ),
        Page("GET /v1/cases", reviewer, lambda: "/v1/cases?limit=100"),
    ]  # fmt: skip


async def asked(console: AConsole, wanted: Sequence[Page], times: int) -> list[Timed]:
    """Ask for every page so often, the first time unmeasured."""
    browsers = {role: await console.signed_in(role) for role in {page.role for page in wanted}}
    token, _ = console.desk.tokened("program", Role.REVIEWER)
    found = []
    for page in track(wanted, "asking", console=Console(stderr=True), transient=True):
        http = browsers[page.role].http
        headers = {"authorization": f"Bearer {token}"} if page.address().startswith("/v1") else {}
        taken = [await _milliseconds(http, page.address(), headers) for _ in range(times + 1)]
        found.append(Timed(page, [passed for passed, _ in taken[1:]], [worked for _, worked in taken[1:]]))
    return found


async def _milliseconds(http: httpx.AsyncClient, address: str, headers: Mapping[str, str]) -> tuple[float, float]:
    begun, worked = time.perf_counter(), time.process_time()
    answer = await http.get(address, headers=headers)
    taken = (time.perf_counter() - begun) * 1e3, (time.process_time() - worked) * 1e3
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"{address} answered {answer.status_code}, so its time says nothing")
    return taken


def table(title: str, found: Sequence[Timed]) -> Table:
    """The times of every page beside its limit."""
    made = Table(title=title, title_justify="left")
    made.add_column("page, ms")
    for name in ("p50", "p95", "most", "processor p95", "limit at p95"):
        made.add_column(name, justify="right")
    for each in found:
        limit = "" if each.page.limit is None else f"{each.page.limit:,.0f}"
        numbers = (median(each.times), p95(each.times), max(each.times), p95(each.worked))
        made.add_row(each.page.name, *(f"{number:,.1f}" for number in numbers), limit)
    return made


def kept_and_erased(database: SqlDatabase, desk: ADesk, months: Months) -> list[Row]:
    """Retention and erasure, which run last because they change what there is."""
    retaining = Retaining(database, load_retention(), desk.clock)
    say("looking at what is too old")
    looked, due = _seconds(retaining.look)
    say("removing it")
    removed, gone = _seconds(retaining.run)
    say("erasing")
    rows = [
        Row("retention, dry run", looked, "s", None, f"{sum(each.number for each in due):,} records would go"),
        Row("retention", removed, "s", None, f"{sum(gone.values()):,} records went"),
    ]
    reviewing = Reviewing(Recall(load_policy(), load_groups()), desk.clock, uuid4)
    erasing = Erasing(database, reviewing, desk.clock)
    for who, number in (("of somebody who says a lot", 0), ("of somebody who says little", months.authors // 2)):
        _published(database, desk)
        key = months.author_named(number)
        seconds, erasure = _seconds(lambda key=key: erasing.erase(key, "bench", "operator"))  # type: ignore[misc]
        rows.append(
            Row(f"erasure {who}", seconds, "s", None, f"{erasure.erased.removed.get('sightings', 0)} observations")
        )
    return [*rows, Row("settling what was erased", _seconds(database.settle)[0], "s", None, "journal or changed pages")]


def _published(database: SqlDatabase, desk: ADesk) -> None:
    """As the leader does within a second: while something about an author waits to leave, nothing of that author is erased."""
    while numbers := [number for number, _ in database.read(lambda books: books.outbox.waiting(1_000))]:
        database.write(lambda books, sent=numbers: books.outbox.mark_sent(sent, desk.clock.now()))  # type: ignore[misc]


def say(what: str) -> None:
    """What is done now, for whoever waits."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.monotonic()
    result = work()
    return time.monotonic() - begun, result


@contextmanager
def served(name: str, folder: Path) -> Iterator[str]:
    """The address of a database that lives in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if name == "sqlite":
        yield f"sqlite:///{folder}/desk.db"
        return
    (folder / "postgres").mkdir(exist_ok=True)
    for server in served_postgres(folder / "postgres"):
        yield server.render_as_string(hide_password=False)


def built(url: str, months: tuple[int, int]) -> float:
    """Fill an empty database in a process of its own, so that its memory is not taken for the desk's; gives seconds."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        return elsewhere.submit(_built, url, months).result()


def _built(url: str, months: tuple[int, int]) -> float:
    _calm()
    database = SqlDatabase(url)
    try:
        if present(database.engine) is not None:
            upgrade(database.engine)
            return 0.0
        upgrade(database.engine)
        # SQLite changes how it keeps its journal only where nobody else has the file open.
        database.close()
        with bar() as progress:
            return fill(database, Months(*months), progress)
    finally:
        database.close()


def _calm() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    collect_seldom()


def server_memory(database: SqlDatabase) -> float:
    """Megabytes of the server's processes, each shared page once; none where the database lives in this one."""
    if database.engine.dialect.name != "postgresql":
        return 0.0
    with database.engine.connect() as connection:
        backend = psutil.Process(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
        parent = backend.parent() or backend
        return sum(float(each.memory_full_info().pss) for each in (parent, *parent.children())) / 1e6


def measured(name: str, url: str, options: argparse.Namespace) -> None:
    """Everything of one database, printed as it is found."""
    say(f"{name}: making {options.cases:,} cases")
    filled = built(url, (options.cases, options.open))
    _calm()
    database, random, out = SqlDatabase(url), Random(3), Console(width=120)
    months = Months(options.cases, options.open)
    desk = ADesk(database)
    console = AConsole(desk)
    for person in PEOPLE:
        console.hire(person)
    for waiting in (options.open, options.busy):
        # What waits already is counted in, so a database that was measured before is not changed again.
        say(f"{name}: asking for every page, {waiting:,} cases open")
        reopen(database, waiting)
        found = pages(drawn(database, desk, random), months, random)
        title = f"{name}: {options.cases:,} cases, {waiting:,} of them open, each page asked for {options.asked} times"
        out.print(table(title, asyncio.run(asked(console, found, options.asked))))
    rows = [
        Row("database", size(database), "GB", None, f"filled in {filled:.0f} s" if filled else "was there"),
        Row("memory of this process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, "MB", None, "most"),
        Row("memory of the server", server_memory(database), "MB", None, "shared pages once; SQLite has none"),
    ]
    if not options.only_pages:
        rows += kept_and_erased(database, desk, months)
    show(f"{name}: size, memory, removal", rows)
    database.close()


def main() -> None:
    """Read the sizes from the command line."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cases", type=int, default=1_000_000)
    words.add_argument("--open", type=int, default=2_000, help="how many wait for a person after a year's work")
    words.add_argument("--busy", type=int, default=BUSY, help="how many wait in the second measurement")
    words.add_argument("--asked", type=int, default=60, help="how often each page is asked for")
    words.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    words.add_argument("--folder", type=Path, help="where the databases lie, and stay")
    words.add_argument(
        "--only-pages", action="store_true", help="leave out retention and erasure, which change the database"
    )
    options = words.parse_args()
    options.open, options.busy = min(options.open, options.cases // 10), min(options.busy, options.cases // 2)
    for name in options.database or ["sqlite", "postgresql"]:
        # One after the other: two databases of a million cases need not lie on the disk at once.
        with (
            tempfile.TemporaryDirectory(prefix="hub-desk-", ignore_cleanup_errors=True) as passing,
            served(name, options.folder or Path(passing)) as url,
        ):
            measured({"sqlite": "SQLite", "postgresql": "PostgreSQL"}[name], url, options)


if __name__ == "__main__":
    main()
