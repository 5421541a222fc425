"""What lies below the context floor comes in; the end of a ranking goes out: the referrer never hears of it, a backtest lists it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from schemas.content import ContentNormalised
from schemas.vocabulary import Band, ContentStatus
from services.commands.rank_lines import moment
from services.referrer.adapters.memory_tables import memory
from services.referrer.adapters.tables import sightings
from services.referrer.remembered import micros
from services.scorer.content_risk import ContentRisk
from services.scorer.facts import contributions
from services.scorer.reasons import sentences

backtest_rest = sa.Table(
    "backtest_rest",
    sa.MetaData(),
    sa.Column("content_key", sa.String(128), primary_key=True),
    sa.Column("content_id", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("said", sa.BigInteger, nullable=False),
    sa.Column("observed", sa.BigInteger, nullable=False),
    sa.Column("observation_id", sa.String(128), nullable=False),
    sa.Column("last_seen", sa.BigInteger, nullable=False),
    sa.Column("risk", sa.Double, nullable=False),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
)


def row_of(content: ContentNormalised, weighed: ContentRisk) -> dict[str, Any]:
    """One saying of a content, as it is stored."""
    return {
        "content_key": content.content_key,
        "content_id": content.content_id,
        "platform": content.platform,
        "said": micros(content.event_time),
        "observed": micros(content.observed_at),
        "observation_id": content.observation_id,
        "last_seen": micros(content.observed_at),
        "risk": weighed.risk,
        "parts": [part.model_dump() for part in contributions(weighed)],
        "reasons": sentences(weighed),
    }


def put_rest(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """The latest saying of each content counts, whatever the order; ids part what was said and seen at one moment."""
    statement = sqlite.insert(backtest_rest)
    old, new = backtest_rest.c, statement.excluded
    place = ("said", "observed", "observation_id")
    newer = sa.tuple_(*(new[name] for name in place)) > sa.tuple_(*(old[name] for name in place))
    changed: dict[str, sa.ColumnElement[Any]] = {
        name: sa.case((newer, new[name]), else_=old[name]) for name in (*place, "risk", "parts", "reasons")
    }
    # What was said earlier may be what was seen last, as where an edit is undone: it proves that the content is there.
    changed["last_seen"] = sa.func.max(old.last_seen, new.last_seen)
    connection.execute(statement.on_conflict_do_update(index_elements=["content_key"], set_=changed), list(rows))


def listed_rest() -> sa.Select[Any]:
    """What the referrer does not remember and nobody deleted, by risk."""
    remembered = sa.exists().where(memory.c.content_key == backtest_rest.c.content_key)
    gone = _latest(sightings.c.status == ContentStatus.DELETED.value)
    # What the referrer heard of it counts, too: of an edit that says little it hears, and of what was said before.
    heard = _latest(sightings.c.status != ContentStatus.DELETED.value)
    last_seen = sa.func.max(backtest_rest.c.last_seen, sa.func.coalesce(heard, backtest_rest.c.last_seen))
    return (
        sa.select(backtest_rest)
        .where(~remembered, sa.or_(gone.is_(None), gone < last_seen))
        .order_by(backtest_rest.c.risk.desc(), backtest_rest.c.said, backtest_rest.c.content_key)
    )


def _latest(which: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    """When the referrer saw something of the content last; null where it never did."""
    at = sa.func.max(sa.type_coerce(sightings.c.observed_at, sa.BigInteger))
    return sa.select(at).where(sightings.c.content_key == backtest_rest.c.content_key, which).scalar_subquery()


def line_of(row: sa.Row[Any]) -> dict[str, Any]:
    """What lies below the context floor, as a line."""
    return {
        "content_id": row.content_id,
        "content_key": row.content_key,
        "platform": row.platform,
        "event_time": moment(row.said),
        "risk": row.risk,
        "band": Band.NONE.value,
        "content_risk": row.risk,
        "parts": row.parts,
        "reasons": row.reasons,
        "copies": 0,
    }
