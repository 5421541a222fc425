"""The words of `hub db`, `hub people`, `hub connectors`: a person asks, the referrer's database answers."""

import re
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.referrer.accounts import new_connector, new_person
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.migrate import newest, present, require_newest, upgrade
from services.referrer.books import Books
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.records import Connector, Person
from services.referrer.roles import Role
from services.referrer.sessions import SignIn
from services.referrer.settings import ReferrerSettings
from services.runtime.clock import SystemClock
from services.runtime.errors import Fatal
from services.runtime.terminal import cell

db = typer.Typer(no_args_is_help=True, help="The referrer's database.")
people = typer.Typer(no_args_is_help=True, help="Who works at the desk.")
connectors = typer.Typer(no_args_is_help=True, help="Platforms' own systems that report outcomes.")
OPERATOR = "operator"


def open_database(*, upgraded: bool = True) -> SqlDatabase:
    """The database that REFERRER_DATABASE_URL names; an embedded one is brought up to date. Raises Fatal for one that is not."""
    settings = ReferrerSettings()
    database = SqlDatabase(settings.database_url.get_secret_value())
    if upgraded and settings.database_file() is not None:
        upgrade(database.engine)
    elif upgraded:
        require_newest(database.engine)
    return database


@db.command("upgrade")
def upgrade_database() -> None:
    """Bring the tables to the newest step; safe to repeat, and by several at once."""
    typer.echo(f"at step {upgrade(open_database(upgraded=False).engine)}")


@db.command("status")
def database_status() -> None:
    """Show the step of the database and that of this build; exit code 3 when they differ."""
    found = present(open_database(upgraded=False).engine)
    typer.echo(f"database {found or 'empty'}, build {newest()}")
    raise typer.Exit(0 if found == newest() else 3)


@db.command("compact")
def compact_database() -> None:
    """Free the room that removed records took.

    SQLite: the file is written anew, as small as it can be; nobody can write meanwhile. PostgreSQL: a plain VACUUM, which frees room for
    reuse while others write on. An erasure needs neither: SQLite overwrites what is removed as it removes it.
    """
    open_database().compact()
    typer.echo("done")


@people.command("add")
def add_person(
    pseudonym: Annotated[str, typer.Argument(help="What records and requests say instead of the name, e.g. r-07.")],
    name: Annotated[str, typer.Option(help="The person's name; it stays in this database.")] = "",
    role: Annotated[
        Role | None,
        typer.Option(help="What the person is there for. Default: reviewer, or what the person is already."),
    ] = None,
) -> None:
    """Give a person a token and print it: it is shown this once. An existing person gets a new token."""
    word, now = _word(pseudonym), datetime.now(UTC)

    def work(books: Books) -> str:
        before = books.people.by_pseudonym(word)
        known = (before.name, before.role, before.created_at) if before is not None else (word, Role.REVIEWER, now)
        token, person = new_person(word, name or known[0], role or known[1], known[2])
        put_person(books, person)
        return token

    typer.echo(open_database().write(work))


@people.command("list")
def list_people() -> None:
    """Show everybody, without tokens."""
    table = Table("pseudonym", "name", "role", "since", "revoked")
    for each in open_database().read(lambda books: books.people.everybody()):
        table.add_row(
            cell(each.pseudonym), cell(each.name), each.role.value, _day(each.created_at), _day(each.revoked_at)
        )
    Console().print(table)


@people.command("revoke")
def revoke_person(pseudonym: Annotated[str, typer.Argument(help="As `hub people list` shows it.")]) -> None:
    """Make a person's token and password useless, and end the person's sessions, at once."""

    def work(books: Books) -> None:
        put_person(books, _revoked(books, pseudonym))
        # Gone for good: whoever is given a token again later does not get these back with it.
        books.sessions.end_all(pseudonym)
        books.sessions.end_password(pseudonym)

    with closing(open_database()) as database:
        database.write(work)
    typer.echo(f"{pseudonym} is revoked")


