"""Cases, locations and decisions in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from uuid import UUID

import sqlalchemy as sa

from schemas.review import CaseState
from schemas.vocabulary import Band
from services.referrer.adapters.bulk import upsert
from services.referrer.adapters.sql import by_key, chunks, columns_of, record_of, values_of
from services.referrer.adapters.tables import QUEUE_ORDER, cases, decision_locations, decisions, locations
from services.referrer.records import Case, DecisionRow, Location, QueueFilter, QueueKey, Waiting

# An escalated case waits for a person, too: a lead. A deferred one waits for something else.
FOR_A_PERSON = (CaseState.OPEN, CaseState.LEASED, CaseState.ESCALATED)
QUEUE_BANDS = tuple(band for band in Band if band is not Band.NONE)


class CaseBook:
    """Cases over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, case_id: UUID) -> Case | None:
        """One case, to look at."""
        return self._one(sa.select(cases).where(cases.c.case_id == case_id))

    def locked(self, case_id: UUID) -> Case | None:
        """One case, locked until the transaction ends; SQLite has locked everything already."""
        return self._one(sa.select(cases).where(cases.c.case_id == case_id).with_for_update())

    def _one(self, statement: sa.Select[tuple[object, ...]]) -> Case | None:
        row = self._connection.execute(statement).mappings().one_or_none()
        return record_of(Case, row) if row is not None else None

    def by_content(self, content_keys: Collection[str]) -> dict[str, Case]:
        """The cases that these contents belong to, locked in one order, so that two writers never wait for one another in a ring."""
        found: dict[str, Case] = {}
        for piece in chunks(sorted(content_keys)):
            rows = self._connection.execute(
                sa.select(locations.c.content_key.label("location_key"), *columns_of(Case, cases))
                .join(cases, cases.c.case_id == locations.c.case_id)
                .where(locations.c.content_key.in_(piece))
                .order_by(cases.c.case_id)
                .with_for_update(of=cases)
            )
            found |= {row["location_key"]: record_of(Case, row) for row in rows.mappings()}
        return found

    def put(self, changed: Sequence[Case]) -> None:
        """Insert or replace."""
        upsert(self._connection, cases, [values_of(case, negative_risk=-case.risk) for case in changed])

    def put_locations(self, changed: Sequence[Location]) -> None:
        """Insert or replace."""
        upsert(self._connection, locations, [values_of(location) for location in changed])

    def drop_locations(self, content_keys: Collection[str]) -> None:
        """Take contents from the cases in which they no longer stand."""
        for piece in chunks(content_keys):
            self._connection.execute(sa.delete(locations).where(locations.c.content_key.in_(piece)))

    def locations(self, case_id: UUID) -> list[Location]:
        """Where the content was seen, first seen first."""
        rows = self._connection.execute(
            sa.select(locations)
            .where(locations.c.case_id == case_id)
            .order_by(locations.c.first_seen_at, locations.c.content_key)
        )
        return [record_of(Location, row) for row in rows.mappings()]

    def addresses(self, case_ids: Collection[UUID]) -> dict[UUID, int]:
        """At how many addresses each case's content is live, those of a flood that are not listed included."""
        return by_key(self._connection, sa.select(cases.c.case_id, cases.c.live), case_ids)

    def queue(self, wanted: QueueFilter, after: QueueKey | None, limit: int) -> list[Case]:
        """Cases in order of band, risk, age; the page begins after `after`.

        One question per state and band, each a stretch of an index: so the page costs the same however much waits.
        """
        found: list[Case] = []
        for band in sorted(wanted.bands or QUEUE_BANDS):
            if after is None or band >= after.band:
                pages = [self._stretch(state, band, wanted.platform, after, limit) for state in wanted.states]
                found += islice(merge(*pages, key=_place), limit - len(found))
            if len(found) >= limit:
                break
        return found

    def _stretch(
        self, state: CaseState, band: Band, platform: str | None, after: QueueKey | None, limit: int
    ) -> list[Case]:
        statement = sa.select(cases).where(cases.c.state == state.value, cases.c.band == band.value)
        if platform is not None:
            statement = statement.where(cases.c.platform == platform)
        if after is not None and after.band is band:
            columns, values = QUEUE_ORDER[1:], (-after.risk, after.waiting_since, after.case_id)
            typed = [sa.literal(value, column.type) for value, column in zip(values, columns, strict=True)]
            statement = statement.where(sa.tuple_(*columns) > sa.tuple_(*typed))
        rows = self._connection.execute(statement.order_by(*QUEUE_ORDER).limit(limit))
        return [record_of(Case, row) for row in rows.mappings()]

    def waiting(self) -> list[Waiting]:
        """How many cases wait for a person, per band, and since when: open, taken or escalated."""
        rows = self._connection.execute(
            sa.select(cases.c.band, sa.func.count(), sa.func.min(cases.c.opened_at, type_=cases.c.opened_at.type))
            .where(cases.c.state.in_([state.value for state in FOR_A_PERSON]))
            .group_by(cases.c.band)
        )
        return [Waiting(Band(band), count, oldest) for band, count, oldest in rows]

    def expired_leases(self, now: datetime, limit: int) -> list[UUID]:
        """Cases whose lease has run out."""
        statement = sa.select(cases.c.case_id).where(
            cases.c.lease_until <= now, cases.c.state == CaseState.LEASED.value
        )
        return list(self._connection.execute(statement.order_by(cases.c.lease_until).limit(limit)).scalars())

    def add_decision(self, decision: DecisionRow, urls: Mapping[str, str]) -> None:
        """Store a decision and the addresses (by content key) that it names."""
        self._connection.execute(sa.insert(decisions), values_of(decision))
        if urls:
            rows = [{"decision_id": decision.decision_id, "content_key": k, "url": url} for k, url in urls.items()]
            self._connection.execute(sa.insert(decision_locations), rows)

    def decisions(self, case_id: UUID) -> list[DecisionRow]:
        """What people decided, oldest first."""
        return self.decisions_among([case_id]).get(case_id, [])

    def decisions_among(self, case_ids: Collection[UUID]) -> dict[UUID, list[DecisionRow]]:
        """The same of many cases; those that nobody decided are left out."""
        found: dict[UUID, list[DecisionRow]] = {}
        for piece in chunks(case_ids):
            rows = self._connection.execute(
                sa.select(decisions)
                .where(decisions.c.case_id.in_(piece))
                .order_by(decisions.c.decided_at, decisions.c.decision_id)
            )
            for row in rows.mappings():
                found.setdefault(row["case_id"], []).append(record_of(DecisionRow, row))
        return found


def _place(case: Case) -> tuple[float, datetime, UUID]:
    """Where a case stands within its band."""
    return -case.risk, case.waiting_since, case.case_id
