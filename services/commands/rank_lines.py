"""What a referrer remembers comes in; its cases as lines go out, best first, each with parts and reasons."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.adapters.memory_tables import memory
from services.referrer.adapters.sql import chunks
from services.referrer.adapters.tables import EPOCH, sightings
from services.referrer.changes import top_reasons
from services.referrer.gathering import Gathered
from services.referrer.memory_ports import Kept
from services.referrer.policy import ContextPolicy

# Of a flood of copies a line names the first ones.
COPIES_NAMED = 1_000
PAGE = 500
CASE_ORDER = (sa.func.min(memory.c.band), sa.func.max(memory.c.risk).desc(), sa.func.min(memory.c.at), memory.c.anchor)


def case_lines(connection: sa.Connection, policy: ContextPolicy) -> Iterator[dict[str, Any]]:
    """What is remembered in a referrer's database, one case a line, best first. Withdrawn content is not listed."""
    book = MemoryBook(connection, policy)
    cases = (
        sa.select(memory.c.anchor, sa.func.count().label("members"))
        .where(~memory.c.withdrawn)
        .group_by(memory.c.anchor)
        .order_by(*CASE_ORDER)
    )
    for page in connection.execution_options(yield_per=PAGE).execute(cases).partitions():
        yield from _page(connection, book, {row.anchor: row.members for row in page})


def _page(connection: sa.Connection, book: MemoryBook, members: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """The lines of some anchors, in their order, with a handful of questions for all of them."""
    cases = book.gathered(members)
    kept = book.kept({key for case in cases.values() for key in (case.face, case.top)})
    records = records_of(connection, {one.observation_id for one in kept.values()})
    for anchor, number in members.items():
        face, top = kept[cases[anchor].face], kept[cases[anchor].top]
        line = _case(cases[anchor], face, top, records)
        line["copies"] = number - 1
        if number > 1:
            line["copy_content_ids"] = _copies(connection, anchor, face)
            line["riskiest_content_id"] = records[top.observation_id]["content"]["content_id"]
        yield line


def _case(gathered: Gathered, face: Kept, top: Kept, records: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    riskiest = records[top.observation_id]
    return {
        "content_id": records[face.observation_id]["content"]["content_id"],
        "content_key": face.this.key,
        "platform": face.this.platform,
        "event_time": moment(face.this.at),
        "risk": gathered.risk,
        "band": gathered.band.value,
        "content_risk": top.this.risk,
        "parts": [*riskiest["parts"], *(part.model_dump() for part in top.weighed.parts)],
        "reasons": _reasons(riskiest, top),
    }


def _copies(connection: sa.Connection, anchor: str, face: Kept) -> list[str]:
    """Content ids of the other live members, the first ones."""
    others = sa.select(memory.c.observation_id).where(memory.c.anchor == anchor, ~memory.c.withdrawn)
    in_order = others.where(memory.c.content_key != face.this.key).order_by(memory.c.at, memory.c.content_key)
    names = connection.execute(in_order.limit(COPIES_NAMED)).scalars().all()
    records = records_of(connection, names)
    return [records[name]["content"]["content_id"] for name in names]


def _reasons(record: dict[str, Any], kept: Kept) -> tuple[str, ...]:
    weights = [(part["name"], part["contribution"]) for part in record["parts"]]
    context = [part.contribution for part in kept.weighed.parts]
    return top_reasons(weights, record["reasons"], context, kept.weighed.reasons)


def records_of(connection: sa.Connection, observation_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Whole ranked facts by observation."""
    wanted = sa.select(sightings.c.observation_id, sightings.c.record)
    return {
        name: orjson.loads(raw)
        for piece in chunks(observation_ids)
        for name, raw in connection.execute(wanted.where(sightings.c.observation_id.in_(piece)))
    }


def moment(at: int) -> str:
    """Microseconds since the epoch as they are written."""
    return (EPOCH + timedelta(microseconds=at)).isoformat()
