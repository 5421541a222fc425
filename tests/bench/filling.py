"""Rows in bulk come in; a database that holds them goes out, indexes last: what only a crash would need is left out."""

import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from schemas.review import CaseState, Decision
from schemas.scoring import ContentRanked
from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.console_tables import case_words
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.adapters.sql import record_of
from services.referrer.adapters.sql_books import SqlBooks
from services.referrer.adapters.tables import cases, outbox
from services.referrer.books import Books
from services.referrer.exercises import blind_exercise
from services.referrer.exercises import decided as decided_of
from services.referrer.memory_ports import Kept
from services.referrer.policy import load_policy
from services.referrer.records import Case, DecisionRow
from services.referrer.roles import Role
from services.referrer.wording import words_of
from services.runtime.codec import decode
from services.runtime.lifecycle import collect_seldom
from tests.bench.context import at_leisure
from tests.bench.months import CHUNK, PEOPLE, Months
from tests.builders import NOON
from tests.database_fixture import UNSAFE, alter_system
from tests.desk import REASONS

BLIND_RATE, WAITING_BLIND = 0.05, 300
AHEAD = 3
HASTY = UNSAFE | {"max_wal_size": "4GB"}


def fill(database: SqlDatabase, months: Months, progress: Progress) -> float:
    """Put everything in; gives seconds. The server, if there is one, is made quick for it and then as it was."""
    begun = time.monotonic()
    postgres = database.engine.dialect.name == "postgresql"
    with (
        _hasty(database) if postgres else nullcontext(),
        at_leisure(database) as connection,
        _without_indexes(connection, progress),
    ):
        _rows(connection, months, progress)
    practise(database, months)
    if not postgres:
        # What the leader does once a day.
        database.write(lambda books: books.retention.count_anew())
    else:
        # What autovacuum has done long before there are so many rows.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return time.monotonic() - begun


def practise(database: SqlDatabase, months: Months) -> None:
    """Blind second reviews of one in twenty decided cases: the newest wait, those of before 90 days have lost their content."""
    random, edge = Random(months.seed), NOON - timedelta(days=90)
    share = cases.c.decision_id < UUID(int=int(BLIND_RATE * 2**128))
    wanted = sa.select(cases).where(share, cases.c.decided_at.is_not(None)).order_by(cases.c.decided_at)
    with database.engine.connect() as connection:
        decided = [record_of(Case, row) for row in connection.execute(wanted).mappings()]
    with database.engine.begin() as connection:
        books = SqlBooks(connection, load_policy())
        for number, case in enumerate(decided):
            _practise(books, case, random, len(decided) - number > WAITING_BLIND, edge)


def _practise(books: Books, case: Case, random: Random, done: bool, edge: datetime) -> None:
    first, second = random.sample(PEOPLE, 2)
    at = case.decided_at or NOON
    said = Decision.APPROVE if case.state is CaseState.APPROVED else Decision.REFUSE
    exercise = blind_exercise(case, case.decision_id or case.case_id, said, [first], uuid4(), at)
    if done:
        row = DecisionRow(
            uuid4(), exercise.case.case_id, 1, case.content_version, said, REASONS[said], "", second, Role.REVIEWER, at,
            case.state, False,
        )  # fmt: skip
        after = replace(exercise.case, state=case.state, decision_id=row.decision_id, decided_at=at)
        exercise = decided_of(exercise, after, row, said, ())
    record = books.sightings.record(case.observation_id) if at > edge else None
    books.exercises.put(exercise, record or b"")
    if record:
        words = words_of(decode(ContentRanked, record).content)
        books.words.put_exercise(exercise.case.case_id, words)


def reopen(database: SqlDatabase, waiting: int) -> None:
    """Let so many cases be open: the newest that were decided are brought up again."""
    is_open = cases.c.state == CaseState.OPEN.value
    with database.engine.begin() as connection:
        there = connection.execute(sa.select(sa.func.count()).select_from(cases).where(is_open)).scalar_one()
        newest = sa.select(cases.c.case_id).where(cases.c.decision_id.is_not(None)).order_by(cases.c.changed_at.desc())
        again = {
            "state": CaseState.OPEN.value,
            "opening": "edited",
            "round": 2,
            "decision_id": None,
            "decided_at": None,
        }
        these = cases.c.case_id.in_(newest.limit(max(0, waiting - there)))
        connection.execute(sa.update(cases).where(these).values(**again))


