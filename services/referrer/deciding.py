"""A person's decision comes in; decision, case, requests, facts and ledger entries go out in one transaction, or a refusal. The human gate.

It fails closed: the only way to a takedown request leads through a stored decision to approve, by as many people as the rules demand.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from schemas.desk import DecisionAsked, NoticeAsked
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import RequestKind
from schemas.review import CaseState, Decision, Opening
from schemas.scoring import ContentRanked
from services.referrer import request_inputs
from services.referrer.blindness import spoils
from services.referrer.books import Books, Database
from services.referrer.case_file import File, exercise_file, file_of, opinions
from services.referrer.choices import Choice
from services.referrer.choosing import Pair, by_default, choose, left_over
from services.referrer.declined import GONE, NO_CASE, Declined, Why, illegal, not_allowed
from services.referrer.directory import Directory
from services.referrer.drafting import Drafted, Drafting, cannot_leave, first_words
from services.referrer.exercises import decided as practised
from services.referrer.exercises import marked
from services.referrer.intake import brought_again
from services.referrer.leaving import announcement, decided, happened, leaves, referral_of
from services.referrer.lifecycle import CaseEvent, Illegal, move_case
from services.referrer.notices import Decided, platform_names
from services.referrer.practice import Practice
from services.referrer.records import Case, DecisionRow, Location, Person, Referral
from services.referrer.request_identity import substance
from services.referrer.requests import Unfit
from services.referrer.review_rules import ReviewRules, highest, second_review_causes
from services.referrer.roles import Action
from services.referrer.settling import Forbidden, Opinion, Settled, settle
from services.referrer.suspension import answerable
from services.runtime import metrics
from services.runtime.clock import Clock

ENDS_ROUND = frozenset({CaseEvent.APPROVE, CaseEvent.REFUSE})


@dataclass(frozen=True, slots=True)
class Made:
    """What a decision made; in practice the referrals are only to be looked at."""

    decision: DecisionRow
    case: Case
    referrals: tuple[Referral, ...]
    practice: bool = False


class Deciding:
    """Takes decisions."""

    def __init__(
        self, database: Database, directory: Directory, identity: request_inputs.Desk, rules: ReviewRules, clock: Clock,
        new_id: Callable[[], UUID] = uuid4, practice: Practice | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._drafting = Drafting(directory, identity)
        self._platforms = platform_names(directory)
        self._rules = rules
        self._clock = clock
        self._new_id = new_id
        self._practice = practice
        metrics.at_zero(metrics.takedowns, metrics.platform_labels(self._platforms), RequestKind)

    def second_review_for(self, contents: Iterable[ContentRanked], minor_suspected: bool = False) -> tuple[str, ...]:
        """Why an approval of these contents needs a second, different reviewer: any of them may be the cause."""
        exemptions = highest(ranked.scored.exemptions for ranked in contents)
        return second_review_causes(exemptions, minor_suspected, self._rules)

    def second_review_of(self, file: File) -> tuple[str, ...]:
        """The same of an approval that names no address."""
        return self.second_review_for(ranked for _, ranked in by_default(file))

    def second_review_at(self, file: File) -> Mapping[str, tuple[str, ...]]:
        """The same of each address alone, by the key of its content."""
        pairs = zip(file.locations, file.contents, strict=True)
        return {location.content_key: self.second_review_for([ranked]) for location, ranked in pairs}

    def decide(self, person: Person, case_id: UUID, asked: DecisionAsked) -> Made | Declined:
        """Decide a case that the person holds."""
        if (refused := not_allowed(person, Action.DECIDE)) is not None:
            return refused
        made = self._database.write(lambda books: self._decide(books, person, case_id, asked))
        if isinstance(made, Made) and not made.practice:
            self._count(made)
        return made

    def _count(self, made: Made) -> None:
        for referral in made.referrals:
            platform = metrics.platform_label(referral.platform, self._platforms)
            metrics.takedowns.labels(platform, referral.kind.value).inc()
            metrics.time_to_referral.observe((referral.issued_at - made.case.first_seen_at).total_seconds())

    def _decide(self, books: Books, person: Person, case_id: UUID, asked: DecisionAsked) -> Made | Declined:
        case = books.cases.locked(case_id)
        if case is None:
            return self._practise(books, person, case_id, asked)
        if spoils(books, person, case):
            return NO_CASE
        now = self._clock.now()
        if (refused := _not_ready(case, person, asked, now)) is not None:
            return refused
        file = file_of(books, case)
        if asked.seen is None:
            look = books.looks.last(case_id, person.pseudonym)
            # What the person was shown last; whoever was shown nothing knows of the one content whose version was told.
            asked = asked.model_copy(update={"seen": look.versions if look is not None else ()})
        verdict = self._verdict(file, person, asked, now)
        return verdict if isinstance(verdict, Declined) else self._store(books, file, person, asked, verdict)

    def _practise(self, books: Books, person: Person, case_id: UUID, asked: DecisionAsked) -> Made | Declined:
        """A decision on a case that is there to be learned from: held to the same rules, and nothing leaves of it."""
        exercise = books.exercises.locked(case_id)
        if exercise is None or not exercise.may_have(person.pseudonym):
            return NO_CASE
        now = self._clock.now()
        if (refused := _not_ready(exercise.case, person, asked, now)) is not None:
            return refused
        if not (record := books.exercises.record(case_id)):
            return GONE
        file = exercise_file(exercise, record)
        verdict = self._verdict(file, person, asked, now)
        if isinstance(verdict, Declined):
            return verdict
        case, row = _decided(file.case, person, asked, verdict)
        # Shown to whoever decided, as with any case; they go to no table that anything is sent from.
        notices = tuple(referral_of(request, location.platform, None) for location, request in verdict.leaving)
        books.exercises.put(practised(exercise, case, row, asked.decision, notices))
        books.ledger.append([marked(each, exercise) for each in happened(case, row, ())])
        return Made(row, case, notices, practice=True)

    def _verdict(self, file: File, person: Person, asked: DecisionAsked, now: datetime) -> "_Verdict | Declined":
        """What a decision comes to, by the rules that a case and an exercise share."""
        before = opinions(file.case, file.decisions)
        said = Opinion(self._new_id(), person.pseudonym, person.role, asked.decision, asked.reason_code, now)
        # First, because what is chosen decides how many people it takes.
        chosen = choose(file, asked) if asked.decision is Decision.APPROVE else ()
        pairs = () if isinstance(chosen, Declined) else chosen
        causes = self.second_review_for([ranked for _, ranked in pairs], asked.notice.minor_suspected)
        if causes or any(each.decision is Decision.APPROVE for each in before):
            said = replace(said, agreed=self._agreed(file, said, asked, pairs))
        settled = settle(before, said, causes)
        if isinstance(settled, Forbidden):
            return Declined(Why.INVALID, "rule", f"{settled.rule}.", settled.allowed)
        state = move_case(file.case.state, settled.event)
        if isinstance(state, Illegal):
            return illegal(state)
        drafted = chosen if isinstance(chosen, Declined) else self._approved(file, said, settled, asked, chosen)
        return drafted if isinstance(drafted, Declined) else _Verdict(said, settled, state, drafted)

    def _approved(
        self, file: File, said: Opinion, settled: Settled, asked: DecisionAsked, chosen: Sequence[Pair]
    ) -> Sequence[Drafted] | Declined:
        """The requests that an approval makes; a proposal is checked the same way, so that the second person cannot be stuck."""
        by = Decided(
            said.decision_id, file.case.case_id, settled.reviewers, settled.second_review, said.reason_code,
            said.decided_at, asked.good_faith,
        )  # fmt: skip
        drafted = [self._drafting.draft(by, asked.notice, file, *pair) for pair in chosen]
        for each in drafted:
            if isinstance(each.built, Unfit):
                return cannot_leave(each.built)
        return drafted

    def _agreed(self, file: File, said: Opinion, asked: DecisionAsked, chosen: Sequence[Pair]) -> frozenset[str]:
        """What this approval asks for, each notice by its substance; its words may differ from another person's."""
        alone = Settled(CaseEvent.APPROVE, (said.reviewer,))
        drafted = self._approved(file, said, alone, asked, chosen)
        built = () if isinstance(drafted, Declined) else [each.built for each in drafted]
        return frozenset(substance(each) for each in built if isinstance(each, TakedownRequested))

    def drafts(self, file: File, person: Person, asked: DecisionAsked | None = None) -> list[Drafted]:
        """The notices as they would leave if this person approved the case now, as asked or as drafted; nothing is stored."""
        code, notice = (asked.reason_code, asked.notice) if asked else (first_words(file.content), NoticeAsked())
        by = Decided(UUID(int=0), file.case.case_id, (person.pseudonym,), False, code, self._clock.now(), True)
        pairs = zip(file.locations, file.contents, strict=True)
        return [self._drafting.draft(by, notice, file, *pair) for pair in pairs]

    def choices(self, platform: str) -> tuple[Choice, ...]:
        """Which notices and grounds a person may choose for a platform."""
        return self._drafting.choices(platform)

    def _store(self, books: Books, file: File, person: Person, asked: DecisionAsked, verdict: "_Verdict") -> Made:
        case, decision = _decided(file.case, person, asked, verdict)
        final = verdict.settled.event in ENDS_ROUND
        urls = {each.location.content_key: each.location.url or "" for each in verdict.drafted}
        collectors = {ranked.content.content_key: ranked.content.collector for ranked in file.contents}
        books.cases.put([case])
        books.cases.add_decision(decision, urls)
        referrals = tuple(
            referral_of(request, location.platform, case.traceparent) for location, request in verdict.leaving
        )
        for referral, (_, request) in zip(referrals, verdict.leaving, strict=True):
            books.referrals.add(referral)
            collector = collectors[referral.content_key]
            books.suspensions.answers_for(referral.referral_id, answerable(request, collector, referral.platform))
        if final and self._practice is not None:
            deciders = [each.reviewer for each in file.decisions if each.round == case.round]
            self._practice.decided(books, case, verdict.said, [*deciders, person.pseudonym])
        books.outbox.append([decided(case, decision, urls), *(out for r in referrals for out in leaves(r))])
        if referrals and left_over(file, asked, urls):
            self._bring_again(books, case, file)
        books.ledger.append(happened(case, decision, referrals))
        return Made(decision, case, referrals)

    @staticmethod
    def _bring_again(books: Books, case: Case, file: File) -> None:
        """One decision names so many addresses and no more, and none that nobody saw: the others wait for another one."""
        again = brought_again(case, Opening.REUPLOADED, case.changed_at)
        if not isinstance(again, Illegal):
            books.cases.put([again])
            books.outbox.append([announcement(again, again.opening, file.content, None, file.reasons)])


