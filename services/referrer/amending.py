"""A lead's word on a request that left comes in; a withdrawal or a correction under the same root, facts and ledger entries go out.

What left never changes: a new record follows it, and the earlier request moves to withdrawn or corrected in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from schemas.desk import CorrectionAsked, WithdrawalAsked
from schemas.outcome import TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.review import Amendment, ReasonCode
from schemas.scoring import ContentRanked
from schemas.vocabulary import ContentStatus
from services.referrer import request_inputs
from services.referrer.blindness import opens
from services.referrer.books import Books, Database
from services.referrer.choices import Choice
from services.referrer.decision_reasons import AMENDING_REASONS
from services.referrer.declined import GONE, Declined, Why, illegal, not_allowed
from services.referrer.directory import Directory
from services.referrer.drafting import Drafting, cannot_leave
from services.referrer.exercises import marked
from services.referrer.leaving import decided, happened, leaves, referral_of, state_of
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.lifecycle import Illegal, ReferralEvent, move_referral
from services.referrer.notices import Decided, platform_names
from services.referrer.outcomes import event_of
from services.referrer.records import Case, DecisionRow, Person, Referral
from services.referrer.request_successors import taken_back, withdraw
from services.referrer.requests import Unfit
from services.referrer.review_rules import ReviewRules, second_review_causes
from services.referrer.roles import AMENDING, Action, may
from services.referrer.suspension import ScopeKind, answerable
from services.runtime import metrics
from services.runtime.clock import Clock
from services.runtime.codec import decode
from services.runtime.errors import Fatal

NO_REFERRAL = Declined(Why.NOT_FOUND, "unknown_referral", "No request has this id.")
EVENTS = {Amendment.WITHDRAW: ReferralEvent.WITHDRAW, Amendment.CORRECT: ReferralEvent.CORRECT}
# Reports that say how a request ended; that it arrived, or is looked at, says nothing yet.
ENDINGS = frozenset({ReferralEvent.ACTION, ReferralEvent.REFUSE, ReferralEvent.REINSTATE})


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that left, the records of its chain, what this person may do with it now, and what the platform did."""

    referral: Referral
    request: TakedownRequested
    chain: tuple[Referral, ...]
    may: tuple[Amendment, ...]
    outcome: TakedownOutcome | None = None


@dataclass(frozen=True, slots=True)
class Amended:
    """The decision, the request that it was about, and the record that leaves."""

    decision: DecisionRow
    earlier: Referral
    record: Referral


@dataclass(frozen=True, slots=True)
class DraftedCorrection:
    """A corrected notice as it would leave, or what it lacks."""

    content_key: str
    built: TakedownRequested | Unfit


