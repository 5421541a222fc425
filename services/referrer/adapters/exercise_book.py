"""Golden cases and blind second reviews in the database, in tables that no request is ever made from."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter

from schemas.review import CaseState, Decision, ReasonCode
from schemas.vocabulary import Band
from services.referrer.adapters.bulk import upsert
from services.referrer.adapters.oversight_tables import exercise_words, exercises, golden, turns
from services.referrer.adapters.sql import chunks
from services.referrer.exercises import FOR_SOMEBODY_ELSE, Exercise, Golden, Pair, Sort, Tally, forgotten, place
from services.referrer.records import Case, DecisionRow, QueueFilter, QueueKey, Referral
from services.runtime.errors import Retryable


@dataclass(frozen=True, slots=True)
class Facts:
    """What an exercise shows of itself, stored as one: the case, and what became of it."""

    case: Case
    decisions: tuple[DecisionRow, ...] = ()
    notices: tuple[Referral, ...] = ()


FACTS = TypeAdapter(Facts)
_waiting_copy = (exercises.c.sort == Sort.BLIND.value, exercises.c.decided_at.is_(None))


class ExerciseBook:
    """Exercises over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add_golden(self, golden_cases: Sequence[Golden]) -> int:
        """Store golden cases; one that is there already stays. Gives how many are new."""
        there: set[UUID] = set()
        for piece in chunks([each.golden_id for each in golden_cases]):
            there.update(
                self._connection.execute(sa.select(golden.c.golden_id).where(golden.c.golden_id.in_(piece))).scalars()
            )
        rows = [
            {
                "golden_id": each.golden_id,
                "decision": each.decision.value,
                "reason_code": each.reason_code.value if each.reason_code else None,
                "band": each.band.value,
                "added_at": each.added_at,
                "record": each.record,
            }
            for each in golden_cases
            if each.golden_id not in there
        ]
        upsert(self._connection, golden, rows)
        return len({row["golden_id"] for row in rows})

    def unseen(self, reviewer: str) -> list[Golden]:
        """Golden cases that a reviewer never had, without their records."""
        had = sa.exists().where(exercises.c.golden_id == golden.c.golden_id, exercises.c.only_for == reviewer)
        columns = [golden.c[name] for name in ("golden_id", "decision", "reason_code", "band", "added_at")]
        rows = self._connection.execute(sa.select(*columns).where(~had).order_by(golden.c.golden_id))
        return [
            Golden(row.golden_id, Decision(row.decision), _reason(row.reason_code), Band(row.band), row.added_at)
            for row in rows
        ]

    def golden_record(self, golden_id: UUID) -> bytes:
        """The record of one. Raises Retryable where it was removed meanwhile.

        Held until the transaction ends: an erasure waits for the exercise that is being made of it, and takes that along.
        """
        this = sa.select(golden.c.record).where(golden.c.golden_id == golden_id).with_for_update(read=True)
        found = self._connection.execute(this).scalar_one_or_none()
        if found is None:
            raise Retryable("a golden case was removed just now")
        return bytes(found)

    def take_turn(self, reviewer: str) -> int:
        """One more case taken; gives how many with this one."""
        taken = self._connection.execute(sa.select(turns.c.leases).where(turns.c.reviewer == reviewer)).scalar()
        upsert(self._connection, turns, [{"reviewer": reviewer, "leases": (taken or 0) + 1}])
        return (taken or 0) + 1

    def has_open(self, reviewer: str) -> bool:
        """Whether a golden case waits for this reviewer already."""
        waits = sa.select(exercises.c.case_id).where(
            exercises.c.only_for == reviewer,
            exercises.c.decided_at.is_(None),
            exercises.c.state.in_([CaseState.OPEN.value, CaseState.LEASED.value]),
        )
        return self._connection.execute(waits).first() is not None

    def locked(self, case_id: UUID) -> Exercise | None:
        """One exercise, locked until the transaction ends."""
        return self._one(sa.select(exercises).where(exercises.c.case_id == case_id).with_for_update())

    def get(self, case_id: UUID) -> Exercise | None:
        """One exercise, to look at."""
        return self._one(sa.select(exercises).where(exercises.c.case_id == case_id))

    def among(self, case_ids: Collection[UUID]) -> Mapping[UUID, Exercise]:
        """Those of these ids that are exercises."""
        found: list[Exercise] = []
        for piece in chunks(case_ids):
            rows = self._connection.execute(sa.select(exercises).where(exercises.c.case_id.in_(piece)))
            found += map(_exercise, rows.mappings())
        return {exercise.case.case_id: exercise for exercise in found}

    def originals_for(self, reviewer: str) -> Set[UUID]:
        """Decided cases of which a blind second review waits that this person may have; those that wait lie together in an index."""
        rows = self._connection.execute(sa.select(exercises.c.of_case, exercises.c.not_for).where(*_waiting_copy))
        return {of_case for of_case, not_for in rows if reviewer not in _people(not_for)}

    def copies_of(self, case_id: UUID) -> list[Exercise]:
        """Blind second reviews of a case that wait, locked until the transaction ends."""
        these = sa.select(exercises).where(exercises.c.of_case == case_id, *_waiting_copy)
        rows = self._connection.execute(these.order_by(exercises.c.case_id).with_for_update())
        return [_exercise(row) for row in rows.mappings()]

    def drop(self, case_id: UUID) -> None:
        """Remove one that nobody decided."""
        this = (exercises.c.case_id == case_id, exercises.c.decided_at.is_(None))
        self._connection.execute(sa.delete(exercises).where(*this))

    def _one(self, statement: sa.Select[Any]) -> Exercise | None:
        row = self._connection.execute(statement).mappings().one_or_none()
        return _exercise(row) if row is not None else None

    def put(self, exercise: Exercise, record: bytes | None = None) -> None:
        """Insert with its record, or replace what changes."""
        values = _values(exercise)
        if record is not None:
            self._connection.execute(sa.insert(exercises), {**values, "record": record})
        else:
            this = exercises.c.case_id == exercise.case.case_id
            self._connection.execute(sa.update(exercises).where(this).values(**values))

    def record(self, case_id: UUID) -> bytes:
        """The content as the reviewer sees it; empty where it was removed."""
        statement = sa.select(exercises.c.record).where(exercises.c.case_id == case_id)
        return bytes(self._connection.execute(statement).scalar_one())

    def visible(self, reviewer: str, wanted: QueueFilter, after: QueueKey | None) -> list[Exercise]:
        """What this person sees of them, in the order of the queue: what waits, and what the person decided before.

        There are few, so they are sorted here.
        """
        states = [state.value for state in wanted.states]
        mine = sa.or_(exercises.c.only_for.is_(None), exercises.c.only_for == reviewer)
        seen = sa.or_(sa.and_(exercises.c.decided_at.is_(None), mine), exercises.c.reviewer == reviewer)
        rows = self._connection.execute(
            sa.select(exercises).where(exercises.c.state.in_(states), seen, sa.func.length(exercises.c.record) > 0)
        ).mappings()
        found = [each for each in map(_exercise, rows) if each.may_have(reviewer) and _wanted(each.case, wanted)]
        start = None if after is None else (after.band, -after.risk, after.waiting_since, after.case_id)
        return sorted((e for e in found if start is None or place(e.case) > start), key=lambda each: place(each.case))

    def left_to_others(self, reviewer: str) -> list[UUID]:
        """Those that this person decided and that look as if they waited for somebody else; their content is not read."""
        states = [state.value for state in FOR_SOMEBODY_ELSE]
        these = sa.select(exercises.c.case_id).where(
            exercises.c.reviewer == reviewer, exercises.c.state.in_(states), exercises.c.decided_at.is_not(None)
        )
        return list(self._connection.execute(these.order_by(exercises.c.case_id)).scalars())

    def notice(self, reviewer: str, referral_id: UUID) -> tuple[Exercise, Referral] | None:
        """A notice that an exercise of this person seems to have made, of those that still have words."""
        made = (exercises.c.reviewer == reviewer, exercises.c.decision == Decision.APPROVE.value)
        rows = self._connection.execute(sa.select(exercises).where(*made)).mappings()
        found = ((each, notice) for each in map(_exercise, rows) for notice in each.notices)
        return next((pair for pair in found if pair[1].referral_id == referral_id), None)

    def blank(self, case_ids: Sequence[UUID]) -> None:
        """Forget the words of decided exercises: the content, and what was said of it."""
        these = sa.select(exercises).where(exercises.c.case_id.in_(case_ids))
        for exercise in map(_exercise, self._connection.execute(these).mappings().all()):
            self.put(forgotten(exercise))
        self._connection.execute(sa.update(exercises).where(exercises.c.case_id.in_(case_ids)).values(record=b""))
        self._connection.execute(sa.delete(exercise_words).where(exercise_words.c.case_id.in_(case_ids)))

    def expired_leases(self, now: datetime, limit: int) -> list[UUID]:
        """Those whose lease has run out."""
        statement = sa.select(exercises.c.case_id).where(
            exercises.c.state == CaseState.LEASED.value, exercises.c.lease_until <= now
        )
        return list(self._connection.execute(statement.limit(limit)).scalars())

    def pairs(self, since: datetime) -> list[Pair]:
        """What was expected and what was said, of those decided since."""
        columns = ("sort", "case_id", "of_case", "reviewer", "expected", "decision", "decided_at")
        rows = self._connection.execute(
            sa.select(*(exercises.c[name] for name in columns))
            .where(exercises.c.decided_at >= since)
            .order_by(exercises.c.decided_at, exercises.c.case_id)
        )
        return [
            Pair(Sort(sort), case_id, of_case, reviewer, Decision(expected), Decision(said), at)
            for sort, case_id, of_case, reviewer, expected, said, at in rows
        ]

    def tally(self, since: datetime) -> Tally:
        """The same, counted: all of it lies in one index, so that no content is passed on the way."""
        columns = (exercises.c.sort, exercises.c.expected, exercises.c.decision)
        rows = self._connection.execute(
            sa.select(*columns, sa.func.count()).where(exercises.c.decided_at >= since).group_by(*columns)
        )
        found: dict[Sort, dict[tuple[Decision, Decision], int]] = {}
        for sort, expected, said, number in rows:
            found.setdefault(Sort(sort), {})[Decision(expected), Decision(said)] = number
        return found


