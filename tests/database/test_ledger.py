"""The ledger: what is changed, moved, taken out or cut off is found and located; an export can be checked by others."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from typer.testing import CliRunner

from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.tables import checkpoints, ledger
from services.referrer.checkpoints import Check, Signer, new_key
from services.referrer.cli_ledger import BROKEN, app
from services.referrer.ledger import Break, Happened, LedgerKind, first_break
from services.referrer.sealing import Sealing
from tests.builders import NOON
from tests.fakes import StillClock

KEY = new_key()
SIGNER = Signer.from_hex(KEY)


def happen(database: SqlDatabase, number: int, who: str = "r-1") -> None:
    events = [Happened(NOON, LedgerKind.VIEWED, who, {"n": n, "text": "é\u2028"}) for n in range(number)]
    database.write(lambda books: books.ledger.append(events))


def seal(database: SqlDatabase) -> object:
    return Sealing(database, SIGNER, StillClock(), structlog.get_logger()).seal()


def checked(database: SqlDatabase, key: bytes = SIGNER.public) -> Break | None:
    known = database.read(lambda books: books.ledger.checkpoints())
    check = Check(known, [key])
    check.feed(database.read(lambda books: books.ledger.entries(limit=10_000)))
    return check.end()


def test_a_ledger_that_nobody_touched_holds(database: SqlDatabase) -> None:
    happen(database, 5)
    seal(database)
    happen(database, 5)
    assert checked(database) is None


def test_writers_at_the_same_instant_make_one_chain(database: SqlDatabase) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: happen(database, 5, f"r-{n}"), range(12)))
    entries = database.read(lambda books: books.ledger.entries())
    assert len(entries) == 60
    assert first_break(entries) is None


Tamper = Callable[[sa.Connection], object]
TAMPERED: dict[str, tuple[int, Tamper]] = {
    "body": (4, lambda c: c.execute(sa.update(ledger).where(ledger.c.seq == 4).values(body=b"{}"))),
    "no text": (4, lambda c: c.execute(sa.update(ledger).where(ledger.c.seq == 4).values(body=b"\xff"))),
    "actor": (4, lambda c: c.execute(sa.update(ledger).where(ledger.c.seq == 4).values(actor="somebody"))),
    "time": (4, lambda c: c.execute(sa.text("UPDATE ledger SET at = at + 1 WHERE seq = 4"))),
    "hash": (4, lambda c: c.execute(sa.update(ledger).where(ledger.c.seq == 4).values(hash="0" * 64))),
    "taken out": (4, lambda c: c.execute(sa.delete(ledger).where(ledger.c.seq == 4))),
    "first taken out": (1, lambda c: c.execute(sa.delete(ledger).where(ledger.c.seq == 1))),
    "cut": (7, lambda c: c.execute(sa.delete(ledger).where(ledger.c.seq >= 7))),
    "emptied": (1, lambda c: c.execute(sa.delete(ledger))),
    "signature": (8, lambda c: c.execute(sa.update(checkpoints).values(signature=b"\0" * 64))),
    "checkpoint": (8, lambda c: c.execute(sa.update(checkpoints).values(hash="0" * 64))),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_found_and_located(database: SqlDatabase, how: str) -> None:
    happen(database, 8)
    seal(database)
    place, tamper = TAMPERED[how]
    with database.engine.begin() as connection:
        tamper(connection)
    broken = checked(database)
    assert broken is not None
    assert broken.seq == place


def test_two_entries_that_changed_places_are_found(database: SqlDatabase) -> None:
    happen(database, 8)
    with database.engine.begin() as connection:
        for before, after in ((3, 100), (4, 3), (100, 4)):
            connection.execute(sa.update(ledger).where(ledger.c.seq == before).values(seq=after))
    assert checked(database) == Break(3, "it does not follow the entry before it")


def test_a_ledger_that_was_rewritten_as_a_whole_does_not_fit_its_checkpoint(database: SqlDatabase) -> None:
    happen(database, 4)
    seal(database)
    with database.engine.begin() as connection:
        connection.execute(sa.delete(ledger))
    happen(database, 4, "somebody else")
    broken = checked(database)
    assert broken is not None
    assert (broken.seq, "was another one" in broken.why) == (4, True)


def test_a_checkpoint_of_another_key_is_refused(database: SqlDatabase) -> None:
    happen(database, 2)
    seal(database)
    broken = checked(database, Signer.from_hex(new_key()).public)
    assert broken is not None
    assert "another key" in broken.why


def test_an_unchanged_head_is_signed_once(database: SqlDatabase) -> None:
    assert seal(database) is None
    happen(database, 1)
    assert seal(database) is not None
    assert seal(database) is None


def test_verify_and_export_by_command(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REFERRER_CHECKPOINT_KEY", KEY)
    database = SqlDatabase(sqlite_url)
    happen(database, 3)
    seal(database)
    run, exported = CliRunner(), tmp_path / "ledger.jsonl"
    assert run.invoke(app, ["verify"]).output.startswith("entries=3 checkpoints=1 head=")
    assert run.invoke(app, ["export", "--out", str(exported)]).exit_code == 0
    public = run.invoke(app, ["key"]).output.strip()
    by_others = run.invoke(app, ["verify", "--file", str(exported), "--public-key", public])
    assert by_others.output.startswith("entries=3 checkpoints=1 head=")
    with database.engine.begin() as connection:
        connection.execute(sa.delete(ledger).where(ledger.c.seq == 3))
        connection.execute(sa.delete(checkpoints))
    database.close()
    assert run.invoke(app, ["verify"]).exit_code == 0
    against_the_export = run.invoke(app, ["verify", "--checkpoints", str(exported)])
    assert against_the_export.exit_code == BROKEN
    assert against_the_export.output.startswith("entry 3: the ledger was cut")


BY_HAND = {
    "bytes that are no text": "UPDATE ledger SET body = x'ff' WHERE seq = 2",
    "text for bytes": "UPDATE ledger SET body = '{}' WHERE seq = 2",
    "bytes for text": "UPDATE ledger SET actor = x'ff' WHERE seq = 2",
}


@pytest.mark.parametrize("how", BY_HAND)
def test_an_entry_that_cannot_be_read_is_named_and_exported_for_others_to_find(
    how: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite keeps whatever is written into it by hand; the check that looks for this must not fall over it."""
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REFERRER_CHECKPOINT_KEY", KEY)
    database = SqlDatabase(sqlite_url)
    happen(database, 3)
    seal(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(BY_HAND[how])
    database.close()
    run, exported = CliRunner(), tmp_path / "ledger.jsonl"
    verified = run.invoke(app, ["verify"])
    assert (verified.exit_code, verified.output.startswith("entry 2: its content ")) == (BROKEN, True)
    assert run.invoke(app, ["export", "--out", str(exported)]).exit_code == 0
    assert exported.read_bytes().count(b"\n") == 4
    by_others = run.invoke(app, ["verify", "--file", str(exported), "--public-key", SIGNER.public.hex()])
    assert (by_others.exit_code, by_others.output.startswith("entry 2: its content ")) == (BROKEN, True)


def test_a_ledger_without_a_checkpoint_holds_and_is_said_to_have_none(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can empty the checkpoints can make the whole chain anew; that looks like a ledger that was never sealed."""
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REFERRER_CHECKPOINT_KEY", KEY)
    database, run = SqlDatabase(sqlite_url), CliRunner()
    assert "no checkpoint" not in run.invoke(app, ["verify"]).stderr
    happen(database, 3)
    without = run.invoke(app, ["verify"])
    assert (without.exit_code, "no checkpoint, though there is a key" in without.stderr) == (0, True)
    assert without.stdout.startswith("entries=3 checkpoints=0 head=")
    seal(database)
    database.close()
    assert run.invoke(app, ["verify"]).stderr == ""


def test_rules_of_an_entry_that_was_tampered_with_do_not_keep_the_desk_from_starting(database: SqlDatabase) -> None:
    rules = [{"rules": name, "digest": "d"} for name in ("policy", "groups")]
    database.write(
        lambda books: books.ledger.append([Happened(NOON, LedgerKind.POLICY_CHANGED, "desk", body) for body in rules])
    )
    with database.engine.begin() as connection:
        connection.execute(sa.update(ledger).where(ledger.c.seq == 1).values(body=b"\xff"))
    assert database.write(lambda books: books.ledger.rules()) == {("groups", "d")}


def test_an_export_through_a_pipe_is_checked_like_a_file(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with `docker compose exec -T`, where files go in by redirection: a pipe that was read to its end looks like an empty ledger."""
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REFERRER_CHECKPOINT_KEY", KEY)
    database = SqlDatabase(sqlite_url)
    happen(database, 3)
    seal(database)
    run, exported = CliRunner(), tmp_path / "ledger.jsonl"
    run.invoke(app, ["export", "--out", str(exported)])
    database.close()
    end, other_end = os.pipe()
    os.write(other_end, exported.read_bytes())
    os.close(other_end)
    answer = run.invoke(app, ["verify", "--file", f"/dev/fd/{end}", "--public-key", SIGNER.public.hex()])
    os.close(end)
    assert answer.output.startswith("entries=3 checkpoints=1 head=")


def test_a_line_that_is_no_entry_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"{}\n")
    answer = CliRunner().invoke(app, ["verify", "--file", str(path), "--public-key", SIGNER.public.hex()])
    assert "line 1" in str(answer.exception)


def test_a_seal_reads_none_of_the_years_of_checkpoints_before_it(database: SqlDatabase) -> None:
    """Everybody else who has something to record waits for it."""
    happen(database, 1)
    seal(database)
    asked: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda _connection, _cursor, said, *_: asked.append(said))
    happen(database, 1)
    assert seal(database) is not None
    assert [said for said in asked if "checkpoints.signature" in said and said.startswith("SELECT")] == []
