"""Signing in on both databases: who gets a session, how long it lasts, and what a wrong password costs."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from typer.testing import CliRunner

from services.referrer.accounts import PERSON_PREFIX, owner
from services.referrer.adapters.console_tables import passwords, sessions
from services.referrer.adapters.database import SqlDatabase
from services.referrer.books import Books
from services.referrer.cli import people
from services.referrer.declined import Declined
from services.referrer.roles import Role
from services.referrer.sessions import (
    FORGET_FAILURES,
    FREE_FAILURES,
    LONGEST_WAIT,
    WRONG,
    SessionLength,
    SignedIn,
    SignIn,
    form_token,
    same_token,
    wait_after,
)
from services.runtime.clock import SystemClock
from services.runtime.errors import Fatal
from tests.consoles import PASSWORD, QUICK
from tests.desk import ADesk, declined

LENGTH = SessionLength(timedelta(hours=10), timedelta(minutes=60))


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    found = ADesk(database)
    found.tokened("ada", Role.REVIEWER)
    return found


@pytest.fixture
def sign_in(desk: ADesk) -> SignIn:
    found = SignIn(desk.database, desk.clock, LENGTH, QUICK)
    assert found.set_password("ada", PASSWORD, "operator") is None
    return found


def session(found: SignedIn | Declined) -> SignedIn:
    assert isinstance(found, SignedIn), found
    return found


def test_a_person_with_the_password_is_known_by_the_session(sign_in: SignIn) -> None:
    begun = session(sign_in.sign_in("ada", PASSWORD))
    person = sign_in.who(begun.value)
    assert person is not None
    assert (person.pseudonym, person.role) == ("ada", Role.REVIEWER)


def test_every_sign_in_makes_another_session(sign_in: SignIn) -> None:
    values = {session(sign_in.sign_in("ada", PASSWORD)).value for _ in range(3)}
    assert len(values) == 3


def test_the_database_holds_neither_password_nor_session(sign_in: SignIn, desk: ADesk, database: SqlDatabase) -> None:
    begun = session(sign_in.sign_in("ada", PASSWORD))
    with database.engine.connect() as connection:
        rows = [str(row) for table in (passwords, sessions) for row in connection.execute(sa.select(table))]
    assert len(rows) == 2
    assert not any(begun.value in row or PASSWORD in row for row in rows)
    assert "$argon2id$" in rows[0]


@pytest.mark.parametrize("name", ["ada", "nobody", "", "x" * 500, "ada\x00", "' OR 1=1 --"])
def test_whatever_is_wrong_the_answer_is_the_same(sign_in: SignIn, name: str) -> None:
    assert sign_in.sign_in(name, "wrong password") == WRONG


def test_somebody_without_a_password_cannot_sign_in(sign_in: SignIn, desk: ADesk) -> None:
    desk.tokened("ben", Role.LEAD)
    assert sign_in.sign_in("ben", "") == WRONG


def test_after_some_failures_even_the_right_password_has_to_wait(sign_in: SignIn, desk: ADesk) -> None:
    for _ in range(FREE_FAILURES):
        assert sign_in.sign_in("ada", "wrong password") == WRONG
    assert declined(sign_in.sign_in("ada", PASSWORD)).code == "too_many_sign_ins"
    desk.clock.forward(seconds=wait_after(FREE_FAILURES).total_seconds() + 1)
    session(sign_in.sign_in("ada", PASSWORD))


def test_names_that_nobody_has_are_throttled_alike(sign_in: SignIn) -> None:
    answers = [declined(sign_in.sign_in("nobody", "wrong password")).code for _ in range(FREE_FAILURES + 1)]
    assert answers == ["sign_in"] * FREE_FAILURES + ["too_many_sign_ins"]


class Slow(PasswordHasher):
    """While it checks, something else happens."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self._meanwhile = meanwhile

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        right = super().verify(hash, password)
        self._meanwhile()
        return right


def test_a_password_that_is_changed_while_it_is_checked_opens_nothing(sign_in: SignIn, desk: ADesk) -> None:
    changing = Slow(lambda: sign_in.set_password("ada", "another horse battery", "operator"))
    assert SignIn(desk.database, desk.clock, LENGTH, changing).sign_in("ada", PASSWORD) == WRONG
    session(sign_in.sign_in("ada", "another horse battery"))