@dataclass(frozen=True, slots=True)
class _Verdict:
    said: Opinion
    settled: Settled
    state: CaseState
    drafted: Sequence[Drafted]

    @property
    def leaving(self) -> list[tuple[Location, TakedownRequested]]:
        """Requests leave under a final approval and under nothing else."""
        if self.settled.event is not CaseEvent.APPROVE:
            return []
        return [(each.location, each.built) for each in self.drafted if isinstance(each.built, TakedownRequested)]


def _decided(before: Case, person: Person, asked: DecisionAsked, verdict: _Verdict) -> tuple[Case, DecisionRow]:
    """A case after a decision, and the decision as it is kept."""
    now, decision_id = verdict.said.decided_at, verdict.said.decision_id
    final = verdict.settled.event in ENDS_ROUND
    case = replace(
        before,
        state=verdict.state,
        lease_holder=None,
        lease_until=None,
        revision=before.revision + 1,
        changed_at=now,
        decision_id=decision_id if final else None,
        decided_at=now if final else None,
        decided_version=before.content_version if final else before.decided_version,
    )
    row = DecisionRow(
        decision_id, case.case_id, case.round, case.content_version, asked.decision, asked.reason_code, asked.note,
        person.pseudonym, person.role, now, verdict.state, verdict.settled.awaits_second_review,
        " ".join(sorted(verdict.said.agreed)) if verdict.settled.awaits_second_review else None,
    )  # fmt: skip
    return case, row


def _not_ready(case: Case, person: Person, asked: DecisionAsked, now: datetime) -> Declined | None:
    """Only the holder of a lease that runs decides, and only on what stands there now."""
    if case.state is not CaseState.LEASED:
        detail = (
            f"The case is {case.state.value}; take it first." if case.decided_at is None else _decided_already(case)
        )
        return Declined(Why.CONFLICT, "state", detail, (CaseState.LEASED.value,))
    if case.lease_holder != person.pseudonym:
        return Declined(Why.CONFLICT, "leased", f"{case.lease_holder} holds this case.")
    if case.lease_until is not None and case.lease_until <= now:
        return Declined(Why.CONFLICT, "lease_expired", "The lease has run out; take the case again.")
    if asked.content_version != case.content_version:
        return Declined(
            Why.CONFLICT, "content_changed", "The content was edited since it was looked at; look again.",
            (case.content_version,), "/content_version",
        )  # fmt: skip
    return None


def _decided_already(case: Case) -> str:
    return f"The case was {case.state.value} at {case.decided_at:%Y-%m-%d %H:%M:%S} UTC by decision {case.decision_id}."
