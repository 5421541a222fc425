"""A copy that the runbook's own command took while somebody worked is put back: what is there, what comes again, and what cannot."""

import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
import sqlalchemy as sa
import structlog
from typer.testing import CliRunner

from deploy.validate import ROOT
from schemas.scoring import ContentRanked
from schemas.topics import RANKED, TAKEDOWN_OUTCOME, TAKEDOWN_REQUESTED
from services.commands.audit import inbox_of
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.migrate import present, upgrade
from services.referrer.adapters.tables import decisions, inbox, ledger, outbox, referrals, sightings
from services.referrer.cli_ledger import BROKEN, app
from services.referrer.ledger import first_break
from services.referrer.records import Ended
from services.referrer.sealing import Sealing, signer_of
from services.referrer.settings import ReferrerSettings
from services.runtime.conservation import Found
from services.runtime.envelope import Source
from tests.builders import NOON, normalised, ranked
from tests.database_fixture import named
from tests.desk import ADesk, an_outcome

BLOCKS = re.compile(r"^ *```\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def told(word: str) -> list[str]:
    """The command of the runbook's blocks that holds this word."""
    lines = (line for block in BLOCKS.findall((ROOT / "deploy/runbook.md").read_text()) for line in block.splitlines())
    (line,) = (line for line in lines if word in line)
    return shlex.split(line.partition(" > ")[0].partition(" < ")[0])


def on_sqlite(word: str, *files: Path) -> None:
    """A command of the runbook, with these files in the place of its own."""
    python, option, code, *_ = told(word)
    assert python == "python"
    code = code.replace("'.local/referrer.db'", repr(str(files[0])))
    subprocess.run([sys.executable, option, code, *map(str, files)], check=True)


def on_postgres(word: str, url: str, programs: Path, **streams: IO[bytes]) -> None:
    """The same, with the programs of the tests' own server in the place of the container's."""
    words = told(word)
    words = words[words.index("database") + 1 :]
    words[words.index("-U") : words.index("-d") + 2] = ["--dbname", url.replace("+psycopg", "")]
    subprocess.run([str(programs / words[0]), *words[1:]], check=True, **streams)  # type: ignore[call-overload]


@dataclass
class Copies:
    """Takes a copy of a database, and puts it back beside it."""

    url: str
    folder: Path
    server: sa.URL | None

    def take(self) -> None:
        if self.server is None:
            on_sqlite("VACUUM INTO", Path(self.url.removeprefix("sqlite:///")), self.folder / "copy.db")
            return
        with (self.folder / "copy.dump").open("wb") as out:
            on_postgres("pg_dump", self.url, self._programs(self.server), stdout=out)

    def put_back(self) -> SqlDatabase:
        if self.server is None:
            shutil.copy(self.folder / "copy.db", self.folder / "restored.db")
            return SqlDatabase(f"sqlite:///{self.folder / 'restored.db'}")
        admin = sa.create_engine(named(self.server, "postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql("DROP DATABASE IF EXISTS restored WITH (FORCE)")
            connection.exec_driver_sql("CREATE DATABASE restored")
        admin.dispose()
        url = named(self.server, "restored")
        with (self.folder / "copy.dump").open("rb") as dump:
            on_postgres("pg_restore", url, self._programs(self.server), stdin=dump)
        return SqlDatabase(url)

    def _programs(self, server: sa.URL) -> Path:
        asking = sa.create_engine(named(server, "postgres"))
        with asking.connect() as connection:
            found = connection.exec_driver_sql("SELECT setting FROM pg_config() WHERE name = 'BINDIR'").scalar_one()
        asking.dispose()
        return Path(found)


@pytest.fixture
def copies(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Copies:
    sqlite = database_url.startswith("sqlite")
    return Copies(database_url, tmp_path, None if sqlite else request.getfixturevalue("postgres_server"))


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


@pytest.fixture
def put_back(copies: Copies) -> Iterator[Callable[[], ADesk]]:
    """Put the copy back, and open a desk over it."""
    opened: list[SqlDatabase] = []

    def back() -> ADesk:
        opened.append(copies.put_back())
        return ADesk(opened[-1])

    yield back
    for each in opened:
        each.close()


def threat(number: int) -> ContentRanked:
    return ranked(normalised(f"gonna get you at gate {number}", content_id=f"p-{number}"))


def held_by(desk: ADesk) -> SqlDatabase:
    assert isinstance(desk.database, SqlDatabase)
    return desk.database


def rows(database: SqlDatabase, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    with database.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()


class Working:
    """Somebody at work in a thread: content comes in and is approved, again and again."""

    def __init__(self, desk: ADesk) -> None:
        self.done = 0
        self._desk = desk
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._enough.is_set():
            self._desk.approved(self._desk.case(threat(self.done)))
            self.done += 1

    def __enter__(self) -> "Working":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def wait(self, number: int) -> None:
        while self.done < number:
            assert self._thread.is_alive(), "whoever worked failed"
            time.sleep(0.01)


def test_a_copy_taken_while_somebody_works_holds_each_transaction_whole(
    desk: ADesk, copies: Copies, put_back: Callable[[], ADesk]
) -> None:
    with Working(desk) as working:
        working.wait(3)
        copies.take()
        after = working.done
        working.wait(after + 2)
    restored = held_by(put_back())
    upgrade(restored.engine)
    assert present(restored.engine) == present(held_by(desk).engine)
    approved = rows(restored, decisions)
    assert 3 <= approved <= after + 1
    assert rows(restored, referrals) == rows(restored, outbox, outbox.c.topic == TAKEDOWN_REQUESTED.name) == approved
    assert rows(restored, ledger, ledger.c.kind == "decided") == approved
    assert rows(restored, inbox) == rows(restored, sightings) in (approved, approved + 1)
    assert first_break(restored.read(lambda books: books.ledger.entries(limit=100_000))) is None


def test_what_came_after_the_copy_is_taken_in_from_the_topic_and_the_rest_is_a_repeat(
    desk: ADesk, copies: Copies, put_back: Callable[[], ADesk]
) -> None:
    kept = [threat(number) for number in range(4)]
    desk.take(*kept[:2])
    copies.take()
    desk.take(*kept[2:])
    restored = put_back()
    assert [each.ended for each in restored.take(*kept)] == [Ended.DUPLICATE] * 2 + [Ended.RECORDED] * 2
    before, now = ({case.content_key: case.case_id for case in one.queue()} for one in (desk, restored))
    assert before.keys() == now.keys()
    assert sum(before[key] == now[key] for key in before) == 2


def test_what_waited_to_leave_leaves_again_byte_for_byte(
    desk: ADesk, copies: Copies, put_back: Callable[[], ADesk]
) -> None:
    desk.approved()
    copies.take()
    assert put_back().outbox() == desk.outbox()


def test_a_case_decided_after_the_copy_waits_again_and_gets_a_request_by_another_id(
    desk: ADesk, copies: Copies, put_back: Callable[[], ADesk]
) -> None:
    case = desk.case()
    copies.take()
    first = desk.approved(case)
    restored = put_back()
    again = restored.approved(restored.now(case.case_id))
    assert (again.case_id, again.url) == (first.case_id, first.url)
    assert again.referral_id != first.referral_id


def test_an_outcome_of_a_request_that_the_copy_does_not_know_is_set_aside(
    desk: ADesk, copies: Copies, put_back: Callable[[], ADesk]
) -> None:
    copies.take()
    outcome = an_outcome(desk.approved())
    restored = put_back()
    assert [each.ended for each in restored.outcome(outcome)] == [Ended.DEAD_LETTERED]
    (letter,) = restored.outbox(TAKEDOWN_OUTCOME.dlq)
    assert b"unknown_referral" in dict(letter.headers).values()


def emptied(database: SqlDatabase) -> None:
    """The inbox, by the runbook's own command."""
    if database.engine.dialect.name == "sqlite":
        on_sqlite("c.execute('DELETE FROM inbox')", Path(database.engine.url.database or ""))
        return
    statement = told('-c "DELETE FROM inbox"')[-1]
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_on_topics_made_anew_the_referrer_takes_nothing_that_lies_where_something_lay(
    desk: ADesk, database_url: str
) -> None:
    """And the audit finds an ending there: that of the record of before."""
    desk.take(threat(0), threat(1))
    desk.offset = 0
    assert [each.ended for each in desk.take(threat(2))] == [Ended.DUPLICATE]
    assert len(desk.queue()) == 2
    found = dict(inbox_of(database_url)({RANKED.name: NOON - timedelta(days=30)}))
    assert found[Source(RANKED.name, 0, 0)] is Found.RECORDED


def test_with_an_empty_inbox_it_takes_what_is_new_and_still_recognises_what_is_known(
    desk: ADesk, database: SqlDatabase
) -> None:
    outcome = an_outcome(desk.approved(desk.case(threat(0))))
    desk.outcome(outcome)
    emptied(database)
    desk.offset = 0
    assert [each.ended for each in desk.take(threat(2), threat(0))] == [Ended.RECORDED, Ended.DUPLICATE]
    assert [each.ended for each in desk.outcome(outcome)] == [Ended.DUPLICATE]
    assert rows(database, inbox, inbox.c.topic == RANKED.name) == 2


@pytest.mark.parametrize(("key", "code", "says"), [(True, 0, "checkpoints=1"), (False, BROKEN, "another key")])
def test_the_checkpoints_of_a_copy_are_checked_with_the_key_that_is_copied_with_it(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, key: bool, code: int, says: str
) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    source, copied = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "referrer.db"
    desk = ADesk(SqlDatabase(sqlite_url))
    desk.approved()
    signer = signer_of(ReferrerSettings())
    assert signer is not None
    Sealing(desk.database, signer, desk.clock, structlog.get_logger()).seal()
    held_by(desk).close()
    on_sqlite("VACUUM INTO", source, copied)
    if key:
        shutil.copy(f"{source}.checkpoint-key", f"{copied}.checkpoint-key")
    monkeypatch.setenv("REFERRER_DATABASE_URL", f"sqlite:///{copied}")
    answer = CliRunner().invoke(app, ["verify"])
    assert (answer.exit_code, says in answer.output) == (code, True)