def test_failures_at_the_same_time_are_all_counted(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    desk = ADesk(database)
    sign_in = SignIn(database, desk.clock, LENGTH, QUICK)
    with ThreadPoolExecutor() as pool:

        def fail(books: Books) -> Future[SignedIn | Declined]:
            books.sessions.count_failure("ada", desk.clock.now(), desk.clock.now() - FORGET_FAILURES)
            other = pool.submit(sign_in.sign_in, "ada", "wrong")
            wait([other], timeout=0.5)
            return other

        assert database.write(fail).result() == WRONG
    failed = database.read(lambda books: books.sessions.failures("ada"))
    assert failed is not None
    assert failed.failures == 2
    database.close()


def test_a_success_forgets_the_failures_before(sign_in: SignIn) -> None:
    for _ in range(3):
        for _ in range(FREE_FAILURES - 1):
            assert sign_in.sign_in("ada", "wrong password") == WRONG
        session(sign_in.sign_in("ada", PASSWORD))


def test_the_wait_grows_and_has_an_end() -> None:
    waits = [wait_after(failures) for failures in range(60)]
    assert waits == sorted(waits)
    assert (waits[FREE_FAILURES - 1], waits[-1]) == (timedelta(0), LONGEST_WAIT)


def test_a_session_ends_after_its_time_however_busy(sign_in: SignIn, desk: ADesk) -> None:
    begun = session(sign_in.sign_in("ada", PASSWORD))
    for _ in range(11):
        desk.clock.forward(minutes=54)
        assert sign_in.who(begun.value) is not None
    desk.clock.forward(minutes=10)
    assert sign_in.who(begun.value) is None


def test_a_session_that_nobody_uses_ends_sooner(sign_in: SignIn, desk: ADesk) -> None:
    begun = session(sign_in.sign_in("ada", PASSWORD))
    desk.clock.forward(minutes=61)
    assert sign_in.who(begun.value) is None


def test_a_session_that_was_ended_is_nobodys(sign_in: SignIn) -> None:
    begun, other = session(sign_in.sign_in("ada", PASSWORD)), session(sign_in.sign_in("ada", PASSWORD))
    sign_in.sign_out(begun.value)
    assert sign_in.who(begun.value) is None
    assert sign_in.who(other.value) is not None


def test_somebody_revoked_is_signed_out_at_once(sign_in: SignIn, desk: ADesk) -> None:
    begun = session(sign_in.sign_in("ada", PASSWORD))
    person = begun.person
    desk.database.write(lambda books: books.people.put(replace(person, revoked_at=desk.clock.now())))
    assert sign_in.who(begun.value) is None
    assert sign_in.sign_in("ada", PASSWORD) == WRONG


def test_the_command_that_revokes_ends_token_password_and_sessions_and_says_so(
    sign_in: SignIn, desk: ADesk, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", database_url)
    begun, (token, _) = session(sign_in.sign_in("ada", PASSWORD)), desk.tokened("ada", Role.REVIEWER)
    told = CliRunner().invoke(people, ["revoke", "--help"]).output
    assert all(word in told for word in ("token", "password", "sessions"))
    assert CliRunner().invoke(people, ["revoke", "ada"]).exit_code == 0
    assert sign_in.who(begun.value) is None
    assert sign_in.sign_in("ada", PASSWORD) == WRONG
    assert desk.database.read(lambda books: owner(token, PERSON_PREFIX, books.people.by_token)) is None


def test_a_new_password_ends_what_the_old_one_opened(sign_in: SignIn, desk: ADesk) -> None:
    begun = session(sign_in.sign_in("ada", PASSWORD))
    assert sign_in.set_password("ada", "another long password", "operator") is None
    assert sign_in.who(begun.value) is None
    assert sign_in.sign_in("ada", PASSWORD) == WRONG
    session(sign_in.sign_in("ada", "another long password"))
    assert desk.ledger().count("person_changed") == 2


@pytest.mark.parametrize(("name", "password", "code"), [("ada", "short", "password"), ("ada", "x" * 257, "password"),
                                                        ("nobody", PASSWORD, "unknown_person")])  # fmt: skip
def test_a_password_that_cannot_be_taken(sign_in: SignIn, name: str, password: str, code: str) -> None:
    assert declined(sign_in.set_password(name, password, "operator")).code == code


@pytest.mark.parametrize("value", ["", "x", "é" * 40, "\ud800"])
def test_a_made_up_session_is_nobodys(sign_in: SignIn, value: str) -> None:
    assert sign_in.who(value) is None


def test_a_form_token_fits_its_own_session_alone() -> None:
    assert same_token("one", form_token("one"))
    assert not any(
        same_token("one", given) for given in ("", "one", form_token("other"), form_token("one").upper(), "é")
    )


def test_a_password_by_command(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    run = CliRunner()
    assert run.invoke(people, ["add", "ada"]).exit_code == 0
    done = run.invoke(people, ["password", "ada"], input=f"{PASSWORD}\n")
    assert (done.exit_code, done.output) == (0, "ada can sign in\n")
    database = SqlDatabase(sqlite_url)
    session(SignIn(database, SystemClock(), LENGTH, PasswordHasher()).sign_in("ada", PASSWORD))
    database.close()
    assert isinstance(run.invoke(people, ["password", "ada"], input="short\n").exception, Fatal)


def test_whoever_comes_back_after_a_revocation_has_neither_the_session_nor_the_password_of_before(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    run, database = CliRunner(), SqlDatabase(sqlite_url)
    sign_in = SignIn(database, SystemClock(), LENGTH, QUICK)
    assert run.invoke(people, ["add", "ada"]).exit_code == 0
    assert sign_in.set_password("ada", PASSWORD, "operator") is None
    before = session(sign_in.sign_in("ada", PASSWORD))
    assert run.invoke(people, ["revoke", "ada"]).exit_code == 0
    assert run.invoke(people, ["add", "ada"]).exit_code == 0
    assert sign_in.who(before.value) is None
    assert sign_in.sign_in("ada", PASSWORD) == WRONG
    database.close()


def test_a_new_token_changes_neither_name_nor_role(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An auditor who only asks for a token must not be able to decide with it."""
    monkeypatch.setenv("REFERRER_DATABASE_URL", sqlite_url)
    run, database = CliRunner(), SqlDatabase(sqlite_url)
    assert run.invoke(people, ["add", "ada", "--role", "auditor", "--name", "Ada L."]).exit_code == 0
    token = run.invoke(people, ["add", "ada"]).stdout.strip()
    person = database.read(lambda books: owner(token, PERSON_PREFIX, books.people.by_token))
    assert person is not None
    assert (person.role, person.name) == (Role.AUDITOR, "Ada L.")
    assert run.invoke(people, ["add", "ada", "--role", "lead"]).exit_code == 0
    (person,) = database.read(lambda books: books.people.everybody())
    assert (person.role, person.name) == (Role.LEAD, "Ada L.")
    database.close()
