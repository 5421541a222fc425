"""Digests of the rules that decide come in; a ledger entry for each that the ledger does not know yet goes out, once per digest."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import orjson

from schemas.scoring import ContentRanked
from services.referrer.books import Books
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.review_rules import ReviewRules
from services.runtime.clock import Clock

Rule = tuple[str, str]
ACTOR = "referrer"


class RulesInForce:
    """Tells the ledger of rules that it has not heard of: the referrer's own, and those that scored what it takes in."""

    def __init__(self, own: Mapping[str, str], clock: Clock) -> None:
        self._own = frozenset(own.items())
        self._clock = clock
        self._known: frozenset[Rule] = frozenset()

    def note_own(self, books: Books) -> None:
        """Ledger the referrer's own rules where they are new."""
        books.ledger.append(self._unknown(books, self._own))

    def of_records(self, books: Books, records: Iterable[ContentRanked]) -> list[Happened]:
        """Entries for what scored these records where it is new; to be appended in the same transaction."""
        seen = {each.scored.digests for each in records}
        return self._unknown(books, {(f"scorer.{name}", digest) for digests in seen for name, digest in digests})

    def _unknown(self, books: Books, rules: Iterable[Rule]) -> list[Happened]:
        fresh = set(rules) - self._known
        if not fresh:
            return []
        # Known is what lies there already: what this transaction adds may still be undone.
        self._known = books.ledger.rules()
        return [
            Happened(self._clock.now(), LedgerKind.POLICY_CHANGED, ACTOR, {"rules": name, "digest": digest})
            for name, digest in sorted(fresh - self._known)
        ]


def digest_of(rules: ReviewRules) -> str:
    """Of what a desk has set; the same settings give the same digest."""
    return hashlib.sha256(orjson.dumps(asdict(rules), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
