"""What work on cases asks of the database: cases with their locations and decisions, and how they are found, ranked and looked at."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.referrer.changes import Look
from services.referrer.records import Case, DecisionRow, Found, Location, QueueFilter, QueueKey, Waiting, WordsOf


class Cases(Protocol):
    """Cases, their locations and what people decided of them. Whoever may change a case gets it locked."""

    def locked(self, case_id: UUID) -> Case | None:
        """One case, locked until the transaction ends."""
        ...

    def by_content(self, content_keys: Collection[str]) -> dict[str, Case]:
        """The cases that these contents belong to, locked, by content key."""
        ...

    def get(self, case_id: UUID) -> Case | None:
        """One case, to look at."""
        ...

    def put(self, cases: Sequence[Case]) -> None:
        """Insert or replace."""
        ...

    def put_locations(self, locations: Sequence[Location]) -> None:
        """Insert or replace."""
        ...

    def drop_locations(self, content_keys: Collection[str]) -> None:
        """Take contents from the cases in which they no longer stand."""
        ...

    def locations(self, case_id: UUID) -> list[Location]:
        """Where the content was seen, first seen first."""
        ...

    def addresses(self, case_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """At how many addresses each case's content is live, those of a flood that are not listed included."""
        ...

    def queue(self, wanted: QueueFilter, after: QueueKey | None, limit: int) -> list[Case]:
        """Cases in order of band, risk, age."""
        ...

    def waiting(self) -> list[Waiting]:
        """How many cases wait for a person, per band, and since when: open, taken or escalated."""
        ...

    def expired_leases(self, now: datetime, limit: int) -> list[UUID]:
        """Cases whose lease has run out."""
        ...

    def add_decision(self, decision: DecisionRow, urls: Mapping[str, str]) -> None:
        """Store a decision and the addresses (by content key) that it names."""
        ...

    def decisions(self, case_id: UUID) -> list[DecisionRow]:
        """What people decided, oldest first."""
        ...

    def decisions_among(self, case_ids: Collection[UUID]) -> Mapping[UUID, Sequence[DecisionRow]]:
        """The same of many cases; those that nobody decided are left out."""
        ...


class Words(Protocol):
    """The words by which cases are found."""

    def put(self, entries: Sequence[WordsOf]) -> None:
        """Store the words of contents in place of those that were stored of them."""
        ...

    def find(self, words: Sequence[str], limit: int, looked_at: int) -> Found:
        """Cases of contents that have all the words, among the newest `looked_at` that have the rarest one."""
        ...

    def put_exercise(self, case_id: UUID, entry: WordsOf) -> None:
        """Store the words of an exercise."""
        ...

    def find_exercises(self, words: Sequence[str], looked_at: int) -> list[UUID]:
        """Exercises, whoever they are for, that have all the words, the newest first."""
        ...


class BoardBook(Protocol):
    """What stands on boards."""

    def riskiest(self, since: datetime, size: int) -> list[tuple[Case, str]]:
        """Cases that had something new after `since` and are among the `size` riskiest of a platform, each with that platform."""
        ...


class Looks(Protocol):
    """What each person last saw of each case."""

    def last(self, case_id: UUID, person: str) -> Look | None:
        """What the person saw when looking last."""
        ...

    def put(self, case_id: UUID, person: str, look: Look) -> None:
        """What the person sees now."""
        ...
