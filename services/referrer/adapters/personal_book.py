"""An author's key comes in; everything that the database holds about that author goes out, or leaves it."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa

from schemas.base import Fact
from schemas.outcome import TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.scoring import ContentRanked
from services.referrer.adapters.bulk import insert
from services.referrer.adapters.delivery_tables import deliveries
from services.referrer.adapters.exercise_book import ExerciseBook
from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.adapters.memory_tables import memory, reach_counts
from services.referrer.adapters.oversight_tables import answerable, exercise_words, exercises, golden
from services.referrer.adapters.removal import forget_contents, hanging_on, strip_cases
from services.referrer.adapters.sql import CHUNK, chunks, hold
from services.referrer.adapters.tables import (
    cases,
    decision_locations,
    decisions,
    locations,
    outbox,
    outcomes,
    referrals,
    sightings,
)
from services.referrer.blanking import ERASED_URL, blank_content, blank_outcome, blank_request, keeps_address
from services.referrer.policy import load_policy
from services.referrer.retention_ports import Author, Erased
from services.runtime.codec import decode, encode

F = TypeVar("F", bound=Fact)
# Bytes that are facts; the export shows them as JSON, not as bytes.
BODIES = {"record", "body"}
PRIVATE = {"reviewer", "lease_holder", "only_for", "not_for", "traceparent", "negative_risk", "negative_seen"}


@dataclass
class _Erasing:
    """What one erasure has done so far."""

    removed: Counter[str] = field(default_factory=Counter)
    blanked: Counter[str] = field(default_factory=Counter)
    notices: dict[UUID, str] = field(default_factory=dict)
    cases: set[UUID] = field(default_factory=set)


class PersonalBook:
    """Everything held about one author, over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def find(self, author_key: str) -> Author:
        """Whose key it is, and what was said under it and its like, as far as that is known now."""
        names = self._names(author_key)
        found = set(self._connection.execute(sa.select(sightings.c.content_key).where(_by(names))).scalars())
        memory_book = MemoryBook(self._connection, load_policy())
        found.update(key for name in names for key in memory_book.of_author(name))
        return Author(frozenset(names), sorted(found))

    def _names(self, author_key: str) -> set[str]:
        """All keys of the author: while a key is rotated, an observation says the new one and the old one together."""
        both = (sightings.c.author_key, sightings.c.previous_author_key)
        names, fresh = {author_key}, {author_key}
        while fresh:
            pairs = self._connection.execute(sa.select(*both).where(_by(fresh)).distinct())
            fresh = {name for pair in pairs for name in pair if name is not None} - names
            names |= fresh
        return names

    def _rows(self, table: sa.Table, column: str, keys: Collection[Any]) -> Iterator[sa.RowMapping]:
        for piece in chunks(keys):
            yield from self._connection.execute(sa.select(table).where(table.c[column].in_(piece))).mappings()

    def hold(self, author: Author) -> None:
        """Lock the requests about the author until the transaction ends."""
        for piece in chunks(author.contents):
            hold(self._connection, referrals.c.referral_id, referrals.c.content_key.in_(piece))

    def unsent(self, author: Author) -> int:
        """How many records about the author still wait to be published."""
        asked = [*self._rows(referrals, "content_key", author.contents)]
        cases_of = {row["case_id"] for row in self._rows(locations, "content_key", author.contents)}
        marks = {str(row["root_referral_id"]).encode() for row in asked} | {str(case).encode() for case in cases_of}
        waiting = self._connection.execute(sa.select(outbox.c.key, outbox.c.value).where(outbox.c.sent_at.is_(None)))
        return sum(row.key in marks or _says(row.value or b"", author.names) for row in waiting)

    def erase(self, author: Author) -> Erased:
        """Remove the author's content and observations; blank what has to stay."""
        done, keys = _Erasing(), author.contents
        asked = list(self._rows(referrals, "content_key", keys))
        kept = {row["content_key"] for row in asked}
        gone = [key for key in keys if key not in kept]
        self._blank_requests(asked, done)
        self._blank_outcomes([row["referral_id"] for row in asked], done)
        self._blank_sightings(kept, done)
        # Before their addresses, by which it is known who looked at them.
        done.removed["sightings"] += forget_contents(self._connection, gone)
        self._remove_locations(gone, done)
        # Before the exercises: one that is being made of such a case is there once the case could be removed.
        taught = self._remove_golden(author.names, done)
        self._remove_exercises(self._exercises_of(author, taught), done)
        # What stays of a case reads otherwise now; boards tell by its revision.
        for piece in chunks(done.cases):
            here = sa.update(cases).where(cases.c.case_id.in_(piece))
            self._connection.execute(here.values(revision=cases.c.revision + 1))
        # The broker has what was published; the rows are copies, and some quote what the author said.
        sent = self._connection.execute(sa.delete(outbox).where(outbox.c.sent_at.is_not(None)))
        done.removed["published records"] += sent.rowcount
        return Erased(dict(+done.removed), dict(+done.blanked), done.notices, sorted(done.cases))

    def _blank_requests(self, asked: Sequence[sa.RowMapping], done: _Erasing) -> None:
        notices: list[dict[str, Any]] = []
        unnamed: list[dict[str, Any]] = []
        for row in asked:
            request = decode(TakedownRequested, row["body"])
            body = encode(blank_request(request))
            url = row["url"] if keeps_address(request) else ERASED_URL
            notices.append({"this": row["referral_id"], "body": body, "url": url})
            if not keeps_address(request):
                unnamed.append({"of": row["decision_id"], "key": row["content_key"]})
            done.notices[row["referral_id"]] = hashlib.sha256(body).hexdigest()
            done.cases.add(row["case_id"])
            done.blanked["notices"] += 1
        self._each(sa.update(referrals).where(referrals.c.referral_id == sa.bindparam("this")), notices)
        named = (
            decision_locations.c.decision_id == sa.bindparam("of"),
            decision_locations.c.content_key == sa.bindparam("key"),
        )
        self._each(sa.update(decision_locations).where(*named).values(url=ERASED_URL), unnamed)
        here = locations.c.content_key == sa.bindparam("key")
        self._each(sa.update(locations).where(here).values(url=None), [{"key": each["key"]} for each in unnamed])
        for piece in chunks(done.cases):
            self._connection.execute(sa.update(decisions).where(decisions.c.case_id.in_(piece)).values(note=""))
        for piece in chunks(done.notices):
            # A mail relay's answer can quote what it was handed.
            self._connection.execute(sa.update(deliveries).where(deliveries.c.referral_id.in_(piece)).values(said=""))

    def _each(self, statement: sa.Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """The same for many rows, whose other values are the columns that change: an author may have said thousands of things."""
        if rows:
            self._connection.execute(statement, rows)

    def _blank_outcomes(self, referral_ids: Sequence[UUID], done: _Erasing) -> None:
        blank = [
            {
                "of": row["platform"],
                "id": row["outcome_id"],
                "body": encode(blank_outcome(decode(TakedownOutcome, row["body"]))),
            }
            for row in self._rows(outcomes, "referral_id", referral_ids)
        ]
        this = (outcomes.c.platform == sa.bindparam("of"), outcomes.c.outcome_id == sa.bindparam("id"))
        self._each(sa.update(outcomes).where(*this), blank)
        done.blanked["outcomes"] += len(blank)

    def _blank_sightings(self, keys: Collection[str], done: _Erasing) -> None:
        """What was asked about keeps the fact that it was seen; found words and memory of it go."""
        # A full score that comes later must not bring the content back, so none is missing any more.
        blank = {"url": None, "author_key": None, "previous_author_key": None, "degraded": False}
        stored = [
            {str(name): value for name, value in row.items()}
            | blank
            | {"record": encode(blank_content(decode(ContentRanked, row["record"])))}
            for row in self._rows(sightings, "content_key", keys)
        ]
        forget_contents(self._connection, keys)
        insert(self._connection, sightings, stored)
        done.blanked["sightings"] += len(stored)

    def _remove_locations(self, keys: Sequence[str], done: _Erasing) -> None:
        """Cases lose the author's addresses; one that has no other goes, one that has stands for another author's content."""
        hit = {row["case_id"] for row in self._rows(locations, "content_key", keys)}
        gone = set(keys)
        left: dict[UUID, list[sa.RowMapping]] = {case_id: [] for case_id in sorted(hit)}
        for row in self._rows(locations, "case_id", left):
            if row["content_key"] not in gone:
                left[row["case_id"]].append(row)
        done.cases |= hit
        empty = [case_id for case_id, others in left.items() if not others]
        # All at once: an author may have said thousands of things, and everybody waits for the transaction's end.
        strip_cases(self._connection, empty)
        done.removed["cases"] += len(empty)
        for case_id, others in left.items():
            if others:
                self._show_another(case_id, others)
        for piece in chunks(keys):
            self._connection.execute(sa.delete(decision_locations).where(decision_locations.c.content_key.in_(piece)))
            here = sa.delete(locations).where(locations.c.content_key.in_(piece))
            done.removed["addresses"] += self._connection.execute(here).rowcount

    def _show_another(self, case_id: UUID, left: Sequence[sa.RowMapping]) -> None:
        self._connection.execute(sa.update(decisions).where(decisions.c.case_id == case_id).values(note=""))
        shown = min(left, key=lambda row: (row["first_seen_at"], row["content_key"]))
        moved = {name: shown[name] for name in ("content_key", "content_version", "observation_id", "platform")}
        this = sa.and_(cases.c.case_id == case_id, cases.c.content_key.not_in([row["content_key"] for row in left]))
        self._connection.execute(sa.update(cases).where(this).values(**moved))

    def _exercises_of(self, author: Author, taught: Collection[UUID]) -> list[UUID]:
        """Exercises of what the author said: of these golden cases, whose content stands nowhere else, too."""
        found = {row["case_id"] for row in self._rows(exercises, "content_key", author.contents)}
        found.update(row["case_id"] for row in self._rows(exercises, "golden_id", taught))
        return sorted(found.union(self._naming(exercises.c.case_id, exercises.c.record, author.names)))

    def _naming(self, key: sa.Column[UUID], record: sa.Column[bytes], names: Collection[str]) -> list[UUID]:
        """Keys of records that name the author; some at once, because each holds a whole content."""
        rows = self._connection.execute(sa.select(key, record).execution_options(yield_per=CHUNK))
        return [found for found, raw in rows if _says(raw, names)]

    def _remove_exercises(self, case_ids: Collection[UUID], done: _Erasing) -> None:
        for piece in chunks(case_ids):
            these = exercises.c.case_id.in_(piece)
            still = self._connection.execute(sa.delete(exercises).where(these, exercises.c.decided_at.is_(None)))
            blank = self._connection.execute(sa.select(exercises.c.case_id).where(these)).scalars().all()
            ExerciseBook(self._connection).blank(blank)
            done.removed["exercises"] += still.rowcount + len(blank)

    def _remove_golden(self, names: Collection[str], done: _Erasing) -> list[UUID]:
        gone = self._naming(golden.c.golden_id, golden.c.record, names)
        for piece in chunks(gone):
            self._connection.execute(sa.delete(golden).where(golden.c.golden_id.in_(piece)))
        done.removed["golden cases"] += len(gone)
        return gone

    def held(self, author: Author) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Every row about the author, per table, as JSON can say it; who at the desk worked on it is not the author's."""
        keys = author.contents
        case_ids = {row["case_id"] for row in self._rows(locations, "content_key", keys)}
        asked = [row["referral_id"] for row in self._rows(referrals, "content_key", keys)]
        taught = self._naming(golden.c.golden_id, golden.c.record, author.names)
        learned = self._exercises_of(author, taught)
        found: list[tuple[sa.Table, str, Collection[Any]]] = [
            (sightings, "content_key", keys), (locations, "content_key", keys), (cases, "case_id", case_ids),
            (decisions, "case_id", case_ids), (referrals, "referral_id", asked), (outcomes, "referral_id", asked),
            (memory, "content_key", keys), (reach_counts, "content_key", keys), (golden, "golden_id", taught),
            (exercises, "case_id", learned), (exercise_words, "case_id", learned),
        ]  # fmt: skip
        hanging = [column.table for column in hanging_on(referrals.c.referral_id) if column.table is not outcomes]
        found += [(table, "referral_id", asked) for table in hanging if table is not answerable]
        return {
            str(table.name): [_shown(row) for row in self._rows(table, name, wanted)] for table, name, wanted in found
        }


def _by(names: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.or_(sightings.c.author_key.in_(names), sightings.c.previous_author_key.in_(names))


def _says(raw: bytes, names: Collection[str]) -> bool:
    return any(name.encode() in raw for name in names)


def _shown(row: sa.RowMapping) -> dict[str, Any]:
    shown = {str(name): value for name, value in row.items() if name not in PRIVATE}
    for name in BODIES & set(shown):
        # Of an exercise that was blanked there is none any more.
        shown[name] = orjson.loads(row[name]) if row[name] else None
    if "facts" in shown:
        shown["facts"] = _without_people(orjson.loads(row["facts"]))
    return shown


def _without_people(value: Any) -> Any:
    """The same without who at the desk worked on it, however deep that stands."""
    if isinstance(value, dict):
        return {name: _without_people(inner) for name, inner in value.items() if name not in PRIVATE}
    return [_without_people(inner) for inner in value] if isinstance(value, list) else value
