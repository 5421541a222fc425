"""The words by which cases are found, in the database: one stretch of an index per word, so that a search costs the same at any size."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.referrer.adapters.bulk import insert
from services.referrer.adapters.console_tables import case_words
from services.referrer.adapters.oversight_tables import exercise_words
from services.referrer.adapters.sql import chunks, columns_of, record_of
from services.referrer.adapters.tables import EPOCH, cases, locations
from services.referrer.records import Case, Found, WordsOf


class WordBook:
    """Words over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, entries: Sequence[WordsOf]) -> None:
        """Store the words of contents in place of those that were stored of them."""
        for piece in chunks([entry.content_key for entry in entries]):
            self._connection.execute(sa.delete(case_words).where(case_words.c.content_key.in_(piece)))
        rows = [
            {"word": word, "negative_seen": _negative(entry), "content_key": entry.content_key}
            for entry in entries
            for word in entry.words
        ]
        insert(self._connection, case_words, rows)

    def put_exercise(self, case_id: UUID, entry: WordsOf) -> None:
        """Store the words of an exercise, which stand apart as the exercise does."""
        rows = [{"word": word, "negative_seen": _negative(entry), "case_id": case_id} for word in entry.words]
        insert(self._connection, exercise_words, rows)

    def find(self, words: Sequence[str], limit: int, looked_at: int) -> Found:
        """Cases of contents that have all the words, the newest first, among the newest that have the rarest word."""
        keys, more = self._having(case_words, case_words.c.content_key, words, looked_at)
        found: dict[Any, Case] = {}
        for piece in chunks(keys):
            rows = self._connection.execute(
                sa.select(locations.c.content_key.label("location_key"), *columns_of(Case, cases))
                .join(cases, cases.c.case_id == locations.c.case_id)
                .where(locations.c.content_key.in_(piece))
            )
            by_key = {row["location_key"]: record_of(Case, row) for row in rows.mappings()}
            for case in (by_key[key] for key in piece if key in by_key):
                found.setdefault(case.case_id, case)
            if len(found) > limit:
                break
        return Found(tuple(found.values())[:limit], more or len(found) > limit)

    def find_exercises(self, words: Sequence[str], looked_at: int) -> list[UUID]:
        """Exercises that have all the words, anybody's, the newest first."""
        return self._having(exercise_words, exercise_words.c.case_id, words, looked_at)[0]

    def _having(
        self, table: sa.Table, key: sa.Column[Any], words: Sequence[str], looked_at: int
    ) -> tuple[list[Any], bool]:
        """What has all the words, and whether there is more that was not looked at."""
        counts = {word: self._count(table, word, looked_at + 1) for word in words}
        rarest = min(words, key=lambda word: counts[word])
        candidates = _candidates(table, key, rarest, [word for word in words if word != rarest], looked_at)
        return list(self._connection.execute(candidates).scalars()), counts[rarest] > looked_at

    def _count(self, table: sa.Table, word: str, enough: int) -> int:
        """How much has a word, counted no further than `enough`."""
        some = sa.select(table.c.word).where(table.c.word == word).limit(enough).subquery()
        return self._connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()


def _candidates(
    table: sa.Table, key: sa.Column[Any], rarest: str, others: Sequence[str], looked_at: int
) -> sa.Select[Any]:
    newest = (
        sa.select(key.label("key"), table.c.negative_seen)
        .where(table.c.word == rarest)
        .order_by(table.c.negative_seen, key)
        .limit(looked_at)
        .subquery()
    )
    statement = sa.select(newest.c.key).order_by(newest.c.negative_seen, newest.c.key)
    for number, word in enumerate(others):
        other = table.alias(f"word_{number}")
        statement = statement.where(
            sa.exists().where(
                other.c.word == word,
                other.c.negative_seen == newest.c.negative_seen,
                other.c[key.name] == newest.c.key,
            )
        )
    return statement


def _negative(entry: WordsOf) -> int:
    """Microseconds since 1970, negated: so that the newest come first in the index."""
    seen = entry.seen_at - EPOCH
    return -(seen.days * 86_400_000_000 + seen.seconds * 1_000_000 + seen.microseconds)
