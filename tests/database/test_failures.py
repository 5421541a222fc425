"""The database is locked, full or gone: what was at work left no trace, is said to be retried, and succeeds when it is back."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from schemas.review import CaseState
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.engine import make_engine
from services.referrer.adapters.leader import PostgresLeader, leader_lock
from services.referrer.adapters.tables import cases
from services.referrer.books import Books
from services.referrer.records import Case, Ended
from services.runtime.errors import Fatal, Retryable
from tests.builders import normalised, ranked
from tests.desk import ADesk, asked

SOON = "PRAGMA busy_timeout=50"


def a_long_text(number: int) -> str:
    """Enough to need pages of its own, and like no other."""
    return " ".join(f"{word}{number}" for word in ("gonna", "get", "you", "at", "the", "park") * 100)


def told(database: SqlDatabase, pragma: str) -> Callable[[], None]:
    """Every connection is told so when it is handed out; gives what takes it back."""

    def tell(connection: Any, *_: object) -> None:
        connection.execute(pragma)

    event.listen(database.engine, "checkout", tell)
    return lambda: event.remove(database.engine, "checkout", tell)


@contextmanager
def locked(database: SqlDatabase) -> Iterator[None]:
    """Another process writes and does not end."""
    undo = told(database, SOON)
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()
    undo()


@contextmanager
def full(database: SqlDatabase) -> Iterator[None]:
    """The disk has no room for another page."""
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    undo = told(database, f"PRAGMA max_page_count={pages}")
    yield
    undo()
    told(database, "PRAGMA max_page_count=1000000")


@contextmanager
def moved(database: SqlDatabase) -> Iterator[None]:
    """The folder is not there."""
    folder = Path(str(database.engine.url.database)).parent
    database.engine.dispose()
    folder.rename(folder.with_name("elsewhere"))
    yield
    folder.with_name("elsewhere").rename(folder)


def nothing_happened_and_it_succeeds_later(desk: ADesk, away: AbstractContextManager[None]) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    fresh = [ranked(normalised(a_long_text(n), content_id=f"p-{n}")) for n in range(50, 90)]
    before = len(desk.outbox()), list(desk.ledger()), desk.offset
    with away:
        with pytest.raises(Retryable):
            desk.take(*fresh)
        desk.offset = before[2]
        with pytest.raises(Retryable):
            for _ in range(200):
                desk.deciding.decide(person, held.case_id, asked(held, note="n" * 2_000))
                desk.desk.lease(person, held.case_id)
    assert (len(desk.outbox()), list(desk.ledger())) == before[:2]
    assert desk.now(held.case_id).state is CaseState.LEASED
    again = desk.take(*fresh)
    assert [ending.ended for ending in again] == [Ended.RECORDED] * 40
    assert desk.database.read(lambda books: len(books.inbox.seen([each.source.source for each in again]))) == 40


@pytest.mark.parametrize("away", [locked, moved])
def test_an_embedded_database_that_does_not_answer(
    sqlite_url: str, tmp_path: Path, away: Callable[[SqlDatabase], AbstractContextManager[None]]
) -> None:
    database = SqlDatabase(sqlite_url)
    nothing_happened_and_it_succeeds_later(ADesk(database), away(database))
    database.close()


def test_a_full_disk_takes_nothing_in_by_halves(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    desk = ADesk(database)
    looker = desk.person()
    fresh = [ranked(normalised(a_long_text(n), content_id=f"p-{n}")) for n in range(200)]
    with full(database):
        with pytest.raises(Retryable, match="full"):
            desk.take(*fresh)
        assert desk.database.read(lambda books: books.inbox.seen([])) == set()
        assert desk.queue(looker) == []
    desk.offset = 0
    assert {ending.ended for ending in desk.take(*fresh)} == {Ended.RECORDED}
    database.close()


@contextmanager
def sent_away(engine: sa.Engine, admin: sa.Engine) -> Iterator[None]:
    """The server lets nobody into the database and sends away who is in it."""
    name = engine.url.database
    with admin.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        ending = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(ending, {"name": name})
    try:
        yield
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.fixture
def admin(postgres_server: sa.URL) -> Iterator[sa.Engine]:
    engine = sa.create_engine(postgres_server.set(database="postgres"), isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def test_a_server_that_is_gone(postgres_url: str, admin: sa.Engine) -> None:
    database = SqlDatabase(postgres_url)
    nothing_happened_and_it_succeeds_later(ADesk(database), sent_away(database.engine, admin))
    database.close()


def test_a_lock_that_somebody_keeps_is_not_waited_for_without_end(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    case, person = ADesk(database).case(), ADesk(database).person()
    limit = database.read(lambda books: books.connection.exec_driver_sql("SHOW lock_timeout").scalar_one())  # type: ignore[attr-defined]
    assert limit == "30s"
    hasty = SqlDatabase(f"{postgres_url}{'&' if '?' in postgres_url else '?'}options=-c%20lock_timeout%3D50")
    with database.engine.begin() as other:
        other.execute(sa.select(cases).with_for_update())
        with pytest.raises(Retryable, match="LockNotAvailable"):
            ADesk(hasty).desk.lease(person, case.case_id)
    assert isinstance(ADesk(hasty).desk.lease(person, case.case_id), Case)
    hasty.close()
    database.close()


@pytest.mark.parametrize("session", [make_engine, lambda url: PostgresLeader(sa.make_url(url))._engine])
def test_every_session_notices_within_seconds_that_its_other_end_is_cut_off(session: Any) -> None:
    """Over the client's keepalives this end does, over the session's own settings the server: only then are locks free again."""
    asked = connecting(
        session("postgresql+psycopg://u@db.example/hub?keepalives_idle=60&options=-c%20lock_timeout%3D50")
    )
    assert (asked["keepalives"], asked["keepalives_interval"], asked["keepalives_count"]) == (1, 2, 3)
    assert asked["tcp_user_timeout"] == 10_000
    assert "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3" in asked["options"]
    assert (asked["keepalives_idle"], asked["options"].endswith("lock_timeout=50")) == ("60", True)


def connecting(engine: sa.Engine) -> dict[str, Any]:
    """With what a session would be opened; none is."""
    found: dict[str, Any] = {}

    @sa.event.listens_for(engine, "do_connect")
    def _instead(_dialect: object, _record: object, _arguments: object, words: dict[str, Any]) -> None:
        found.update(words)
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        engine.connect()
    return found


def test_whoever_only_looks_sees_one_state_of_things(database: SqlDatabase) -> None:
    desk = ADesk(database)
    desk.case()

    def look(books: Books) -> tuple[int, int]:
        first = books.cases.waiting()[0].cases
        with ThreadPoolExecutor() as pool:
            pool.submit(desk.case, ranked(normalised("and you", content_id="other"))).result()
        return first, books.cases.waiting()[0].cases

    assert database.read(look) == (1, 1)
    assert database.read(lambda books: books.cases.waiting()[0].cases) == 2


def test_what_is_said_of_a_failure_holds_no_statement_and_no_value(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    desk = ADesk(database)
    with locked(database), pytest.raises(Retryable) as why:
        desk.take(ranked(normalised("a very particular sentence")))
    assert str(why.value) == "the database does not answer: database is locked"
    database.close()


def test_of_several_referrers_one_leads_and_another_follows_when_it_is_gone(database_url: str) -> None:
    engines = [make_engine(database_url) for _ in range(2)]
    first, second = (leader_lock(engine) for engine in engines)
    assert (first.held(), second.held(), first.held()) == (True, False, True)
    first.release()
    assert (second.held(), first.held()) == (True, False)
    second.release()
    for engine in engines:
        engine.dispose()


def test_a_leader_whose_session_was_ended_knows_it(postgres_url: str, admin: sa.Engine) -> None:
    engines = [make_engine(postgres_url) for _ in range(2)]
    first, second = (leader_lock(engine) for engine in engines)
    assert first.held()
    with admin.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hub-referrer-leader'"
        )
    assert second.held()
    assert not first.held()
    second.release()
    for engine in engines:
        engine.dispose()


def test_a_database_in_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(Fatal, match="taken, which cannot be made"):
        make_engine(f"sqlite:///{tmp_path}/taken/hub.db")
