"""Content events come in; the ranking that the hub would make of them goes out, by the very code of its services.

normalise -> score -> content risk -> intake with context, over a database of its own that is gone afterwards.
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import sqlite

from schemas.content import ContentNormalised
from schemas.scoring import Digests
from schemas.topics import RANKED
from schemas.vocabulary import Band, Change, ContentStatus
from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.adapters.memory_tables import memory
from services.referrer.adapters.sql import chunks
from services.referrer.adapters.tables import EPOCH, sightings
from services.referrer.changes import top_reasons
from services.referrer.context import ORDER
from services.referrer.directory import load_directory
from services.referrer.following import Following
from services.referrer.gathering import Gathered
from services.referrer.groups import Groups
from services.referrer.handlers import Handling
from services.referrer.memory_ports import Kept
from services.referrer.notices import platform_names
from services.referrer.policy import ContextPolicy
from services.referrer.recall import Recall
from services.referrer.records import Ended
from services.referrer.remembered import micros
from services.referrer.reviewing import Reviewing
from services.runtime.clock import SystemClock
from services.runtime.codec import encode
from services.runtime.envelope import Incoming, Source
from services.runtime.errors import Fatal
from services.scorer.content_risk import ContentRisk, content_risk, with_parts
from services.scorer.facts import contributions, heard, ranked_fact, scored_fact
from services.scorer.policy import Policy
from services.scorer.ports import Classifier, Score
from services.scorer.reasons import sentences

COPIES_NAMED = 1_000
PAGE = 500

# What lies below the context floor never reaches the referrer; a backtest lists it all the same, after everything else.
_rest = sa.Table(
    "backtest_rest",
    sa.MetaData(),
    sa.Column("content_key", sa.String(128), primary_key=True),
    sa.Column("content_id", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("said", sa.BigInteger, nullable=False),
    sa.Column("observed", sa.BigInteger, nullable=False),
    sa.Column("observation_id", sa.String(128), nullable=False),
    sa.Column("risk", sa.Double, nullable=False),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides a ranking beside the classifier."""

    content: Policy
    context: ContextPolicy
    groups: Groups


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one content stands under some rules."""

    content_id: str
    band: Band
    risk: float


class Backtest:
    """What the desk would see under one set of rules. A context manager: its database lives as long as it does."""

    def __init__(self, rules: Rules, classifier: Classifier) -> None:
        self._rules = rules
        identity = classifier.digests
        self._digests = Digests(
            model=identity.model,
            lexicon=identity.lexicon,
            calibration=identity.calibration,
            policy=rules.content.digest,
        )
        self._folder = tempfile.TemporaryDirectory(prefix="hub-rank-")
        self._database = SqlDatabase(f"sqlite:///{Path(self._folder.name) / 'backtest.db'}", rules.context)
        sa.event.listen(self._database.engine, "connect", _unsafe_but_fast)
        metadata.create_all(self._database.engine)
        _rest.create(self._database.engine)
        clock = SystemClock()
        following = Following(self._database, clock, platform_names(load_directory()))
        self._reviewing = Reviewing(Recall(rules.context, rules.groups), clock, uuid4)
        self._handling = Handling(self._database, following, self._reviewing, clock, structlog.get_logger())
        self._taken = 0

    def __enter__(self) -> "Backtest":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def take(self, scored: Sequence[tuple[ContentNormalised, Score]]) -> None:
        """One batch of observations with their scores."""
        records: list[Incoming] = []
        rest: list[dict[str, Any]] = []
        for content, score in scored:
            weighed = content_risk(content, score, self._rules.content)
            is_heard = heard(content, weighed, self._rules.content.floors.context)
            if is_heard:
                fact = scored_fact(content, score, weighed, self._digests, content.observed_at)
                value = encode(ranked_fact(content, fact, weighed))
                records.append(Incoming(Source(RANKED.name, 0, self._taken), content.content_key.encode(), value))
                self._taken += 1
            # The two floors are two settings: what either lets go is below, and what is listed depends on neither.
            below = not is_heard or weighed.risk < self._rules.context.floors.context
            if content.change is not Change.DELETED and below:
                rest.append(_unheard(content, with_parts(weighed, score, self._rules.content)))
        if any(ending.ended is Ended.DEAD_LETTERED for ending in self._handling(records)):
            raise Fatal("the referrer set a record aside that the scorer had made; its log names the fault")
        if rest:
            self._put_rest(rest)

    def _put_rest(self, rows: Sequence[dict[str, Any]]) -> None:
        """The latest saying of each content counts, whatever the order; ids part what was said and seen at one moment."""
        statement = sqlite.insert(_rest)
        new = statement.excluded
        place = ("said", "observed", "observation_id")
        newer = sa.tuple_(*(new[name] for name in place)) > sa.tuple_(*(_rest.c[name] for name in place))
        changed = {name: new[name] for name in (*place, "risk", "parts", "reasons")}
        with self._database.engine.begin() as connection:
            upsert = statement.on_conflict_do_update(index_elements=["content_key"], set_=changed, where=newer)
            connection.execute(upsert, list(rows))

    def rest(self) -> None:
        """Do all work that was left for later: after this the ranking is a function of what was taken in."""
        while self._database.write(self._reviewing.catch_up) is not None:
            pass

    def lines(self, copies_named: int | None = COPIES_NAMED) -> Iterator[dict[str, Any]]:
        """One case a line, best first; then what is below the context floor. Withdrawn content is not listed.

        Of a flood of copies each line names the first ones, or all where `copies_named` is None.
        """
        with self._database.engine.execution_options(hub_reads=True).connect() as connection:
            below = map(_below, connection.execution_options(yield_per=PAGE).execute(_listed_rest()))
            cases = case_lines(connection, self._rules.context, copies_named)
            for rank, line in enumerate(chain(cases, below), 1):
                yield {"rank": rank, **line}

    def standings(self) -> dict[str, Standing]:
        """Every listed content by key, copies too: for comparing two sets of rules."""
        needed = (_rest.c.content_key, _rest.c.content_id, _rest.c.risk)
        with self._database.engine.execution_options(hub_reads=True).connect() as connection:
            found = {
                row.content_key: Standing(row.content_id, Band.NONE, row.risk)
                for row in connection.execute(_listed_rest().with_only_columns(*needed))
            }
            wanted = sa.select(memory.c.content_key, memory.c.observation_id, memory.c.band, memory.c.risk)
            live = connection.execution_options(yield_per=PAGE).execute(wanted.where(~memory.c.withdrawn))
            for page in live.partitions():
                records = _records(connection, [row.observation_id for row in page])
                for row in page:
                    name = records[row.observation_id]["content"]["content_id"]
                    found[row.content_key] = Standing(name, ORDER[row.band], row.risk)
        return found


def case_lines(
    connection: sa.Connection, policy: ContextPolicy, copies_named: int | None = COPIES_NAMED
) -> Iterator[dict[str, Any]]:
    """What is remembered in a referrer's database, one case a line, best first. Withdrawn content is not listed."""
    book = MemoryBook(connection, policy)
    cases = (
        sa.select(memory.c.anchor, sa.func.count().label("members"))
        .where(~memory.c.withdrawn)
        .group_by(memory.c.anchor)
        .order_by(
            sa.func.min(memory.c.band), sa.func.max(memory.c.risk).desc(), sa.func.min(memory.c.at), memory.c.anchor
        )
    )
    for page in connection.execution_options(yield_per=PAGE).execute(cases).partitions():
        yield from _page(connection, book, {row.anchor: row.members for row in page}, copies_named)


