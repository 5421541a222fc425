"""What is too old, kind by kind, in the database; and when a daily chore was done last."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from schemas.referral import TakedownRequested
from schemas.review import CaseState
from schemas.topics import RANKED, TAKEDOWN_OUTCOME
from services.referrer.adapters.bulk import upsert
from services.referrer.adapters.exercise_book import ExerciseBook
from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.adapters.oversight_tables import chores, exercises, golden
from services.referrer.adapters.removal import drop_decided, drop_requests, forget_contents, strip_cases
from services.referrer.adapters.sql import chunks, hold
from services.referrer.adapters.tables import cases, inbox, locations, outbox, people, referrals, sightings
from services.referrer.policy import load_policy
from services.referrer.retention import Age, Kind
from services.referrer.retention_ports import Older
from services.runtime.codec import decode

INBOXES = {Kind.INBOX_CONTENT: RANKED.name, Kind.INBOX_OUTCOMES: TAKEDOWN_OUTCOME.name}
_located = sa.exists().where(locations.c.case_id == cases.c.case_id)
_requested = sa.exists().where(referrals.c.case_id == cases.c.case_id)
# Notices that are read at once.
LOOKED_AT = 2_000
# Kinds with which contents are forgotten.
FORGETTING = frozenset({Kind.CONTENT, Kind.CASES_WITHOUT_REQUEST, Kind.REQUESTS})
OF_CASES = frozenset({Kind.CASES_WITHOUT_REQUEST, Kind.DECISIONS, Kind.REQUESTS})
# A person took these up and owes them a word; however long that takes, age alone is none.
IN_HAND = tuple(state.value for state in (CaseState.LEASED, CaseState.ESCALATED, CaseState.DEFERRED))
Clauses = Sequence[sa.ColumnElement[bool]]


class RetentionBook:
    """A RetentionBook over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def due(self, kind: Kind, age: Age, limit: int, after: Any = None) -> Older:
        """What is older, in the order in which it grew old, so that no look begins at the beginning again."""
        if kind is Kind.REQUESTS:
            return self._requests_due(age, limit, after)
        order, keys = _ORDER[kind], _KEYS[kind]
        wanted = sa.select(*order, *keys).where(*_old(kind, age.before))
        rows = self._connection.execute(_after(wanted, order, after).order_by(*order).limit(limit)).all()
        found = dict.fromkeys(row[-1] if len(keys) == 1 else tuple(row[len(order) :]) for row in rows)
        return Older(list(found), tuple(rows[-1][: len(order)]) if rows else after)

    def count(self, kind: Kind, age: Age) -> int:
        """How many there are."""
        if kind is Kind.REQUESTS:
            return self._requests_count(age)
        # Told apart in the order in which they grew old: so an index gives them, and nothing is put aside to be sorted.
        found = sa.select(*_ORDER[kind]).distinct().where(*_old(kind, age.before)).subquery()
        return self._connection.execute(sa.select(sa.func.count()).select_from(found)).scalar_one()

    def remove(self, kind: Kind, age: Age, keys: Sequence[Any]) -> int:
        """Remove those of them that are still too old; gives how many."""
        self._hold(kind, keys)
        still: list[Any] = self._free(age, keys) if kind is Kind.REQUESTS else self._still(kind, age.before, keys)
        if kind is Kind.CONTENT:
            forget_contents(self._connection, still)
        elif kind is Kind.CASES_WITHOUT_REQUEST:
            strip_cases(self._connection, still)
        elif kind is Kind.DECISIONS:
            drop_decided(self._connection, still)
        elif kind is Kind.REQUESTS:
            drop_requests(self._connection, still)
            strip_cases(self._connection, still)
        elif kind is Kind.EXERCISES:
            self._blank_exercises(still)
        elif kind is Kind.STAFF_NAMES:
            self._connection.execute(
                sa.update(people).where(people.c.pseudonym.in_(still)).values(name=people.c.pseudonym)
            )
        else:
            table = _KEYS[kind][0].table
            self._connection.execute(sa.delete(table).where(_among(_KEYS[kind], still)))
        return len(still)

    def _hold(self, kind: Kind, keys: Sequence[Any]) -> None:
        """Let nobody touch them until the transaction ends: what is taken, answered or heard of again just now is not removed.

        Requests, memory, cases: in the order in which a batch takes them.
        """
        if kind is Kind.REQUESTS:
            hold(self._connection, referrals.c.referral_id, referrals.c.case_id.in_(keys))
        if kind in FORGETTING:
            MemoryBook(self._connection, load_policy()).lock()
        if kind in OF_CASES:
            hold(self._connection, cases.c.case_id, cases.c.case_id.in_(keys))

    def count_anew(self) -> None:
        """Let the database see how much there is of everything; PostgreSQL does so by itself."""
        if self._connection.dialect.name == "sqlite":
            # Looks at some rows of each index: a fraction of a second whatever the size.
            self._connection.exec_driver_sql("PRAGMA analysis_limit=400")
            self._connection.exec_driver_sql("ANALYZE")

    def _still(self, kind: Kind, before: datetime, keys: Sequence[Any]) -> list[Any]:
        columns = _KEYS[kind]
        clauses = (*_old(kind, before), _among(columns, keys))
        rows = self._connection.execute(sa.select(*columns).distinct().where(*clauses))
        return [row[0] if len(columns) == 1 else tuple(row) for row in rows]

    def _requests_due(self, age: Age, limit: int, after: Any) -> Older:
        """Looks at some notices after the other, because each names in its own bytes until when it is kept."""
        found: list[UUID] = []
        order = _ORDER[Kind.REQUESTS]
        while not found:
            wanted = sa.select(*order, referrals.c.case_id).where(*_old(Kind.REQUESTS, age.before))
            rows = self._connection.execute(_after(wanted, order, after).order_by(*order).limit(limit)).all()
            if not rows:
                break
            after = tuple(rows[-1][: len(order)])
            found = self._free(age, list(dict.fromkeys(row.case_id for row in rows)))
        return Older(found, after)

    def _requests_count(self, age: Age) -> int:
        case_ids: set[UUID] = set()
        after = None
        while (found := self._requests_due(age, LOOKED_AT, after)).keys:
            case_ids.update(found.keys)
            after = found.last
        return len(case_ids)

    def _free(self, age: Age, among: Sequence[UUID]) -> list[Any]:
        """Those of these cases for which nobody waits, all of whose notices are older and past the day that the notice itself names."""
        kept_until: dict[UUID, date] = {}
        for piece in chunks(among):
            newest = sa.func.max(referrals.c.issued_at, type_=referrals.c.issued_at.type)
            these = referrals.c.case_id.in_(piece)
            wanted = (
                sa.select(referrals.c.case_id).where(these).group_by(referrals.c.case_id).having(newest < age.before)
            )
            # Content that was seen again opens the case anew: then it is the case that has to grow old, not its first request.
            still = sa.or_(cases.c.state != CaseState.OPEN.value, cases.c.changed_at < age.before)
            idle = sa.select(cases.c.case_id).where(cases.c.case_id.in_(wanted), cases.c.state.not_in(IN_HAND), still)
            bodies = sa.select(referrals.c.case_id, referrals.c.body).where(referrals.c.case_id.in_(idle))
            for case_id, body in self._connection.execute(bodies):
                until = decode(TakedownRequested, body).retention_until
                kept_until[case_id] = max(until, kept_until.get(case_id, until))
        return sorted(case for case, until in kept_until.items() if until < age.now.date())

    def _blank_exercises(self, case_ids: Sequence[UUID]) -> None:
        these = exercises.c.case_id.in_(case_ids)
        self._connection.execute(sa.delete(exercises).where(these, exercises.c.decided_at.is_(None)))
        ExerciseBook(self._connection).blank(case_ids)


