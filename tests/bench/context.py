"""A memory of many observations is filled; how fast intake with context runs on it, and how large it is, goes out.

`python -m tests.bench.context --remembered 100000 --authors 10000`; `--postgres` runs on a server that it starts and stops.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random

import psutil
import sqlalchemy as sa
import structlog
import yaml

from schemas.scoring import ContentRanked
from schemas.topics import RANKED
from schemas.vocabulary import Band, ThreatLevel
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.adapters.memory_tables import memory, memory_links
from services.referrer.adapters.migrate import upgrade
from services.referrer.context import Weighed
from services.referrer.handlers import Handling
from services.referrer.memory_ports import Kept
from services.referrer.policy import load_policy
from services.referrer.records import Ended
from services.referrer.remembered import Evidence, Remembered, micros
from services.runtime.codec import encode
from services.runtime.envelope import Incoming, Source
from services.runtime.lifecycle import collect_seldom
from tests.bench.rows import Row, show
from tests.builders import NOON, key_of, normalised, ranked
from tests.database_fixture import served_postgres
from tests.desk import ADesk

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
BATCH, CHUNK, DAYS = 256, 5_000, 30
FILL_CACHE_KIB = 4_000_000
TEXT = "watch your back when you walk home tonight we are outside yours and not alone this time bring who you like"
WORDS = TEXT.split()
EVIDENCE = Evidence(-1.4, 0.4, (), Band.NONE, ThreatLevel.NONE, 0.0)


def remembered(random: Random, number: int, authors: int) -> Kept:
    """One content of the last thirty days, of a random author who often answers another one, seldom on a name."""
    author = random.randrange(authors)
    at = micros(NOON) - random.randrange(DAYS * 86_400) * 1_000_000
    key = key_of("remembered", str(number))
    risk = 0.05 + random.random() * 0.3
    this = Remembered(
        key=key,
        at=at,
        seen=at,
        risk=risk,
        platform="bluesky",
        authors=(f"k1:{key_of('a', str(author))}",),
        pairs=(f"k1:{key_of('p', str(author // 2))}",) if random.random() < 0.5 else (),
        talk=tuple(sorted({key, key_of("thread", str(random.randrange(authors)))})),
        subjects=(f"name {random.randrange(authors // 10)}",) if random.random() < 0.2 else (),
        similarity=f"{random.getrandbits(64):016x}",
        bands=tuple(random.getrandbits(32) for _ in range(6)),
        anchor=key,
    )
    return Kept(this, EVIDENCE, key, Weighed(risk, Band.NONE, (), ()))


def fresh(random: Random, number: int, authors: int) -> ContentRanked:
    """A new observation as it comes off the topic: its author is known, half of them answer somebody."""
    author = random.randrange(authors)
    text = " ".join(random.choice(WORDS) for _ in range(14))
    content = normalised(
        text,
        content_id=f"fresh-{number}",
        observation_id=key_of("fresh", str(number)),
        author_key=f"k1:{key_of('a', str(author))}",
        pair_keys=(f"k1:{key_of('p', str(author // 2))}",) if random.random() < 0.5 else (),
        thread_key=key_of("thread", str(random.randrange(authors))),
        similarity=f"{random.getrandbits(64):016x}",
        event_time=NOON + timedelta(seconds=number),
        observed_at=NOON + timedelta(seconds=number),
    )
    return ranked(content, risk=0.05 + random.random() * 0.5)


def fill(database: SqlDatabase, count: int, authors: int) -> float:
    """Put the past in, as it would lie there; gives seconds. All of it at once, indexes last: nobody needs it after a crash."""
    random, begun = Random(1), time.monotonic()
    indexes = [index for table in (memory, memory_links) for index in table.indexes]
    with at_leisure(database) as connection:
        for index in indexes:
            index.drop(connection)
        book = MemoryBook(connection, load_policy())
        for start in range(0, count, CHUNK):
            kept = [remembered(random, n, authors) for n in range(start, min(start + CHUNK, count))]
            book.relink({}, [one.this for one in kept])
            book.put(kept)
        for index in indexes:
            index.create(connection)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return time.monotonic() - begun


def filled(database: SqlDatabase, count: int, authors: int) -> float:
    """The same in a process of its own, so that its memory is not taken for the referrer's."""
    url = database.engine.url.render_as_string(hide_password=False)
    # SQLite changes how it keeps its journal only where nobody else has the file open.
    database.close()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        return elsewhere.submit(_fill_at, url, count, authors).result()


def _fill_at(url: str, count: int, authors: int) -> float:
    collect_seldom()
    database = SqlDatabase(url)
    try:
        return fill(database, count, authors)
    finally:
        database.close()