def _people(names: str | None) -> tuple[str, ...]:
    return tuple(orjson.loads(names or "[]"))


def _wanted(case: Case, wanted: QueueFilter) -> bool:
    return (not wanted.bands or case.band in wanted.bands) and wanted.platform in (None, case.platform)


def _reason(word: str | None) -> ReasonCode | None:
    return ReasonCode(word) if word else None


def _values(exercise: Exercise) -> dict[str, Any]:
    case = exercise.case
    return {
        "case_id": case.case_id,
        "sort": exercise.sort.value,
        "golden_id": exercise.golden_id,
        "of_case": exercise.of_case,
        "of_decision": exercise.of_decision,
        "expected": exercise.expected.value,
        "only_for": exercise.only_for,
        "not_for": orjson.dumps(exercise.not_for).decode(),
        "state": case.state.value,
        "content_key": case.content_key,
        "made_at": exercise.made_at,
        "lease_until": case.lease_until,
        "reviewer": exercise.reviewer,
        "decision": exercise.decision.value if exercise.decision else None,
        "reason_code": exercise.reason_code.value if exercise.reason_code else None,
        "decided_at": exercise.decided_at,
        "facts": FACTS.dump_json(Facts(case, exercise.decisions, exercise.notices)),
    }


def _exercise(row: sa.RowMapping) -> Exercise:
    facts = FACTS.validate_json(row["facts"])
    return Exercise(
        sort=Sort(row["sort"]),
        case=facts.case,
        decisions=facts.decisions,
        notices=facts.notices,
        expected=Decision(row["expected"]),
        made_at=row["made_at"],
        golden_id=row["golden_id"],
        of_case=row["of_case"],
        of_decision=row["of_decision"],
        only_for=row["only_for"],
        not_for=_people(row["not_for"]),
        reviewer=row["reviewer"],
        decision=Decision(row["decision"]) if row["decision"] else None,
        reason_code=_reason(row["reason_code"]),
        decided_at=row["decided_at"],
    )
