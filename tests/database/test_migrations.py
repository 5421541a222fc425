"""The migrations make exactly the tables that the code uses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from typer.testing import CliRunner

from deploy.kafka.broker import free_port
from schemas.vocabulary import Band
from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.engine import make_engine
from services.referrer.adapters.migrate import config, newest, present, require_newest, upgrade
from services.referrer.cli import db
from services.runtime.errors import Fatal
from tests.builders import NOON
from tests.database.test_ranking import COPY, gone, said
from tests.desk import ADesk


def test_the_migrations_make_the_tables_that_the_code_uses(database: SqlDatabase) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_a_second_upgrade_changes_nothing(database: SqlDatabase) -> None:
    assert upgrade(database.engine) == present(database.engine) == newest()


def test_several_that_upgrade_at_once_do_not_disturb_one_another(postgres_server: sa.URL) -> None:
    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE hub_upgraded")
    engine = make_engine(postgres_server.set(database="hub_upgraded").render_as_string(hide_password=False))
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: upgrade(engine), range(3))) == [newest()] * 3
    engine.dispose()
    admin.dispose()


def test_a_database_at_another_step_is_refused(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(Fatal, match="hub db upgrade"):
        require_newest(engine)
    engine.dispose()


@pytest.mark.parametrize("first_words", [require_newest, upgrade])
def test_a_database_that_does_not_answer_is_told_in_one_line(first_words: Callable[[sa.Engine], object]) -> None:
    """A service logs it as its `fatal` line; a traceback would hide what the runbook sends people to look for."""
    engine = make_engine(f"postgresql://hub:held-secret@127.0.0.1:{free_port()}/hub")
    with pytest.raises(Fatal, match="the database: connection failed"):
        first_words(engine)
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "nonsense"])
def test_an_address_that_cannot_keep_the_promises_is_refused(url: str) -> None:
    with pytest.raises(Fatal, match="REFERRER_DATABASE_URL"):
        make_engine(url)


def test_upgrade_and_status_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_DATABASE_URL", f"sqlite:///{tmp_path}/by-command.db")
    run = CliRunner()
    before = run.invoke(db, ["status"])
    upgraded = run.invoke(db, ["upgrade"])
    after = run.invoke(db, ["status"])
    assert (before.exit_code, upgraded.exit_code, after.exit_code) == (3, 0, 0)
    assert upgraded.output == f"at step {newest()}\n"


def test_every_step_can_be_taken_back_and_again(database: SqlDatabase) -> None:
    with database.engine.begin() as connection:
        before = _indexes(connection)
        command.downgrade(config(connection), "0006")
        assert "ix_outcomes_referral_id" in _indexes(connection)
        command.upgrade(config(connection), "head")
        assert _indexes(connection) == before
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_old_cases_are_counted_and_dated_by_what_is_remembered_of_them(database: SqlDatabase) -> None:
    """Boards go by it from the first second on, before anything new is heard of what stands on them."""
    desk = ADesk(database)
    far: dict[str, Any] = {"event_time": NOON - timedelta(days=30), "published_at": NOON - timedelta(days=30)}
    desk.take(*(said(f"c{n}", 0.3, n, text=COPY, similarity="0" * 16) for n in (1, 2)))
    desk.take(said("late", 0.3, 0.5, text=COPY, similarity="0" * 16, **far), gone("c1"))
    desk.take(said("alone", 0.01, 5, Band.P1, **far))
    before = sorted((case.newest_at, case.live) for case in desk.queue() if case.newest_at)
    with database.engine.begin() as connection:
        command.downgrade(config(connection), "0011")
        command.upgrade(config(connection), "head")
    assert sorted((case.newest_at, case.live) for case in desk.queue() if case.newest_at) == before
    assert before == [(NOON - timedelta(hours=5), 1), (NOON - timedelta(hours=0.5), 2)]


def _indexes(connection: sa.Connection) -> set[str]:
    look = sa.inspect(connection)
    return {str(index["name"]) for table in look.get_table_names() for index in look.get_indexes(table)}
