"""Leases and decisions come in; exercises go out, golden cases and blind second reviews, and how far people agree.

An exercise is decided like any case, and nothing leaves of it: no fact, no request; in the ledger it stands marked.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from schemas.scoring import ContentRanked
from schemas.vocabulary import Band
from services.referrer.books import Books, Database
from services.referrer.exercises import (
    Golden,
    Pair,
    Sort,
    agreed,
    as_new,
    blind_exercise,
    ended,
    golden_exercise,
    next_golden,
)
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.records import Case
from services.referrer.review_rules import ReviewRules
from services.referrer.sampling import blind_second_review, golden_due
from services.referrer.settling import Opinion
from services.referrer.wording import words_of
from services.runtime import metrics
from services.runtime.clock import Clock
from services.runtime.codec import decode, encode

WINDOW = timedelta(days=90)
FEWEST = 20


class Practice:
    """Mixes exercises in and measures what comes of them."""

    def __init__(
        self, database: Database, rules: ReviewRules, clock: Clock, new_id: Callable[[], UUID] = uuid4,
        *, fewest: int = FEWEST,
    ) -> None:  # fmt: skip
        self._database = database
        self._rules = rules
        self._clock = clock
        self._new_id = new_id
        self._fewest = fewest

    def taken(self, books: Books, reviewer: str, band: Band) -> None:
        """A person took a case: exercises that waited long enough end now, and the next one that comes may be a golden one."""
        turn = books.exercises.take_turn(reviewer)
        self._end(books, reviewer)
        if not golden_due(reviewer, turn, self._rules) or books.exercises.has_open(reviewer):
            return
        golden = next_golden(reviewer, books.exercises.unseen(reviewer), band)
        if golden is None:
            return
        now = self._clock.now()
        ranked = as_new(decode(ContentRanked, books.exercises.golden_record(golden.golden_id)), now)
        exercise = golden_exercise(golden, ranked, reviewer, self._new_id(), now)
        books.exercises.put(exercise, encode(ranked))
        books.words.put_exercise(exercise.case.case_id, words_of(ranked.content))

    def _end(self, books: Books, reviewer: str) -> None:
        now = self._clock.now()
        for case_id in books.exercises.left_to_others(reviewer):
            found = books.exercises.locked(case_id)
            if found is not None and (after := ended(found, now)) is not None:
                books.exercises.put(after)

    def decided(self, books: Books, case: Case, said: Opinion, deciders: Sequence[str]) -> None:
        """A case was decided for good; somebody else may see it once more without knowing."""
        if case.test or not blind_second_review(said.decision_id, self._rules):
            return
        record = books.sightings.record(case.observation_id)
        if record is None:
            return
        again = blind_exercise(case, said.decision_id, said.decision, deciders, self._new_id(), self._clock.now())
        books.exercises.put(again, record)
        books.words.put_exercise(again.case.case_id, words_of(decode(ContentRanked, record).content))

    def add(self, golden: Sequence[Golden], actor: str) -> int:
        """Store golden cases; gives how many are new."""

        def work(books: Books) -> int:
            new = books.exercises.add_golden(golden)
            body = {"new": new, "given": len(golden), "golden_ids": [each.golden_id for each in golden]}
            books.ledger.append([Happened(self._clock.now(), LedgerKind.GOLDEN_ADDED, actor, body)])
            return new

        return self._database.write(work)

    def pairs(self, window: timedelta = WINDOW) -> list[Pair]:
        """What was expected and what was said, of the last days."""
        since = self._clock.now() - window
        return self._database.read(lambda books: books.exercises.pairs(since))

    def measure(self) -> None:
        """Say how far reviewers agree; a handful of pairs says nothing, and then the gauge is not a number."""
        since = self._clock.now() - WINDOW
        found = agreed(self._database.read(lambda books: books.exercises.tally(since)), Sort.BLIND)
        kappa = found.kappa if found.pairs >= self._fewest else None
        metrics.agreement.set(float("nan") if kappa is None else kappa)
