"""Words, an address or an id come in; the cases that have them, and the people who may take one over, go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from schemas.scoring import ContentRanked, Contribution
from services.referrer.blindness import in_sight
from services.referrer.books import Books, Database
from services.referrer.case_file import proposals
from services.referrer.declined import Declined, not_allowed
from services.referrer.records import Case, DecisionRow, Found, Person
from services.referrer.remembered import EPOCH, Remembered
from services.referrer.roles import Action, may
from services.referrer.settling import said_all
from services.referrer.wording import words_in
from services.runtime.codec import decode

LONGEST_QUESTION, MOST_ASKED = 500, 8
MOST_FOUND, LOOKED_AT = 50, 2_000
MOST_EARLIER = 12
LIKELY = 0.3


@dataclass(frozen=True, slots=True)
class Glance:
    """What a line of the queue says beside the case itself, and who approved it already where a second person has to agree.

    `said_all` are those of them who approved all that waits: to complete it is for somebody else.
    """

    types: tuple[str, ...]
    overtness: str
    language: str | None
    copies: int
    approved_by: tuple[str, ...] = ()
    said_all: tuple[str, ...] = ()


def _by_words(books: Books, person: Person, words: Sequence[str]) -> Found:
    """Cases that have the words, among them those to learn from that this person has, as if they were any other."""
    found = books.words.find(words, MOST_FOUND, LOOKED_AT)
    if not may(person.role, Action.DECIDE):
        return found
    others = books.exercises.among(books.words.find_exercises(words, LOOKED_AT))
    mine = [each for each in others.values() if each.shows_to(person.pseudonym)]
    # A case of the same content says how it was decided: it and what repeats it are never found side by side.
    repeated = {each.of_case for each in mine} | {each.case.content_key for each in mine}
    real = [case for case in found.cases if not repeated & {case.case_id, case.content_key}]
    cases = [*real, *(each.case for each in mine)]
    newest = sorted(cases, key=lambda case: case.first_seen_at, reverse=True) if mine else cases
    return Found(tuple(newest[:MOST_FOUND]), found.more or len(newest) > MOST_FOUND)


NOTHING_LEFT = Glance((), "", None, 0)


@dataclass(frozen=True, slots=True)
class Earlier:
    """One piece of content that counts as context: when, how risky by itself, how it belongs here, and its case; no word of it."""

    at: datetime
    risk: float
    platform: str
    how: tuple[str, ...]
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What context adds to the risk of a case, in log-odds and in sentences, and the content it comes from, newest first."""

    parts: tuple[Contribution, ...] = ()
    reasons: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()


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
            case = self._database.read(lambda books: _by_id(books, person, case_id))
            return Found((case,) if case is not None else ())
        words = words_in(question)[:MOST_ASKED]
        if not words:
            return Found(())
        return self._database.read(lambda books: _by_words(books, person, words))

    def glance(self, person: Person, cases: Sequence[Case]) -> dict[UUID, Glance] | Declined:
        """What a page of the queue says of its cases."""
        if (refused := not_allowed(person, Action.VIEW_QUEUE)) is not None:
            return refused

        return self._database.read(lambda books: _glances(books, cases))

    def surroundings(self, person: Person, case_id: UUID, content_key: str) -> Surroundings | Declined:
        """What stands around the content that a case shows."""
        if (refused := not_allowed(person, Action.VIEW_CONTENT)) is not None:
            return refused
        return self._database.read(lambda books: _surroundings(books, case_id, content_key))

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


def _by_id(books: Books, person: Person, case_id: UUID) -> Case | None:
    """A case, or one to learn from that this person may have: nobody shall tell them apart by looking for them."""
    case = books.cases.get(case_id)
    if case is not None:
        return case if in_sight(books, person, case) else None
    exercise = books.exercises.get(case_id)
    decides = exercise is not None and may(person.role, Action.DECIDE) and exercise.may_have(person.pseudonym)
    return exercise.case if exercise is not None and decides else None


def _glances(books: Books, cases: Sequence[Case]) -> dict[UUID, Glance]:
    """All lines of a page with a handful of questions."""
    exercises = books.exercises.among([case.case_id for case in cases])
    real = [case for case in cases if case.case_id not in exercises]
    # A case to learn from keeps its content and its decisions apart; its line must look like any other.
    records = books.sightings.records([case.observation_id for case in real])
    decisions = books.cases.decisions_among([case.case_id for case in real])
    addresses = books.cases.addresses([case.case_id for case in cases])
    found: dict[UUID, Glance] = {}
    for case in cases:
        exercise, copies = exercises.get(case.case_id), max(0, addresses.get(case.case_id, 0) - 1)
        record = records.get(case.observation_id) if exercise is None else books.exercises.record(case.case_id)
        said = decisions.get(case.case_id, ()) if exercise is None else exercise.decisions
        found[case.case_id] = _glance(case, decode(ContentRanked, record), copies, said) if record else NOTHING_LEFT
    return found


def _glance(case: Case, ranked: ContentRanked, copies: int, decisions: Sequence[DecisionRow]) -> Glance:
    scored = ranked.scored
    types = sorted((t for t, p in scored.types.items() if p >= LIKELY), key=lambda t: -scored.types[t])
    # Of what stands there now: an approval of what was edited since counts no more.
    waiting = proposals(case, decisions)
    by = tuple(each.reviewer for each in waiting)
    done = tuple(each for each in dict.fromkeys(by) if said_all(waiting, each))
    return Glance(tuple(t.value for t in types[:2]), scored.overtness.value, scored.language, copies, by, done)


def _surroundings(books: Books, case_id: UUID, content_key: str) -> Surroundings:
    kept = books.memory.kept([content_key]).get(content_key)
    if kept is None:
        return Surroundings()
    related = {each.key: each for each in books.memory.related([kept.this]).get(content_key, ())}
    newest = sorted(related.values(), key=lambda each: (-each.at, each.key))[:MOST_EARLIER]
    cases = books.overview.cases_of([each.key for each in newest])
    earlier = [
        Earlier(EPOCH + timedelta(microseconds=each.at), each.risk, each.platform, _how(kept.this, each), found)
        for each in newest
        if (found := cases.get(each.key)) != case_id
    ]
    return Surroundings(kept.weighed.parts, kept.weighed.reasons, tuple(earlier))


def _how(this: Remembered, other: Remembered) -> tuple[str, ...]:
    """By what two contents belong together."""
    shared = (
        ("same poster", this.authors, other.authors),
        ("between the same two", this.pairs, other.pairs),
        ("same conversation", this.talk, other.talk),
        ("same picture or video", this.media, other.media),
        ("names the same group", this.subjects, other.subjects),
    )
    return tuple(words for words, one, another in shared if not set(one).isdisjoint(another))