@contextmanager
def at_leisure(database: SqlDatabase) -> Iterator[sa.Connection]:
    """One transaction over a connection that takes memory and leaves out what only a crash would need."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '1GB'")
            yield connection
        return
    with database.engine.execution_options(hub_alone=True).connect() as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{FILL_CACHE_KIB}"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.exec_driver_sql("BEGIN")
        yield connection
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.invalidate()


def intake(handling: Handling, items: int, authors: int) -> tuple[float, float]:
    """Items a second through the referrer's own handler, batch by batch, and processor milliseconds of this process an item."""
    random = Random(2)
    records = [Incoming(Source(RANKED.name, 0, n), b"key", encode(fresh(random, n, authors))) for n in range(items)]
    begun, worked = time.monotonic(), time.process_time()
    endings = [end for start in range(0, items, BATCH) for end in handling(records[start : start + BATCH])]
    if any(each.ended is not Ended.RECORDED for each in endings):
        raise RuntimeError("a record was not taken in, so the rate says nothing")
    return items / (time.monotonic() - begun), (time.process_time() - worked) / items * 1e3


def served(database: SqlDatabase) -> float:
    """Processor seconds that the server's processes have spent on our connections; none where the database lives in this one."""
    if database.engine.dialect.name != "postgresql":
        return 0.0
    ours = sa.text("SELECT pid FROM pg_stat_activity WHERE application_name = 'hub-referrer'")
    with database.engine.connect() as connection:
        pids = connection.execute(ours).scalars().all()
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


@contextmanager
def opened(postgres: bool) -> Iterator[SqlDatabase]:
    """A fresh database at the newest step."""
    with tempfile.TemporaryDirectory(prefix="hub-context-", ignore_cleanup_errors=True) as name:
        if not postgres:
            database = SqlDatabase(f"sqlite:///{name}/referrer.db")
            upgrade(database.engine)
            yield database
            database.close()
            return
        for server in served_postgres(Path(name), as_compose_starts_it()):
            database = SqlDatabase(server.render_as_string(hide_password=False))
            upgrade(database.engine)
            yield database
            database.close()


def as_compose_starts_it() -> dict[str, str]:
    """The settings that docker-compose.yml gives its PostgreSQL, so that what is measured is what is deployed."""
    words = yaml.safe_load(COMPOSE.read_text())["services"]["database"]["command"]
    return dict(word.split("=", 1) for word in words if "=" in word)


def size(database: SqlDatabase) -> float:
    """Megabytes on disk."""
    if database.engine.dialect.name == "sqlite":
        files = [Path(f"{database.engine.url.database}{end}") for end in ("", "-wal")]
        return sum(file.stat().st_size for file in files if file.exists()) / 1e6
    with database.engine.connect() as connection:
        return float(connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e6


def run() -> list[Row]:
    """Both databases, at a tenth of the size that the aim is stated for; the command line takes the whole one."""
    return [
        Row(f"{name}: {row.name}", row.value, row.unit, row.aim, row.how)
        for name, postgres in (("SQLite", False), ("PostgreSQL", True))
        for row in measured(100_000, 10_000, 2_560, postgres)
    ]


def measured(count: int, authors: int, items: int, postgres: bool) -> list[Row]:
    """Fill, then take in."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    collect_seldom()
    with opened(postgres) as database:
        seconds = filled(database, count, authors)
        empty = size(database)
        before = served(database)
        rate, spent = intake(ADesk(database).handling, items, authors)
        server = (served(database) - before) / items * 1e3
        how = f"{items} items in batches of {BATCH}, {count} remembered of {authors} authors"
        return [
            Row("intake with context", rate, "items/s", 500, how),
            Row("processor time of this process", spent, "ms/item", None, "does not depend on what else runs here"),
            Row("processor time of the server", server, "ms/item", None, "the same; SQLite has none"),
            Row("the database before", empty, "MB", None, f"filled in {seconds:.0f} s"),
            Row("the database after", size(database), "MB", None, how),
            Row("memory of this process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, "MB", None, "most"),
        ]


def main() -> None:
    """Read the size from the command line."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--remembered", type=int, default=100_000)
    words.add_argument("--authors", type=int, default=10_000)
    words.add_argument("--items", type=int, default=5_120)
    words.add_argument("--postgres", action="store_true")
    asked = words.parse_args()
    rows = measured(asked.remembered, asked.authors, asked.items, asked.postgres)
    show(f"Intake with context on {'PostgreSQL' if asked.postgres else 'SQLite'}", rows)


if __name__ == "__main__":
    main()
