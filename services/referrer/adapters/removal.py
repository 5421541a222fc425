"""Keys of contents and cases come in; every row that holds their content, or words of it, leaves the database."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from schemas.review import CaseState
from services.referrer.adapters.console_tables import case_words
from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.adapters.memory_tables import case_looks
from services.referrer.adapters.sql import chunks
from services.referrer.adapters.tables import (
    cases,
    decision_locations,
    decisions,
    locations,
    metadata,
    referrals,
    sightings,
)
from services.referrer.intake import WAITING
from services.referrer.policy import load_policy


def hanging_on(key: sa.Column[Any]) -> list[sa.Column[Any]]:
    """Columns of all tables that point at this one: what a later table adds is not forgotten."""
    return [c for table in metadata.sorted_tables for c in table.c for f in c.foreign_keys if f.column is key]


def forget_contents(connection: sa.Connection, keys: Collection[str]) -> int:
    """Observations of these contents, the words by which they are found, and what is remembered of them; gives observations."""
    gone = 0
    memory = MemoryBook(connection, load_policy())
    for piece in chunks(sorted(keys)):
        gone += connection.execute(sa.delete(sightings).where(sightings.c.content_key.in_(piece))).rowcount
        connection.execute(sa.delete(case_words).where(case_words.c.content_key.in_(piece)))
        # What somebody last saw of a case quotes its content.
        of_these = sa.select(locations.c.case_id).where(locations.c.content_key.in_(piece))
        connection.execute(sa.delete(case_looks).where(case_looks.c.case_id.in_(of_these)))
        memory.forget([kept.this for kept in memory.kept(piece).values()])
        memory.forget_counts(piece)
    return gone


def contents_of(connection: sa.Connection, case_ids: Collection[UUID]) -> list[str]:
    """The contents of these cases."""
    found: list[str] = []
    for piece in chunks(case_ids):
        found += connection.execute(sa.select(locations.c.content_key).where(locations.c.case_id.in_(piece))).scalars()
    return found


def strip_cases(connection: sa.Connection, case_ids: Collection[UUID]) -> None:
    """Take content, addresses and notes from cases; the bare decisions stay, and a case that nobody decided goes whole."""
    forget_contents(connection, contents_of(connection, case_ids))
    for piece in chunks(case_ids):
        of_these = sa.select(decisions.c.decision_id).where(decisions.c.case_id.in_(piece))
        connection.execute(sa.delete(decision_locations).where(decision_locations.c.decision_id.in_(of_these)))
        connection.execute(sa.update(decisions).where(decisions.c.case_id.in_(piece)).values(note=""))
        connection.execute(sa.delete(locations).where(locations.c.case_id.in_(piece)))
        waiting = cases.c.state.in_([state.value for state in WAITING])
        moot = {"state": CaseState.MOOT.value, "lease_holder": None, "lease_until": None}
        connection.execute(sa.update(cases).where(cases.c.case_id.in_(piece), waiting).values(**moot))
        undecided = ~sa.exists().where(decisions.c.case_id == cases.c.case_id)
        connection.execute(sa.delete(cases).where(cases.c.case_id.in_(piece), undecided))


def drop_decided(connection: sa.Connection, case_ids: Collection[UUID]) -> None:
    """The bare decisions of cases, and the cases."""
    for piece in chunks(case_ids):
        connection.execute(sa.delete(decisions).where(decisions.c.case_id.in_(piece)))
        connection.execute(sa.delete(cases).where(cases.c.case_id.in_(piece)))


def drop_requests(connection: sa.Connection, case_ids: Collection[UUID]) -> None:
    """The requests of cases with everything that hangs on them."""
    for piece in chunks(case_ids):
        of_these = sa.select(referrals.c.referral_id).where(referrals.c.case_id.in_(piece))
        for column in hanging_on(referrals.c.referral_id):
            connection.execute(sa.delete(column.table).where(column.in_(of_these)))
        connection.execute(sa.delete(referrals).where(referrals.c.case_id.in_(piece)))