_KEYS: Mapping[Kind, tuple[sa.Column[Any], ...]] = {
    Kind.CONTENT: (sightings.c.content_key,),
    Kind.CASES_WITHOUT_REQUEST: (cases.c.case_id,),
    Kind.DECISIONS: (cases.c.case_id,),
    Kind.EXERCISES: (exercises.c.case_id,),
    Kind.GOLDEN: (golden.c.golden_id,),
    Kind.INBOX_CONTENT: (inbox.c.topic, inbox.c.partition_number, inbox.c.record_offset),
    Kind.INBOX_OUTCOMES: (inbox.c.topic, inbox.c.partition_number, inbox.c.record_offset),
    Kind.OUTBOX: (outbox.c.number,),
    Kind.STAFF_NAMES: (people.c.pseudonym,),
}

# The order in which records of a kind grow old, each with an index; where there are few of a kind, or their numbers grow with
# time, by number. Equal places cannot be: the last column is different for every record, or for all that go together.
_ORDER: Mapping[Kind, tuple[sa.Column[Any], ...]] = {
    **_KEYS,
    Kind.CONTENT: (sightings.c.observed_at, sightings.c.content_key),
    Kind.CASES_WITHOUT_REQUEST: (cases.c.changed_at, cases.c.case_id),
    Kind.DECISIONS: (cases.c.changed_at, cases.c.case_id),
    Kind.REQUESTS: (referrals.c.issued_at, referrals.c.referral_id),
}


