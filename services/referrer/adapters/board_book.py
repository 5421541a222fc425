"""The riskiest cases of a stretch of time, per platform and overall, in one exact question."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from schemas.review import CaseState
from schemas.vocabulary import Band
from services.referrer.adapters.sql import columns_of, record_of
from services.referrer.adapters.tables import cases, locations
from services.referrer.records import Case

# What is gone, or was found harmless, is on no board.
OFF = (CaseState.MOOT.value, CaseState.REFUSED.value)


class BoardBook:
    """Boards over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def riskiest(self, since: datetime, size: int) -> list[tuple[Case, str]]:
        """Cases that had something new after `since` and are among the `size` riskiest of a platform, each with that platform.

        That is the platform of what a case shows, and every other one where a copy is live. Of any board's cases, all.
        """
        c, at = cases.c, locations.c
        shown = sa.and_(c.newest_at > since, c.state.not_in(OFF), c.band != Band.NONE.value, ~c.test)
        # Apart from the others: most cases have no copy, and to look for its platform would cost as much as all the rest.
        copied = sa.select(at.case_id, at.platform).where(at.live).join(cases, c.case_id == at.case_id)
        away = copied.where(shown, c.live > 1, at.platform != c.platform).distinct().subquery()
        elsewhere = cases.join(away, away.c.case_id == c.case_id)
        return [
            *self._best(sa.select(cases).where(shown), c.platform, size),
            *self._best(sa.select(cases).select_from(elsewhere), away.c.platform, size),
        ]

    def _best(self, these: sa.Select[Any], platform: sa.ColumnElement[str], size: int) -> list[tuple[Case, str]]:
        order = (cases.c.risk.desc(), cases.c.newest_at.desc(), cases.c.content_key.desc())
        place = sa.func.row_number().over(partition_by=platform, order_by=order).label("place")
        ranked = these.with_only_columns(*columns_of(Case, cases), platform.label("scope"), place).subquery()
        rows = self._connection.execute(sa.select(ranked).where(ranked.c.place <= size)).mappings()
        return [(record_of(Case, row), row["scope"]) for row in rows]
