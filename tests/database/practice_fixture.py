"""Desks with golden cases, with blind second reviews, and an exercise of either sort with the person who meets it."""

from collections.abc import Iterator

import pytest

from services.referrer.adapters.database import SqlDatabase
from services.referrer.practice import Practice
from services.referrer.records import Case, Person
from tests.desk import ADesk
from tests.practice import BLIND_ONLY, GOLDEN_ONLY, a_desk, a_golden, with_blind, with_golden


@pytest.fixture
def golden_desk(database: SqlDatabase) -> ADesk:
    desk = a_desk(database, GOLDEN_ONLY)
    Practice(database, GOLDEN_ONLY, desk.clock).add([a_golden()], "operator")
    return desk


@pytest.fixture
def blind_desk(database: SqlDatabase) -> ADesk:
    return a_desk(database, BLIND_ONLY)


@pytest.fixture(params=["golden", "blind"])
def practised(request: pytest.FixtureRequest, database: SqlDatabase) -> Iterator[tuple[ADesk, Person, Case]]:
    """A desk, a person and an exercise of that person: golden, then blind."""
    if request.param == "golden":
        desk = a_desk(database, GOLDEN_ONLY)
        Practice(database, GOLDEN_ONLY, desk.clock).add([a_golden()], "operator")
        person = desk.person("r-2")
        yield desk, person, with_golden(desk, person)
    else:
        desk = a_desk(database, BLIND_ONLY)
        person = desk.person("r-2")
        yield desk, person, with_blind(desk, person)
