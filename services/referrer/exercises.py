"""A case to be learned from comes in, golden or decided by somebody else; an exercise that looks like any case goes out. Pure.

An exercise is a case of its own, kept apart from the others: nothing that makes a request ever reads one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from schemas.review import CaseState, Decision, Opening, ReasonCode
from schemas.scoring import ContentRanked
from schemas.vocabulary import Band
from services.referrer.agreement import Agreement, cohens_kappa, kappa_of
from services.referrer.ledger import Happened
from services.referrer.lifecycle import CaseEvent, Illegal, move_case
from services.referrer.records import Case, DecisionRow, Referral
from services.referrer.sampling import golden_case


class Sort(StrEnum):
    """What an exercise is for."""

    GOLDEN = "golden"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Golden:
    """Content with the decision that a desk agreed on."""

    golden_id: UUID
    decision: Decision
    reason_code: ReasonCode | None
    band: Band
    added_at: datetime
    record: bytes = b""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A case that somebody decides and nothing leaves of; `only_for` and `not_for` are pseudonyms.

    `decisions` and `notices` are what the case shows afterwards, as any other would; the notices are stored nowhere else.
    """

    sort: Sort
    case: Case
    expected: Decision
    made_at: datetime
    golden_id: UUID | None = None
    of_case: UUID | None = None
    of_decision: UUID | None = None
    only_for: str | None = None
    not_for: tuple[str, ...] = ()
    reviewer: str | None = None
    decision: Decision | None = None
    reason_code: ReasonCode | None = None
    decided_at: datetime | None = None
    decisions: tuple[DecisionRow, ...] = ()
    notices: tuple[Referral, ...] = ()

    def may_have(self, reviewer: str) -> bool:
        """Whether it is meant for this person."""
        return reviewer not in self.not_for and self.only_for in (None, reviewer)

    def shows_to(self, reviewer: str) -> bool:
        """Whether it stands in this person's lists: what waits for the person, and what the person decided."""
        return self.may_have(reviewer) and (self.decided_at is None or self.reviewer == reviewer)


@dataclass(frozen=True, slots=True)
class Pair:
    """What was expected of a case and what a person said of it; `of_case` is the case that was decided first."""

    sort: Sort
    case_id: UUID
    of_case: UUID | None
    reviewer: str
    expected: Decision
    said: Decision
    decided_at: datetime


# How often each expectation met each decision, by sort.
Tally = Mapping[Sort, Mapping[tuple[Decision, Decision], int]]

# A golden case came in as long ago as the newest ordinary ones did.
SEEN_BEFORE = timedelta(minutes=4)
# What waits for a second reviewer, or for a lead: with a case that somebody else deals with, it takes about so long.
FOR_SOMEBODY_ELSE = frozenset({CaseState.OPEN, CaseState.ESCALATED})
SHORTEST_WAIT, WAIT_MINUTES = timedelta(minutes=10), 30


def next_golden(reviewer: str, unseen: Sequence[Golden], band: Band) -> Golden | None:
    """Which golden case comes next: one of the band that the person works on now, where there is one."""
    near = [golden for golden in unseen if golden.band is band] or list(unseen)
    chosen = golden_case(reviewer, [golden.golden_id for golden in near])
    return next((golden for golden in near if golden.golden_id == chosen), None)


def as_new(ranked: ContentRanked, now: datetime) -> ContentRanked:
    """The same content as if it had just come in; nothing else of it changes."""
    content, later = ranked.content, now - SEEN_BEFORE - ranked.content.observed_at
    moved = {
        name: moment + later
        for name in ("event_time", "published_at", "edited_at", "observed_at")
        if (moment := getattr(content, name)) is not None
    }
    times = {"event_time": ranked.scored.event_time + later, "scored_at": ranked.scored.scored_at + later}
    return ranked.model_copy(
        update={"content": content.model_copy(update=moved), "scored": ranked.scored.model_copy(update=times)}
    )


def golden_exercise(golden: Golden, ranked: ContentRanked, reviewer: str, case_id: UUID, now: datetime) -> Exercise:
    """A golden case for one person, of content that was made to look new."""
    return Exercise(Sort.GOLDEN, _case(ranked, case_id, now), golden.decision, now, golden.golden_id, only_for=reviewer)


