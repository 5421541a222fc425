"""What each person last saw of each case: so that a case can say what changed since."""

from uuid import UUID

import orjson
import sqlalchemy as sa

from schemas.scoring import Contribution
from schemas.vocabulary import Band
from services.referrer.adapters.bulk import upsert
from services.referrer.adapters.memory_tables import case_looks
from services.referrer.changes import Look


class LookBook:
    """Looks over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def last(self, case_id: UUID, person: str) -> Look | None:
        """What the person saw when looking last."""
        wanted = sa.select(case_looks.c.look).where(case_looks.c.case_id == case_id, case_looks.c.person == person)
        text = self._connection.execute(wanted).scalar_one_or_none()
        if text is None:
            return None
        # Looks of before say nothing of versions.
        risk, band, parts, copies, *versions = orjson.loads(text)
        shown = tuple(Contribution(name=n, value=v, contribution=c) for n, v, c in parts)
        return Look(risk, Band(band), shown, copies, tuple(versions))

    def put(self, case_id: UUID, person: str, look: Look) -> None:
        """What the person sees now, in place of what was seen before."""
        parts = [[part.name, part.value, part.contribution] for part in look.parts]
        text = orjson.dumps([look.risk, look.band.value, parts, look.copies, *look.versions]).decode()
        upsert(self._connection, case_looks, [{"case_id": case_id, "person": person, "look": text}])
