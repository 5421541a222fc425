"""An author's key comes in; what is held about that author is shown, or leaves the database, and the ledger keeps that it happened."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.topics import TAKEDOWN_REQUESTED
from services.referrer.blanking import ERASED_URL
from services.referrer.books import Books, Database
from services.referrer.leaving import state_of
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.records import Referral
from services.referrer.retention_ports import Author, Erased
from services.referrer.reviewing import Reviewing
from services.runtime.clock import Clock
from services.runtime.envelope import Outgoing
from services.runtime.errors import Retryable

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, and by when the last copy on a topic has aged out."""

    erased: Erased
    topics_until: datetime

    @property
    def nothing(self) -> bool:
        """Whether nothing was held about the author."""
        return not self.erased.blanked and not (set(self.erased.removed) - {"published records"})


class Erasing:
    """Answers the rights of the people whose content the desk holds. Blocking."""

    def __init__(self, database: Database, reviewing: Reviewing, clock: Clock) -> None:
        self._database = database
        self._reviewing = reviewing
        self._clock = clock

    def erase(self, author_key: str, reason: str, actor: str) -> Erasure:
        """Everything in one transaction. Raises Retryable while records about the author wait to be published."""
        erased = self._database.write(lambda books: self._erase(books, author_key, reason, actor))
        return Erasure(erased, self._clock.now() + timedelta(days=TAKEDOWN_REQUESTED.retention_days))

    def _erase(self, books: Books, author_key: str, reason: str, actor: str) -> Erased:
        author = _held(books, author_key)
        if waiting := books.personal.unsent(author):
            raise Retryable(
                f"{waiting} records about this author wait to be published; start a referrer, then erase again"
            )
        books.outbox.append(self._reviewing.forget(books, author.contents))
        erased = books.personal.erase(author)
        books.outbox.append(_without_address(books, erased))
        body = {
            "author_sha256": named(author_key),
            "reason": reason[:LONGEST_REASON],
            "cases": list(erased.cases),
            "notices": {str(referral_id): digest for referral_id, digest in erased.notices.items()},
            "removed": dict(erased.removed),
            "blanked": dict(erased.blanked),
        }
        books.ledger.append([Happened(self._clock.now(), LedgerKind.ERASED, actor, body)])
        return erased

    def export(self, author_key: str, actor: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Everything held about the author; that it was asked for lands in the ledger."""

        def work(books: Books) -> Mapping[str, Sequence[Mapping[str, Any]]]:
            held = books.personal.held(books.personal.find(author_key))
            body = {"author_sha256": named(author_key), "rows": {name: len(rows) for name, rows in held.items()}}
            books.ledger.append([Happened(self._clock.now(), LedgerKind.SUBJECT_EXPORTED, actor, body)])
            return held

        return self._database.write(work)


def _held(books: Books, author_key: str) -> Author:
    """Everything the author said, locked: a decision or an amendment that is being made ends first, and is erased or waited for.

    Requests, memory, cases: in the order in which a batch takes them.
    """
    books.personal.hold(books.personal.find(author_key))
    books.memory.lock()
    # Once more, and for all that follows: whoever held the memory until now may have taken in more of this author.
    author = books.personal.find(author_key)
    books.cases.by_content(author.contents)
    return author


def _without_address(books: Books, erased: Erased) -> list[Outgoing]:
    """Where the referrals stand that lost their address, anew: on a compacted topic a state stays until the next one of its chain."""
    last: dict[UUID, Referral] = {}
    for case_id in erased.cases:
        for each in sorted(books.referrals.of_case(case_id), key=lambda each: each.changed_at):
            last[each.root_referral_id] = each
    return [state_of(each) for each in last.values() if each.url == ERASED_URL]


def named(author_key: str) -> str:
    """How the ledger names an author: whoever has the key can prove that it was this one, and nobody can read it back."""
    return hashlib.sha256(author_key.encode()).hexdigest()
