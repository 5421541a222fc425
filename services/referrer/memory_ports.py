"""What context needs of a memory: the values that go in and out of it, and the questions that an adapter answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from schemas.scoring import ContentRanked
from services.referrer.context import Weighed
from services.referrer.context_parts import Sighting
from services.referrer.gathering import Gathered, Shelf
from services.referrer.relations import By
from services.referrer.remembered import Evidence, Remembered


@dataclass(frozen=True, slots=True)
class Heard:
    """How one content stands now: its current observation, whether it is live, and its times in microseconds.

    `ranked` is the current observation where the caller has it at hand; else it is asked for when needed.
    """

    key: str
    observation_id: str
    at: int
    seen: int
    live: bool
    ranked: ContentRanked | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One remembered content, its evidence, and what came of weighing it."""

    this: Remembered
    evidence: Evidence
    observation_id: str
    weighed: Weighed


class Count(NamedTuple):
    """How many had seen a content at one observation: views, and what may stand for them where they are not public."""

    key: str
    observation_id: str
    seen: int
    views: int | None
    stand_in: int | None = None


class Span(NamedTuple):
    """Where later content may have a changed one as its context: one link, from a place on, until a time.

    `choice` is what the changed one is chosen by, `author` whose it is, and `home` the link on which it stands beside others;
    `passed` says how many better ones have gone by there, by whom: after so many, nobody later can have chosen it.
    """

    link: int
    at: int
    key: str
    until: int
    choice: tuple[float, int, str]
    by: By
    author: int
    home: int
    passed: tuple[tuple[int, int], ...] = ()


class Memory(Shelf, Protocol):
    """What the referrer remembers, in one transaction."""

    def lock(self) -> None:
        """Let nobody else change the memory until the transaction ends: two who do not see one another would miss context."""
        ...

    def gathered(self, anchors: Collection[str]) -> dict[str, Gathered]:
        """The cases of these anchors, as their members make them."""
        ...

    def forget_counts(self, keys: Collection[str]) -> None:
        """Remove the counts of contents that are to leave no trace."""
        ...

    def of_author(self, author_key: str) -> list[str]:
        """Everything remembered of an author, by content key: what an erasure has to reach."""
        ...

    def kept(self, keys: Collection[str]) -> dict[str, Kept]:
        """Those of the contents that are remembered."""
        ...

    def put(self, kept: Sequence[Kept]) -> None:
        """Insert or replace; others find them where they are linked."""
        ...

    def relink(self, before: Mapping[str, Remembered], entries: Sequence[Remembered]) -> None:
        """Let others find the entries; `before` are those among them that are linked, as they were then."""
        ...

    def forget(self, entries: Collection[Remembered]) -> None:
        """Remove entries with every trace by which others find them."""
        ...

    def related(self, entries: Sequence[Remembered]) -> Mapping[str, Sequence[Remembered]]:
        """Per entry, its context: of each link and window the few that are picked there, before it and above the floor.

        The entries stand for themselves: they are linked, but need not be stored yet.
        """
        ...

    def later(self, spans: Sequence[Span], limit: int) -> tuple[set[str], list[Span]]:
        """Keys on the spans, about `limit` at most, and the spans that are left."""
        ...

    def counts(self, keys: Collection[str]) -> Mapping[str, Sequence[Sighting]]:
        """Latest counts per content."""
        ...

    def add_counts(self, counts: Sequence[Count]) -> None:
        """Store counts; one of the same observation is replaced."""
        ...

    def defer(self, spans: Sequence[Span]) -> None:
        """Put spans on the work list."""
        ...

    def deferred(self, limit: int) -> list[Span]:
        """Take spans off the work list."""
        ...


class Records(Protocol):
    """Whole ranked facts by observation."""

    def ranked(self, observation_id: str) -> ContentRanked:
        """The fact as it was taken in."""
        ...