def bar() -> Progress:
    """Shown on a terminal."""
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*parts, TimeRemainingColumn(), transient=True, refresh_per_second=2)


def _rows(connection: sa.Connection, months: Months, progress: Progress) -> None:
    book = MemoryBook(connection, load_policy())
    told = _Told(progress, "cases", months.count)
    for made in _ahead(months):
        for name, rows in made.rows.items():
            _insert(connection, metadata.tables[name], rows)
        if made.memory:
            book.relink({}, [one.this for one in made.memory])
            book.put(made.memory)
        told.advance(min(CHUNK, months.count))


@dataclass(frozen=True)
class _Made:
    """Some thousand cases: rows by the name of their table, and what is remembered of them."""

    rows: Mapping[str, list[tuple[Any, ...]]]
    memory: list[Kept]


_making: list[Iterator[_Made]] = []


def _ahead(months: Months) -> Iterator[_Made]:
    """Made in a process of its own, some pieces ahead: so making rows and storing them take a core each."""
    what = (months.count, months.waiting, months.seed)
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=what) as maker:
        waiting = deque(maker.submit(_next) for _ in range(AHEAD))
        while (made := waiting.popleft().result()) is not None:
            waiting.append(maker.submit(_next))
            yield made


def _begin(cases: int, waiting: int, seed: int) -> None:
    collect_seldom()
    _making.append(_pieces(Months(cases, waiting, seed)))


def _pieces(months: Months) -> Iterator[_Made]:
    for rows in months.chunks():
        # In the order of the table itself, each step of which is then a short one.
        rows[case_words].sort()
        yield _Made({table.name: list(given) for table, given in rows.items()}, months.memory)


def _next() -> _Made | None:
    return next(_making[0], None)


class _Told:
    """How far it is: a bar on a terminal, a line for every tenth in a file."""

    def __init__(self, progress: Progress, what: str, total: int) -> None:
        self._progress, self._what, self._total, self._done = progress, what, total, 0
        self._task = progress.add_task(what, total=total)
        self._begun = time.monotonic()

    def advance(self, number: int = 1) -> None:
        """So many more are done."""
        before, self._done = self._done, min(self._total, self._done + number)
        self._progress.advance(self._task, number)
        if not self._progress.console.is_terminal and before * 10 // self._total < self._done * 10 // self._total:
            seconds = time.monotonic() - self._begun
            print(
                f"{self._what}: {self._done:,} of {self._total:,} after {seconds:,.0f} s", file=sys.stderr, flush=True
            )


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    names = ", ".join(column.name for column in table.columns)
    if connection.dialect.name != "postgresql":
        marks = ", ".join("?" * len(table.columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608  our own names
        return
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _without_indexes(connection: sa.Connection, progress: Progress) -> Iterator[None]:
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        # Foreign keys hold, and a key of forty million words is quicker made at once.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(f"ALTER TABLE {case_words.name} DROP CONSTRAINT pk_{case_words.name}")
    yield
    told = _Told(progress, "indexes", len(indexes))
    if postgres:
        connection.execute(sa.schema.AddConstraint(case_words.primary_key))
        last = sa.select(
            sa.func.setval(sa.func.pg_get_serial_sequence(outbox.name, "number"), sa.func.max(outbox.c.number))
        )
        connection.execute(last)
    for index in indexes:
        index.create(connection)
        told.advance()


@contextmanager
def _hasty(database: SqlDatabase) -> Iterator[None]:
    alter_system(database.engine.url, HASTY)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield
        for name in HASTY:
            connection.exec_driver_sql(f"ALTER SYSTEM RESET {name}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        connection.exec_driver_sql("CHECKPOINT")


def size(database: SqlDatabase) -> float:
    """Gigabytes on disk."""
    if database.engine.dialect.name == "sqlite":
        files = [Path(f"{database.engine.url.database}{end}") for end in ("", "-wal")]
        return sum(file.stat().st_size for file in files if file.exists()) / 1e9
    with database.engine.connect() as connection:
        return float(connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e9
