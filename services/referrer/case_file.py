"""The books of one transaction and a case come in; everything that a person has to see of that case goes out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import RequestKind
from schemas.review import MOST_SEEN, Decision, ReasonCode
from schemas.scoring import ContentRanked, Contribution
from services.referrer.books import Books
from services.referrer.changes import Look
from services.referrer.exercises import Exercise
from services.referrer.explaining import explained
from services.referrer.falling_due import WAITING
from services.referrer.records import Case, DecisionRow, Location, Referral
from services.referrer.settling import Opinion
from services.referrer.suspending import in_force, proposers
from services.runtime.codec import decode


@dataclass(frozen=True, slots=True)
class File:
    """Everything about one case; `parts` are those of its riskiest copy, and with what `context` adds they make its risk."""

    case: Case
    content: ContentRanked
    locations: Sequence[Location]
    contents: Sequence[ContentRanked]
    decisions: Sequence[DecisionRow]
    referrals: Sequence[Referral]
    cautions: tuple[str, ...] = ()
    parts: tuple[Contribution, ...] = ()
    context: tuple[Contribution, ...] = ()
    reasons: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def look(self) -> Look:
        """What whoever sees this sees of the risk."""
        parts = (*self.parts, *self.context)
        return Look(self.case.risk, self.case.band, parts, max(0, self.case.live - 1), self._versions())

    @property
    def unlisted(self) -> int:
        """How many live copies are known whose addresses are not among the locations."""
        return max(0, self.case.live - sum(location.live for location in self.locations))

    def _versions(self) -> tuple[str, ...]:
        """Those that are shown; of more than can be named, those that are likely to be asked about."""
        own, waiting = self.case.content_key, waiting_for(self)
        first = sorted(
            self.locations,
            key=lambda e: (e.content_key != own, not e.live, (e.content_key, e.content_version) in waiting),
        )
        return tuple(each.content_version for each in first[:MOST_SEEN])


def file_of(books: Books, case: Case) -> File:
    """Everything about one case, from its books."""
    locations = books.cases.locations(case.case_id)
    names = {case.observation_id, *(location.observation_id for location in locations)}
    # All at once: a case may have hundreds of addresses.
    records = {name: decode(ContentRanked, raw) for name, raw in books.sightings.records(names).items()}
    contents = [records[location.observation_id] for location in locations]
    why = explained(books, case.content_key, case.observation_id)
    return File(
        case,
        records[case.observation_id],
        locations,
        contents,
        books.cases.decisions(case.case_id),
        books.referrals.of_case(case.case_id),
        tuple(row.why for row in in_force(books, proposers(contents))),
        why.parts,
        why.context,
        why.reasons,
    )


def exercise_file(exercise: Exercise, record: bytes) -> File:
    """An exercise as any other case shows itself: one address, its own decisions, and the notices that it seems to have made."""
    # Its copies are not shown with it, so it has none.
    case, content = replace(exercise.case, live=1), decode(ContentRanked, record)
    location = Location(
        case.content_key, case.case_id, case.platform, content.content.url, case.content_version, case.observation_id,
        True, case.first_seen_at,
    )  # fmt: skip
    return File(case, content, [location], [content], exercise.decisions, exercise.notices, parts=content.parts)


def waiting_for(file: File) -> frozenset[tuple[str, str]]:
    """Contents, by key and version, whose removal a platform was asked for and has not answered; of a test nobody was asked."""
    waiting = [each for each in file.referrals if each.status in WAITING and each.kind is not RequestKind.WITHDRAWAL]
    asked = [decode(TakedownRequested, each.body) for each in waiting]
    return frozenset((each.content_key, each.content_version) for each in asked if not each.test)


def proposals(case: Case, decisions: Sequence[DecisionRow]) -> list[Opinion]:
    """The approvals that count and wait for a second, different person."""
    return opinions(case, [each for each in decisions if each.awaits_second_review])


def opinions(case: Case, decisions: Sequence[DecisionRow]) -> list[Opinion]:
    """What counts: said in this round, and an approval only of the version that stands there now."""
    return [
        _opinion(d, d.decision)
        for d in decisions
        # What a lead said of a request that left is no opinion on the case.
        if isinstance(d.decision, Decision)
        and d.round == case.round
        and (not d.awaits_second_review or d.content_version == case.content_version)
    ]


def _opinion(row: DecisionRow, decision: Decision) -> Opinion:
    agreed = frozenset((row.agreed or "").split())
    code = ReasonCode(row.reason_code)
    return Opinion(row.decision_id, row.reviewer, row.role, decision, code, row.decided_at, agreed)