def _below(row: sa.Row[Any]) -> dict[str, Any]:
    """What lies below the context floor, as a line."""
    return {
        "content_id": row.content_id,
        "content_key": row.content_key,
        "platform": row.platform,
        "event_time": _moment(row.said),
        "risk": row.risk,
        "band": Band.NONE.value,
        "content_risk": row.risk,
        "parts": row.parts,
        "reasons": row.reasons,
        "copies": 0,
    }


def _unsafe_but_fast(connection: Any, _record: object) -> None:
    """Nobody needs this database after a crash."""
    connection.execute("PRAGMA synchronous=OFF")


def _unheard(content: ContentNormalised, weighed: ContentRisk) -> dict[str, Any]:
    return {
        "content_key": content.content_key,
        "content_id": content.content_id,
        "platform": content.platform,
        "said": micros(content.event_time),
        "observed": micros(content.observed_at),
        "observation_id": content.observation_id,
        "risk": weighed.risk,
        "parts": [part.model_dump() for part in contributions(weighed)],
        "reasons": sentences(weighed),
    }


def _listed_rest() -> sa.Select[Any]:
    remembered = sa.exists().where(memory.c.content_key == _rest.c.content_key)
    gone = sa.exists().where(
        sightings.c.content_key == _rest.c.content_key,
        sightings.c.status == ContentStatus.DELETED.value,
        sa.type_coerce(sightings.c.observed_at, sa.BigInteger) >= _rest.c.observed,
    )
    return sa.select(_rest).where(~remembered, ~gone).order_by(_rest.c.risk.desc(), _rest.c.said, _rest.c.content_key)


