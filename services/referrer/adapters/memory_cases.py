"""Anchors come in; what their cases are made of goes out: of few members by reading them, of many by the indexes."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from services.referrer.adapters.memory_tables import memory
from services.referrer.adapters.sql import chunks
from services.referrer.context import ORDER
from services.referrer.gathering import Gathered

# Members of a case that are worth reading at once; of more the indexes tell the first ones.
FEW = 50


def gathered(connection: sa.Connection, anchors: Collection[str]) -> dict[str, Gathered]:
    """The cases of these anchors, as their members make them."""
    found: dict[str, Gathered] = {}
    c = memory.c
    newest = sa.case((c.at > c.seen, c.at), else_=c.seen)
    for piece in chunks(anchors):
        wanted = (
            sa.select(
                c.anchor,
                sa.func.count(),
                sa.func.count(sa.case((~c.withdrawn, 1))),
                sa.func.min(c.band),
                sa.func.coalesce(sa.func.max(sa.case((~c.withdrawn, newest))), sa.func.max(newest)),
            )
            .where(c.anchor.in_(piece))
            .group_by(c.anchor)
        )
        counts = {row[0]: row[1:] for row in connection.execute(wanted)}
        few = _members(connection, [anchor for anchor, (members, *_) in counts.items() if members <= FEW])
        for anchor, (members, live, worst, last) in counts.items():
            face, top, risk, band = few[anchor] if anchor in few else _leading(connection, anchor)
            found[anchor] = Gathered(face, top, risk, ORDER[band], ORDER[worst], members, live, last)
    return found


def _members(connection: sa.Connection, anchors: Sequence[str]) -> dict[str, tuple[str, str, float, int]]:
    """Face, riskiest member, its risk, and the worst band of cases with few members, all with one question."""
    c, rows = memory.c, defaultdict[str, list[Any]](list)
    wanted = sa.select(c.anchor, c.content_key, c.at, c.risk, c.band, c.withdrawn).where(c.anchor.in_(anchors))
    for row in connection.execute(wanted) if anchors else ():
        rows[row.anchor].append(row)
    found = {}
    for anchor, members in rows.items():
        face = min(members, key=lambda m: (m.withdrawn, m.at, m.content_key))
        top = min(members, key=lambda m: (m.withdrawn, -m.risk, m.at, m.content_key))
        band = min((m.withdrawn, m.band) for m in members)[1]
        found[anchor] = face.content_key, top.content_key, top.risk, band
    return found


def _leading(connection: sa.Connection, anchor: str) -> tuple[str, str, float, int]:
    """The same of one case with many members, by its indexes."""
    face, _, _ = _first(connection, anchor, memory.c.at, memory.c.content_key)
    top, risk, _ = _first(connection, anchor, memory.c.risk.desc(), memory.c.at, memory.c.content_key)
    return face, top, risk, _first(connection, anchor, memory.c.band)[2]


def _first(connection: sa.Connection, anchor: str, *order: sa.ColumnElement[Any]) -> tuple[str, float, int]:
    """Key, risk and band of the first member in an order; live ones before those that were withdrawn."""
    wanted = sa.select(memory.c.content_key, memory.c.risk, memory.c.band).where(memory.c.anchor == anchor)
    row = connection.execute(wanted.order_by(memory.c.withdrawn, *order).limit(1)).one()
    return row.content_key, row.risk, row.band