def blind_exercise(
    case: Case, decision_id: UUID, decision: Decision, deciders: Sequence[str], case_id: UUID, now: datetime
) -> Exercise:
    """A decided case once more, for anybody else; it says nothing of the first decision."""
    again = replace(
        case, case_id=case_id, state=CaseState.OPEN, opening=Opening.NEW, round=1, revision=1, opened_at=now,
        changed_at=now, lease_holder=None, lease_until=None, decision_id=None, decided_version=None, decided_at=None,
        traceparent=None,
    )  # fmt: skip
    people = tuple(dict.fromkeys(deciders))
    return Exercise(
        Sort.BLIND, again, decision, now, of_case=case.case_id, of_decision=decision_id, not_for=people
    )  # fmt: skip


def _case(ranked: ContentRanked, case_id: UUID, now: datetime) -> Case:
    content, scored = ranked.content, ranked.scored
    return Case(
        case_id=case_id,
        state=CaseState.OPEN,
        opening=Opening.NEW,
        round=1,
        revision=1,
        platform=content.platform,
        content_key=content.content_key,
        content_version=content.content_version,
        observation_id=content.observation_id,
        band=scored.band if scored.band is not Band.NONE else Band.P4,
        risk=scored.content_risk,
        event_time=content.event_time,
        first_seen_at=content.observed_at,
        waiting_since=content.observed_at,
        opened_at=now,
        changed_at=now,
        test=content.test,
    )


def decided(
    exercise: Exercise, case: Case, row: DecisionRow, decision: Decision, notices: Sequence[Referral]
) -> Exercise:
    """The exercise after an opinion: the case as a case would stand. The first one counts, and it alone."""
    after = replace(
        exercise, case=case, decisions=(*exercise.decisions, row), notices=(*exercise.notices, *notices)
    )  # fmt: skip
    if exercise.decided_at is not None:
        return after
    return replace(
        after, reviewer=row.reviewer, decision=decision, reason_code=row.reason_code, decided_at=row.decided_at
    )  # fmt: skip


def ended(exercise: Exercise, now: datetime) -> Exercise | None:
    """An exercise that has waited long enough for somebody else, who never comes: nobody else sees it. None of any other.

    It ends as a case ends of which nothing is left to decide: that invents no second person. Each waits a time of its own.
    """
    case = exercise.case
    if exercise.decided_at is None or case.state not in FOR_SOMEBODY_ELSE:
        return None
    after = move_case(case.state, CaseEvent.VANISH)
    wait = SHORTEST_WAIT + timedelta(minutes=case.case_id.int % WAIT_MINUTES)
    if isinstance(after, Illegal) or now < exercise.decided_at + wait:
        return None
    return replace(exercise, case=replace(case, state=after, revision=case.revision + 1, changed_at=now))


def forgotten(exercise: Exercise) -> Exercise:
    """The same without words: those of its notices, and what was noted of it."""
    return replace(exercise, notices=(), decisions=tuple(replace(each, note="") for each in exercise.decisions))


def agreement(pairs: Iterable[Pair], sort: Sort) -> Agreement:
    """How far decisions agree beyond chance: two people blindly of the same case, or people with golden cases."""
    return cohens_kappa((pair.expected, pair.said) for pair in pairs if pair.sort is sort)


def agreed(tally: Tally, sort: Sort) -> Agreement:
    """The same of pairs that the database counted."""
    return kappa_of(tally.get(sort, {}))


def marked(happened: Happened, exercise: Exercise) -> Happened:
    """What happened to an exercise; nobody shall take it for a decision of the desk."""
    return replace(happened, body={**happened.body, "exercise": exercise.sort.value})


def mixed(cases: Sequence[Case], others: Sequence[Case], limit: int) -> list[Case]:
    """Two pages in the order of the queue as one; where `cases` fill it, nothing is shown that belongs behind them."""
    last = place(cases[-1]) if len(cases) == limit else None
    near = [case for case in others if last is None or place(case) < last]
    return sorted([*cases, *near], key=place)[:limit]


def place(case: Case) -> tuple[Band, float, datetime, UUID]:
    """Where a case stands in the queue."""
    return case.band, -case.risk, case.waiting_since, case.case_id
