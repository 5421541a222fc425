"""What a backtest remembers comes in; where each content stands in its ranking goes out, one at a time: there may be millions."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa

from schemas.vocabulary import Band
from services.commands.rank_labels import Name, names_of
from services.commands.rank_lines import CASE_ORDER, moment
from services.commands.rank_quality import Placed
from services.commands.rank_rest import backtest_rest, listed_rest
from services.referrer.adapters.memory_tables import memory
from services.referrer.adapters.tables import sightings
from services.referrer.context import ORDER

_CONTENT_ID = sa.func.json_extract(sa.cast(sightings.c.record, sa.Text), "$.content.content_id", type_=sa.Text)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one content stands under some rules."""

    content_key: str
    content_id: str
    band: Band
    risk: float


def standings(connection: sa.Connection) -> Iterator[Standing]:
    """Every listed content, copies too, in the order of their keys: for comparing two sets of rules."""
    below, lowest = backtest_rest.c, sa.literal(ORDER.index(Band.NONE))
    rest = listed_rest().order_by(None).with_only_columns(below.content_key, below.content_id, lowest, below.risk)
    live = (
        sa.select(memory.c.content_key, _CONTENT_ID, memory.c.band, memory.c.risk)
        .join(sightings, sightings.c.observation_id == memory.c.observation_id)
        .where(~memory.c.withdrawn)
    )
    for key, name, band, risk in connection.execute(sa.union_all(rest, live).order_by("content_key")):
        yield Standing(key, name, ORDER[band], risk)


def placed(connection: sa.Connection, labels: Container[Name]) -> Iterator[Placed]:
    """The cases in their order, as a judge of it needs them: who looks at one sees every copy in it, however many there are."""
    cases = (
        sa.select(
            memory.c.anchor,
            sa.func.min(memory.c.at).label("begun"),
            sa.func.row_number().over(order_by=CASE_ORDER).label("place"),
        )
        .where(~memory.c.withdrawn)
        .group_by(memory.c.anchor)
        .subquery()
    )
    members = (
        sa.select(cases.c.place, cases.c.begun, memory.c.content_key, sightings.c.platform, _CONTENT_ID)
        .join(memory, memory.c.anchor == cases.c.anchor)
        .join(sightings, sightings.c.observation_id == memory.c.observation_id)
        .where(~memory.c.withdrawn)
        .order_by(cases.c.place)
    )
    for (_, begun), rows in groupby(connection.execute(members), key=lambda row: (row.place, row.begun)):
        named = (name for _, _, *content in rows for name in names_of(*content) if name in labels)
        yield Placed(tuple(named), moment(begun)[:10])
    below = backtest_rest.c
    wanted = listed_rest().with_only_columns(below.said, below.content_key, below.platform, below.content_id)
    for said, *content in connection.execute(wanted):
        yield Placed(tuple(name for name in names_of(*content) if name in labels), moment(said)[:10])
