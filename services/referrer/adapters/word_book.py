"""The words by which cases are found, in the database: one stretch of an index per word, so that a search costs the same at any size."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.referrer.adapters.bulk import insert
from services.referrer.adapters.console_tables import case_words
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

    def find(self, words: Sequence[str], limit: int, looked_at: int) -> Found:
        """Cases of contents that have all the words, the newest first, among the newest that have the rarest word."""
        rarest = min(words, key=lambda word: self._count(word, looked_at + 1))
        candidates = self._candidates(rarest, [word for word in words if word != rarest], looked_at)
        keys = [row.content_key for row in self._connection.execute(candidates)]
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
        more = len(found) > limit or self._count(rarest, looked_at + 1) > looked_at
        return Found(tuple(found.values())[:limit], more)

    def _count(self, word: str, enough: int) -> int:
        """How many contents have a word, counted no further than `enough`."""
        some = sa.select(case_words.c.content_key).where(case_words.c.word == word).limit(enough).subquery()
        return self._connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()

    @staticmethod
    def _candidates(rarest: str, others: Sequence[str], looked_at: int) -> sa.Select[Any]:
        newest = (
            sa.select(case_words.c.content_key, case_words.c.negative_seen)
            .where(case_words.c.word == rarest)
            .order_by(case_words.c.negative_seen, case_words.c.content_key)
            .limit(looked_at)
            .subquery()
        )
        statement = sa.select(newest.c.content_key).order_by(newest.c.negative_seen, newest.c.content_key)
        for number, word in enumerate(others):
            other = case_words.alias(f"word_{number}")
            statement = statement.where(
                sa.exists().where(
                    other.c.word == word,
                    other.c.negative_seen == newest.c.negative_seen,
                    other.c.content_key == newest.c.content_key,
                )
            )
        return statement


def _negative(entry: WordsOf) -> int:
    """Microseconds since 1970, negated: so that the newest come first in the index."""
    seen = entry.seen_at - EPOCH
    return -(seen.days * 86_400_000_000 + seen.seconds * 1_000_000 + seen.microseconds)
