"""A console over a SQLite file of the test's own."""

from collections.abc import Iterator

import pytest

from services.referrer.adapters.database import SqlDatabase
from tests.consoles import AConsole
from tests.desk import ADesk


@pytest.fixture
def console(sqlite_url: str) -> Iterator[AConsole]:
    """The whole console; its clock stands still."""
    database = SqlDatabase(sqlite_url)
    yield AConsole(ADesk(database))
    database.close()
