"""RankingBoard: the top K content by risk of one window and scope, as the referrer publishes it."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from schemas.base import Fact, Hex, Moment, Part, PlatformName, Probability
from schemas.vocabulary import Band, Window


class BoardEntry(Part):
    """One line of a board: a case, with the platform and the time of what it shows.

    `newest_at`, by which it stands in the window, is when the latest of its live copies was first seen or edited; a board of a
    platform holds cases with a live copy there, whatever the platform of what they show.
    """

    rank: Annotated[int, Field(ge=1)]
    case_id: UUID
    content_key: Hex
    platform: PlatformName
    band: Band
    risk: Probability
    event_time: Moment
    reasons: tuple[str, ...] = ()
    newest_at: Moment | None = None


class RankingBoard(Fact):
    """The current top K; `scope` is a platform or `all`. The topic is compacted, so the last value per key is the board."""

    TOPIC: ClassVar[str] = "ranking.board.v1"

    window: Window
    scope: str
    computed_at: Moment
    entries: tuple[BoardEntry, ...]