@people.command("password")
def set_password(pseudonym: Annotated[str, typer.Argument(help="As `hub people list` shows it.")]) -> None:
    """Give a person a password for the console: asked for twice, or read as one line from standard input."""
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    sign_in = SignIn(open_database(), SystemClock(), ReferrerSettings().session())
    if (declined := sign_in.set_password(pseudonym, password, OPERATOR)) is not None:
        raise Fatal(declined.detail)
    typer.echo(f"{pseudonym} can sign in")


@people.command("unlink")
def unlink_person(pseudonym: Annotated[str, typer.Argument(help="As `hub people list` shows it.")]) -> None:
    """Untie a person from an account at the OpenID provider, and end the person's sessions; the next such sign-in ties anew."""

    def work(books: Books) -> None:
        if not books.sessions.unlink(pseudonym):
            raise Fatal(f"{pseudonym} is tied to no account")
        books.sessions.end_all(pseudonym)
        body = {"pseudonym": pseudonym, "linked": "no"}
        books.ledger.append([Happened(datetime.now(UTC), LedgerKind.PERSON_CHANGED, OPERATOR, body)])

    with closing(open_database()) as database:
        database.write(work)
    typer.echo(f"{pseudonym} is tied to no account")


def _revoked(books: Books, pseudonym: str) -> Person:
    person = books.people.by_pseudonym(pseudonym)
    if person is None:
        raise Fatal(f"nobody is called {pseudonym}")
    return replace(person, revoked_at=person.revoked_at or datetime.now(UTC))


def put_person(books: Books, person: Person) -> None:
    """Store a person, and that the operator did it."""
    books.people.put(person)
    body = {"pseudonym": person.pseudonym, "role": person.role.value, "revoked": person.revoked_at is not None}
    books.ledger.append([Happened(datetime.now(UTC), LedgerKind.PERSON_CHANGED, OPERATOR, body)])


@connectors.command("add")
def add_connector(
    connector_id: Annotated[str, typer.Argument(help="Name of the connector.")],
    platform: Annotated[str, typer.Option(help="The one platform that it reports for.")],
) -> None:
    """Give a platform's connector a token and print it: it is shown this once."""
    token, connector = new_connector(_word(connector_id), _word(platform), datetime.now(UTC))
    open_database().write(lambda books: put_connector(books, connector))
    typer.echo(token)


@connectors.command("list")
def list_connectors() -> None:
    """Show all connectors, without tokens."""
    table = Table("connector", "platform", "since", "revoked")
    for each in open_database().read(lambda books: books.people.connectors()):
        table.add_row(cell(each.connector_id), cell(each.platform), _day(each.created_at), _day(each.revoked_at))
    Console().print(table)


@connectors.command("revoke")
def revoke_connector(connector_id: Annotated[str, typer.Argument(help="As `hub connectors list` shows it.")]) -> None:
    """Make a connector's token useless at once."""

    def work(books: Books) -> None:
        found = next((each for each in books.people.connectors() if each.connector_id == connector_id), None)
        if found is None:
            raise Fatal(f"no connector is called {connector_id}")
        put_connector(books, replace(found, revoked_at=found.revoked_at or datetime.now(UTC)))

    open_database().write(work)
    typer.echo(f"{connector_id} is revoked")


def put_connector(books: Books, connector: Connector) -> None:
    """Store a connector, and that the operator did it."""
    books.people.put_connector(connector)
    body = {"connector": connector.connector_id, "platform": connector.platform}
    body["revoked"] = "yes" if connector.revoked_at is not None else "no"
    books.ledger.append([Happened(datetime.now(UTC), LedgerKind.PERSON_CHANGED, OPERATOR, body)])


def _word(text: str) -> str:
    """A pseudonym or platform as records may carry it. Raises Fatal for one that is none."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,62}", text) is None:
        raise Fatal(f"{text!r} is no name: use small letters, digits, dot, dash and underscore")
    return text


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "-"