class Amending:
    """Takes requests back and corrects them."""

    def __init__(
        self, database: Database, directory: Directory, identity: request_inputs.Desk, rules: ReviewRules, clock: Clock,
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:  # fmt: skip
        self._database = database
        self._drafting = Drafting(directory, identity)
        self._platforms = platform_names(directory)
        self._rules = rules
        self._clock = clock
        self._new_id = new_id

    def view(self, person: Person, referral_id: UUID) -> Sent | Declined:
        """One request as it left; the look is recorded, because it shows content."""
        if (refused := not_allowed(person, Action.VIEW_CONTENT)) is not None:
            return refused
        return self._database.write(lambda books: self._view(books, person, referral_id))

    def _view(self, books: Books, person: Person, referral_id: UUID) -> Sent | Declined:
        opened = _opened(books, person, referral_id)
        if opened is None:
            return self._view_exercise(books, person, referral_id)
        if isinstance(opened, Declined):
            return opened
        referral, _ = opened
        same_case = books.referrals.of_case(referral.case_id)
        chain = tuple(each for each in same_case if each.root_referral_id == referral.root_referral_id)
        seen = {"case_id": referral.case_id, "referral_id": referral_id}
        books.ledger.append([Happened(self._clock.now(), LedgerKind.VIEWED, person.pseudonym, seen)])
        request = decode(TakedownRequested, referral.body)
        return Sent(referral, request, chain, _open_to(person, referral), _done(books.referrals.outcome_of(referral)))

    def _view_exercise(self, books: Books, person: Person, referral_id: UUID) -> Sent | Declined:
        """A notice that a case to be learned from seems to have made; it never left, and nothing can be done with it."""
        found = books.exercises.notice(person.pseudonym, referral_id)
        if found is None:
            return NO_REFERRAL
        exercise, notice = found
        seen = {"case_id": notice.case_id, "referral_id": referral_id}
        books.ledger.append([marked(Happened(self._clock.now(), LedgerKind.VIEWED, person.pseudonym, seen), exercise)])
        return Sent(notice, decode(TakedownRequested, notice.body), (notice,), ())

    def withdraw(self, person: Person, referral_id: UUID, asked: WithdrawalAsked) -> Amended | Declined:
        """Take a request back."""

        def record(_books: Books, request: TakedownRequested, decision_id: UUID, now: datetime) -> _Record:
            reasons = asked.reasons or taken_back(asked.reason_code)
            return withdraw(request, decision_id, person.pseudonym, reasons, now, asked.reason_code)

        return self._amend(person, referral_id, Amendment.WITHDRAW, asked.reason_code, asked.note, record)

    def correct(self, person: Person, referral_id: UUID, asked: CorrectionAsked) -> Amended | Declined:
        """Put a corrected notice in the place of a request."""

        def record(books: Books, request: TakedownRequested, decision_id: UUID, now: datetime) -> _Record:
            return self._corrected(books, person, request, asked, decision_id, now)

        return self._amend(person, referral_id, Amendment.CORRECT, asked.reason_code, asked.note, record)

    def draft(self, person: Person, referral_id: UUID, asked: CorrectionAsked) -> "DraftedCorrection | Declined":
        """The corrected notice as it would leave now; nothing is stored."""
        if (refused := not_allowed(person, Action.CORRECT)) is not None:
            return refused
        if (refused := _not_a_reason(Amendment.CORRECT, asked.reason_code)) is not None:
            return refused

        def work(books: Books) -> DraftedCorrection | Declined:
            opened = _opened(books, person, referral_id) or NO_REFERRAL
            if isinstance(opened, Declined):
                return opened
            referral, _ = opened
            request, willing = decode(TakedownRequested, referral.body), asked.model_copy(update={"good_faith": True})
            built = self._corrected(books, person, request, willing, UUID(int=0), self._clock.now())
            return built if isinstance(built, Declined) else DraftedCorrection(referral.content_key, built)

        # It shows content, so it may cost the person a blind review.
        return self._database.write(work)

    def _corrected(
        self, books: Books, person: Person, request: TakedownRequested, asked: CorrectionAsked, decision_id: UUID,
        now: datetime,
    ) -> "_Record":  # fmt: skip
        """Carried by those who agreed to the request and by the one who corrects it: where two must agree, two have to."""
        ranked = _content_of(books, request)
        if ranked is None:
            return GONE
        people = tuple(dict.fromkeys((*request.review.reviewers, person.pseudonym)))
        causes = second_review_causes(ranked.scored.exemptions, asked.notice.minor_suspected, self._rules)
        if causes and len(people) < 2:
            return Declined(
                Why.INVALID, "rule", f"Two people have to agree ({', '.join(causes)}); another one corrects."
            )
        by = Decided(
            decision_id, request.case_id, people, len(people) > 1, asked.reason_code, now, asked.good_faith
        )  # fmt: skip
        return self._drafting.corrected(by, asked.notice, request, ranked, ranked.content.platform)

    def choices(self, platform: str) -> tuple[Choice, ...]:
        """Which notices and grounds a person may choose for a platform."""
        return self._drafting.choices(platform)

    def _amend(
        self, person: Person, referral_id: UUID, amendment: Amendment, code: ReasonCode, note: str, record: "_Recorder"
    ) -> Amended | Declined:
        if (refused := not_allowed(person, AMENDING[amendment])) is not None:
            return refused
        if (refused := _not_a_reason(amendment, code)) is not None:
            return refused

        def work(books: Books) -> Amended | Declined:
            opened = _opened(books, person, referral_id) or NO_REFERRAL
            if isinstance(opened, Declined):
                return opened
            earlier, case = opened
            status, now = move_referral(earlier.status, EVENTS[amendment]), self._clock.now()
            if isinstance(status, Illegal):
                return illegal(status)
            decision_id = self._new_id()
            request = decode(TakedownRequested, earlier.body)
            built = record(books, request, decision_id, now)
            if isinstance(built, Declined):
                return built
            if isinstance(built, Unfit):
                return cannot_leave(built)
            row = DecisionRow(
                decision_id, case.case_id, case.round, request.content_version, amendment, code, note,
                person.pseudonym, person.role, now, case.state, False,
            )  # fmt: skip
            return _store(books, case, row, replace(earlier, status=status, changed_at=now), built)

        done = self._database.write(work)
        if isinstance(done, Amended):
            platform = metrics.platform_label(done.record.platform, self._platforms)
            metrics.takedowns.labels(platform, done.record.kind.value).inc()
        return done


def _opened(books: Books, person: Person, referral_id: UUID) -> tuple[Referral, Case] | Declined | None:
    """A request that left, locked, and its case; refused to whoever reviews that case blindly, None where none has this id."""
    # The request first, then its case, in the order in which a platform's report takes them.
    referral = books.referrals.locked(referral_id)
    if referral is None:
        return None
    case = books.cases.get(referral.case_id)
    if case is None:
        raise Fatal(f"referral {referral_id} has no case")
    return (referral, case) if opens(books, person, case.case_id, case.state) else NO_REFERRAL


_Record = TakedownRequested | Unfit | Declined
_Recorder = Callable[[Books, TakedownRequested, UUID, datetime], _Record]


def _store(books: Books, case: Case, row: DecisionRow, earlier: Referral, built: TakedownRequested) -> Amended:
    record = referral_of(built, earlier.platform, earlier.traceparent)
    if row.decision is Amendment.WITHDRAW:
        # A withdrawal asks for nothing: with it the whole chain is withdrawn, and what a platform can say is that it heard.
        record = replace(record, status=earlier.status)
    urls = {earlier.content_key: earlier.url}
    books.cases.add_decision(row, urls)
    books.referrals.move(earlier)
    books.referrals.add(record)
    if row.decision is Amendment.CORRECT:
        scopes = books.suspensions.scopes_of(earlier.referral_id)
        collector = next((scope.name for scope in scopes if scope.kind is ScopeKind.COLLECTOR), None)
        if collector is not None:
            books.suspensions.answers_for(record.referral_id, answerable(built, collector, record.platform))
    # The state of the earlier request first: of a chain the last state holds.
    books.outbox.append([decided(case, row, urls), state_of(earlier), *leaves(record)])
    books.ledger.append(happened(case, row, [record]))
    return Amended(row, earlier, record)


def _content_of(books: Books, request: TakedownRequested) -> ContentRanked | None:
    """The content as the request was about it, not as it may have been edited since; None where it is no longer kept."""
    seen = books.sightings.of([request.content_key]).get(request.content_key, ())
    # What says that the content is gone says nothing of what it was.
    live = [each for each in seen if each.status is not ContentStatus.DELETED and each.url is not None]
    same = [each for each in live if each.content_version == request.content_version]
    if not same:
        return None
    newest = max(same, key=lambda each: (each.observed_at, each.observation_id))
    raw = books.sightings.record(newest.observation_id)
    return decode(ContentRanked, raw) if raw else None


def _done(report: bytes | None) -> TakedownOutcome | None:
    """The report that says how the platform ended it: something was done, refused, or undone."""
    said = None if report is None else decode(TakedownOutcome, report)
    return said if said is not None and event_of(said) in ENDINGS else None


def _open_to(person: Person, referral: Referral) -> tuple[Amendment, ...]:
    return tuple(
        each
        for each in Amendment
        if may(person.role, AMENDING[each]) and not isinstance(move_referral(referral.status, EVENTS[each]), Illegal)
    )


def _not_a_reason(amendment: Amendment, code: ReasonCode) -> Declined | None:
    codes = AMENDING_REASONS[amendment]
    if code in codes:
        return None
    allowed = tuple(each.value for each in codes)
    return Declined(Why.INVALID, "rule", f"{code.value} is no reason to {amendment.value}.", allowed, "/reason_code")
