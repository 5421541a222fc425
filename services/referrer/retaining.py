"""The ages of all records come in; what is too old leaves the database in small transactions, and the ledger says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from services.referrer.books import Books, Database
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.retention import Age, Keep, Kind, Retention
from services.referrer.retention_ports import Older
from services.runtime.clock import Clock

CHUNK = 200
ACTOR = "retention"
CHORE = "retention"
DAILY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """How many records of one kind are too old."""

    kind: Kind
    keep: Keep
    age: Age | None
    number: int


class Retaining:
    """Looks at, and removes, what is too old. Blocking: callers run it in a thread."""

    def __init__(self, database: Database, retention: Retention, clock: Clock) -> None:
        self._database = database
        self._retention = retention
        self._clock = clock

    def look(self) -> list[Due]:
        """What would go now; nothing is changed."""
        now = self._clock.now()
        return [self._due(kind, self._retention.age(kind, now)) for kind in Kind]

    def _due(self, kind: Kind, age: Age | None) -> Due:
        keep = self._retention.kinds[kind]
        if age is None:
            return Due(kind, keep, None, 0)
        return Due(kind, keep, age, self._database.read(lambda books: books.retention.count(kind, age)))

    def run(self, said: Callable[[Kind, int], None] = lambda _kind, _number: None) -> dict[Kind, int]:
        """Remove what is too old, kind by kind; `said` hears of every transaction. Safe to repeat and to break off."""
        now = self._clock.now()
        gone: dict[Kind, int] = {}
        for kind in Kind:
            age = self._retention.age(kind, now)
            if age is not None:
                gone[kind] = self._run(kind, age, said)
        self._database.write(lambda books: self._done(books, now))
        return gone

    @staticmethod
    def _done(books: Books, now: datetime) -> None:
        books.retention.count_anew()
        books.chores.done(CHORE, now)

    def _run(self, kind: Kind, age: Age, said: Callable[[Kind, int], None]) -> int:
        total, after = 0, None
        while True:
            look = partial(self._look, kind=kind, age=age, after=after)
            found = self._database.read(look)
            if not found.keys:
                return total
            # Every look goes on where the last one ended: what stays is walked past once, however much goes.
            after = found.last
            for start in range(0, len(found.keys), CHUNK):
                piece = found.keys[start : start + CHUNK]
                total += self._database.write(partial(self._remove, kind=kind, age=age, keys=piece))
                said(kind, total)

    @staticmethod
    def _look(books: Books, kind: Kind, age: Age, after: Any) -> Older:
        return books.retention.due(kind, age, 10 * CHUNK, after)

    def _remove(self, books: Books, kind: Kind, age: Age, keys: Sequence[Any]) -> int:
        number = books.retention.remove(kind, age, keys)
        if number:
            body = {"kind": kind.value, "before": age.before, "number": number, "version": self._retention.version}
            books.ledger.append([Happened(self._clock.now(), LedgerKind.REMOVED, ACTOR, body)])
        return number

    def due_today(self) -> bool:
        """Whether a day has passed since the last full run, whoever made it."""
        done = self._database.read(lambda books: books.chores.done_at(CHORE))
        return done is None or self._clock.now() - done >= DAILY
