"""Words, an address or an id come in; the cases that have them, and the people who may take one over, go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from schemas.scoring import ContentRanked
from services.referrer.desk import Declined, not_allowed
from services.referrer.ports import Books, Database
from services.referrer.records import Case, Found, Person
from services.referrer.review_rules import Action, may
from services.referrer.wording import words_in
from services.runtime.codec import decode

LONGEST_QUESTION, MOST_ASKED = 500, 8
MOST_FOUND, LOOKED_AT = 50, 2_000


@dataclass(frozen=True, slots=True)
class Glance:
    """What a line of the queue says beside the case itself: no word of the content."""

    types: tuple[str, ...]
    overtness: str
    language: str | None
    copies: int


class Finding:
    """Looks things up; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, person: Person, question: str) -> Found | Declined:
        """Cases by id, address or words; at most 50."""
        if (refused := not_allowed(person, Action.VIEW_QUEUE)) is not None:
            return refused
        question = question.strip()[:LONGEST_QUESTION]
        try:
            case_id = UUID(question)
        except ValueError:
            pass
        else:
            case = self._database.read(lambda books: books.cases.get(case_id))
            return Found((case,) if case is not None else ())
        words = words_in(question)[:MOST_ASKED]
        if not words:
            return Found(())
        return self._database.read(lambda books: books.words.find(words, MOST_FOUND, LOOKED_AT))

    def glance(self, person: Person, cases: Sequence[Case]) -> dict[UUID, Glance] | Declined:
        """What a page of the queue says of its cases."""
        if (refused := not_allowed(person, Action.VIEW_QUEUE)) is not None:
            return refused
        return self._database.read(lambda books: {case.case_id: _glance(books, case) for case in cases})

    def colleagues(self, person: Person) -> list[Person] | Declined:
        """Who else may decide cases."""
        if (refused := not_allowed(person, Action.HAND_OVER)) is not None:
            return refused
        everybody = self._database.read(lambda books: books.people.everybody())
        return [
            each
            for each in everybody
            if each.revoked_at is None and may(each.role, Action.DECIDE) and each.pseudonym != person.pseudonym
        ]


def _glance(books: Books, case: Case) -> Glance:
    scored = decode(ContentRanked, books.sightings.record(case.observation_id)).scored
    types = sorted((t for t, p in scored.types.items() if p >= 0.5), key=lambda t: -scored.types[t])
    copies = len(books.cases.locations(case.case_id)) - 1
    return Glance(tuple(t.value for t in types[:2]), scored.overtness.value, scored.language, copies)