def _page(
    connection: sa.Connection, book: MemoryBook, members: Mapping[str, int], copies_named: int | None
) -> Iterator[dict[str, Any]]:
    """The lines of some anchors, in their order, with a handful of questions for all of them."""
    cases = book.gathered(members)
    kept = book.kept({key for case in cases.values() for key in (case.face, case.top)})
    records = _records(connection, {one.observation_id for one in kept.values()})
    for anchor, number in members.items():
        face, top = kept[cases[anchor].face], kept[cases[anchor].top]
        line = _case(cases[anchor], face, top, records)
        line["copies"] = number - 1
        if number > 1:
            line["copy_content_ids"] = _copies(connection, anchor, face, copies_named)
            line["riskiest_content_id"] = records[top.observation_id]["content"]["content_id"]
        yield line


def _case(gathered: Gathered, face: Kept, top: Kept, records: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    riskiest = records[top.observation_id]
    return {
        "content_id": records[face.observation_id]["content"]["content_id"],
        "content_key": face.this.key,
        "platform": face.this.platform,
        "event_time": _moment(face.this.at),
        "risk": gathered.risk,
        "band": gathered.band.value,
        "content_risk": top.this.risk,
        "parts": [*riskiest["parts"], *(part.model_dump() for part in top.weighed.parts)],
        "reasons": _reasons(riskiest, top),
    }


def _copies(connection: sa.Connection, anchor: str, face: Kept, at_most: int | None) -> list[str]:
    """Content ids of the other live members, the first ones."""
    others = sa.select(memory.c.observation_id).where(memory.c.anchor == anchor, ~memory.c.withdrawn)
    in_order = others.where(memory.c.content_key != face.this.key).order_by(memory.c.at, memory.c.content_key)
    names = connection.execute(in_order.limit(at_most)).scalars().all()
    # A piece at a time: of ten thousand copies nobody needs to hold the whole facts.
    ids = {
        name: record["content"]["content_id"]
        for piece in chunks(names)
        for name, record in _records(connection, piece).items()
    }
    return [ids[name] for name in names]


def _reasons(record: dict[str, Any], kept: Kept) -> tuple[str, ...]:
    weights = [(part["name"], part["contribution"]) for part in record["parts"]]
    context = [part.contribution for part in kept.weighed.parts]
    return top_reasons(weights, record["reasons"], context, kept.weighed.reasons)


def _records(connection: sa.Connection, observation_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Whole ranked facts by observation."""
    wanted = sa.select(sightings.c.observation_id, sightings.c.record)
    return {
        name: orjson.loads(raw)
        for piece in chunks(observation_ids)
        for name, raw in connection.execute(wanted.where(sightings.c.observation_id.in_(piece)))
    }


def _moment(at: int) -> str:
    return (EPOCH + timedelta(microseconds=at)).isoformat()
