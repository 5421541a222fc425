"""The riskiest cases of a stretch of time, per platform and overall, in one exact question."""

from datetime import datetime

import sqlalchemy as sa

from schemas.review import CaseState
from schemas.vocabulary import Band
from services.referrer.adapters.sql import columns_of, record_of
from services.referrer.adapters.tables import cases
from services.referrer.records import Case

# What is gone, or was found harmless, is on no board.
OFF = (CaseState.MOOT.value, CaseState.REFUSED.value)


class BoardBook:
    """Boards over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def riskiest(self, since: datetime, until: datetime, size: int) -> list[Case]:
        """Cases said after `since` and not after `until` that are among the `size` riskiest of their platform: of any board's, all."""
        order = (cases.c.risk.desc(), cases.c.event_time.desc(), cases.c.content_key.desc())
        place = sa.func.row_number().over(partition_by=cases.c.platform, order_by=order).label("place")
        stretch = sa.and_(cases.c.event_time > since, cases.c.event_time <= until)
        shown = sa.and_(stretch, cases.c.state.not_in(OFF), cases.c.band != Band.NONE.value, ~cases.c.test)
        ranked = sa.select(*columns_of(Case, cases), place).where(shown).subquery()
        wanted = sa.select(ranked).where(ranked.c.place <= size)
        return [record_of(Case, row) for row in self._connection.execute(wanted).mappings()]
