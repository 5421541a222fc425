"""A database comes in; it goes out at the newest step of the migrations, whoever else upgrades it at the same time."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from services.referrer.adapters.engine import opening
from services.runtime.errors import Fatal

SCRIPTS = Path(__file__).parents[1] / "migrations"
LOCK = 0x48554200


def config(connection: sa.Connection | None = None) -> Config:
    """What Alembic needs to know: where the steps are, and over which connection to take them."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def upgrade(engine: sa.Engine) -> str:
    """Walk to the newest step in one transaction; gives its name. Raises Fatal where the database does not answer."""
    with opening(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Whoever is at it may have indexes of many gigabytes to make.
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(config(connection), "head")
    return newest()


def newest() -> str:
    """Name of the newest step."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise Fatal("the package holds no migrations")
    return head


def present(engine: sa.Engine) -> str | None:
    """Name of the step that the database is at; None for an empty one. Raises Fatal where it does not answer."""
    with opening(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_newest(engine: sa.Engine) -> None:
    """Raises Fatal when the database is at another step than this build: two builds must not write to one another's tables."""
    found = present(engine)
    if found != newest():
        raise Fatal(f"the database is at step {found or 'none'}, this build needs {newest()}; run `hub db upgrade`")