def _after(wanted: sa.Select[Any], order: tuple[sa.Column[Any], ...], after: Any) -> sa.Select[Any]:
    """The same, beginning after a place."""
    if after is None:
        return wanted
    place = [sa.literal(value, column.type) for value, column in zip(after, order, strict=True)]
    return wanted.where(sa.tuple_(*order) > sa.tuple_(*place))


def _old(kind: Kind, before: datetime) -> Clauses:
    """What makes a record of this kind too old."""
    if kind is Kind.CONTENT:
        other = sightings.alias()
        # Of several observations of a content the last one speaks for all, so that each content is met once.
        later = sa.exists().where(
            other.c.content_key == sightings.c.content_key, other.c.observed_at > sightings.c.observed_at
        )
        has_case = sa.exists().where(locations.c.content_key == sightings.c.content_key)
        return (sightings.c.observed_at < before, ~has_case, ~later)
    if kind is Kind.CASES_WITHOUT_REQUEST:
        return (cases.c.changed_at < before, cases.c.state.not_in(IN_HAND), _located, ~_requested)
    if kind is Kind.REQUESTS:
        return (referrals.c.issued_at < before,)
    if kind is Kind.DECISIONS:
        return (cases.c.changed_at < before, ~_located, ~_requested)
    if kind is Kind.EXERCISES:
        since = sa.func.coalesce(exercises.c.decided_at, exercises.c.made_at, type_=exercises.c.made_at.type)
        return (since < before, sa.func.length(exercises.c.record) > 0)
    if kind is Kind.GOLDEN:
        return (golden.c.added_at < before,)
    if kind in INBOXES:
        return (inbox.c.topic == INBOXES[kind], inbox.c.at < before)
    if kind is Kind.OUTBOX:
        return (outbox.c.sent_at < before,)
    return (people.c.revoked_at < before, people.c.name != people.c.pseudonym)


def _among(columns: tuple[sa.Column[Any], ...], keys: Sequence[Any]) -> sa.ColumnElement[bool]:
    return columns[0].in_(keys) if len(columns) == 1 else sa.tuple_(*columns).in_(keys)


class ChoreBook:
    """When chores were done, over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def done_at(self, name: str) -> datetime | None:
        """The last time; None for never."""
        return self._connection.execute(sa.select(chores.c.done_at).where(chores.c.name == name)).scalar_one_or_none()

    def done(self, name: str, at: datetime) -> None:
        """It was done."""
        upsert(self._connection, chores, [{"name": name, "done_at": at}])

    def names(self, beginning: str) -> list[str]:
        """Names that begin so."""
        these = sa.select(chores.c.name).where(chores.c.name.startswith(beginning, autoescape=True))
        return list(self._connection.execute(these).scalars())
