"""What keeping nothing too long asks of the database: what is too old, what is held of one author, when daily work was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.referrer.retention import Age, Kind


@dataclass(frozen=True, slots=True)
class Older:
    """Keys of what is too old, and the place after which to go on looking."""

    keys: Sequence[Any]
    last: Any


class RetentionBook(Protocol):
    """What is too old. Keys and places are of the book's own making."""

    def due(self, kind: Kind, age: Age, limit: int, after: Any = None) -> Older:
        """What is older, some `limit` at once, beginning after a place; no keys where nothing is left."""
        ...

    def count(self, kind: Kind, age: Age) -> int:
        """How many there are."""
        ...

    def remove(self, kind: Kind, age: Age, keys: Sequence[Any]) -> int:
        """Remove those of them that are still too old; gives how many."""
        ...

    def count_anew(self) -> None:
        """Let the database see how much there is of everything, so that it chooses its ways by that."""
        ...


class Chores(Protocol):
    """When what is done once a day was done last, and which boards were ever published."""

    def done_at(self, name: str) -> datetime | None:
        """The last time; None for never."""
        ...

    def done(self, name: str, at: datetime) -> None:
        """It was done."""
        ...

    def names(self, beginning: str) -> Sequence[str]:
        """Names that begin so, of what was ever done."""
        ...


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: rows that went, rows that stay blank, and the bytes of every notice that stays, by its new hash."""

    removed: Mapping[str, int]
    blanked: Mapping[str, int]
    notices: Mapping[UUID, str]
    cases: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Author:
    """An author as the books know one: every key, also those before and after a rotation, and the keys of everything said under them."""

    names: frozenset[str]
    contents: Sequence[str]


class PersonalBook(Protocol):
    """Everything that is held about one author."""

    def find(self, author_key: str) -> Author:
        """Whose key it is, and what was said under it and its like, as far as that is known now."""
        ...

    def hold(self, author: Author) -> None:
        """Lock the requests about the author until the transaction ends."""
        ...

    def unsent(self, author: Author) -> int:
        """How many records about the author still wait to be published."""
        ...

    def erase(self, author: Author) -> Erased:
        """Remove the author's content and observations; blank what has to stay."""
        ...

    def held(self, author: Author) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Every row about the author, per table, as JSON can say it."""
        ...
