"""A report about a request comes in; the referral's new state, with its fact and ledger entry, goes out in the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from schemas.outcome import OutcomeAction, TakedownOutcome
from schemas.reasons import Reason
from schemas.referral_vocabulary import ReferralStatus
from schemas.review import Opening
from schemas.scoring import ContentRanked
from services.referrer.books import Books, Database
from services.referrer.intake import brought_again
from services.referrer.leaving import announcement, state_of
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.lifecycle import Illegal, ReferralEvent
from services.referrer.outcomes import UNSPECIFIED, Applied, Unclear, apply, repeats
from services.referrer.records import Connector, OutcomeRow, Referral
from services.referrer.suspending import judged
from services.referrer.suspension import SuspensionRules, load_suspension
from services.runtime import metrics
from services.runtime.clock import Clock
from services.runtime.codec import decode, encode
from services.runtime.envelope import Incoming
from services.runtime.errors import Fatal, Rejected


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the referral stands; `fresh` is false for a report that was taken in before.

    `happened` is for the ledger, which the caller appends last: whoever holds the ledger's end must not wait for a case.
    """

    referral: Referral
    fresh: bool
    outcome: TakedownOutcome
    applied: Applied | None = None
    happened: tuple[Happened, ...] = ()


class Following:
    """Takes in what platforms, or later checks, say became of requests."""

    def __init__(
        self, database: Database, clock: Clock, platforms: frozenset[str], suspension: SuspensionRules | None = None
    ) -> None:
        self._suspension = suspension or load_suspension()
        self._database = database
        self._clock = clock
        self._platforms = platforms
        metrics.at_zero(metrics.outcomes, metrics.platform_labels(platforms), (*OutcomeAction, *UNSPECIFIED))
        metrics.at_zero(metrics.reinstatements, metrics.platform_labels(platforms))

    def report(self, connector: Connector, outcome: TakedownOutcome) -> Followed:
        """A report over HTTP, by a platform's own connector. Raises Rejected for one that cannot be."""
        if outcome.platform != connector.platform:
            raise Rejected(
                Reason.PLATFORM_NOT_ALLOWED, f"This token reports for {connector.platform} alone.", "/platform"
            )
        followed = self._database.write(lambda books: self._report(books, outcome, connector.connector_id))
        self.count(followed)
        return followed

    def _report(self, books: Books, outcome: TakedownOutcome, actor: str) -> Followed:
        followed = self.take(books, outcome, actor)
        books.ledger.append(followed.happened)
        return followed

    def count(self, followed: Followed) -> None:
        """Count a report, once its transaction is committed."""
        if followed.applied is None:
            return
        outcome, referral = followed.outcome, followed.referral
        platform = metrics.platform_label(referral.platform, self._platforms)
        word = outcome.outcome.value if outcome.outcome else followed.applied.event.value
        metrics.outcomes.labels(platform, word).inc()
        if followed.applied.event is ReferralEvent.REINSTATE:
            metrics.reinstatements.labels(platform).inc()
        if followed.applied.event is ReferralEvent.ACTION:
            acted = (outcome.acted_at or outcome.reported_at) - referral.issued_at
            metrics.time_to_outcome.labels(platform).observe(max(0.0, acted.total_seconds()))

    def take(self, books: Books, outcome: TakedownOutcome, actor: str, parent: Incoming | None = None) -> Followed:
        """One report. Raises Rejected: unknown referral, another platform's, an id used twice, a time or a move that cannot be."""
        referral = books.referrals.locked(outcome.referral_id)
        if referral is None:
            raise Rejected(Reason.UNKNOWN_REFERRAL, pointer="/referral_id")
        about = books.referrals.reported(outcome.platform, outcome.outcome_id)
        if about is not None:
            if about != outcome.referral_id:
                raise Rejected(
                    Reason.SCHEMA_VIOLATION, "outcome_id: a report about another request has it", "/outcome_id"
                )
            known = books.referrals.outcome_of(replace(referral, outcome_id=outcome.outcome_id))
            if known is not None and not repeats(outcome, decode(TakedownOutcome, known)):
                detail = "outcome_id: another report about this request has it; give each report an id of its own."
                raise Rejected(Reason.IMPOSSIBLE_MOVE, detail, "/outcome_id")
            return Followed(referral, False, outcome)
        now = self._clock.now()
        applied = apply(outcome, referral, now)
        if isinstance(applied, Illegal):
            raise Rejected(Reason.IMPOSSIBLE_MOVE, f"{applied}.", "/status")
        if isinstance(applied, Unclear):
            raise Rejected(applied.reason, f"{applied.member}: {applied.rule}.", f"/{applied.member}")
        moved = replace(referral, status=applied.after, changed_at=now, outcome_id=outcome.outcome_id)
        books.referrals.move(moved)
        books.referrals.add_outcome(_row(outcome, applied, now))
        if applied.after is ReferralStatus.EXPIRED:
            _watch(books, moved)
        if applied.after is not ReferralStatus.CORRECTED:
            # Of a chain the last state holds, and that of a corrected request is its correction's.
            books.outbox.append([state_of(moved, parent)])
        if applied.reopens is not None:
            self._reopen(books, moved, applied.reopens, parent)
        happened = Happened(now, LedgerKind.OUTCOME, actor, _body(outcome, moved))
        scopes = books.suspensions.scopes_of(moved.referral_id)
        suspended = judged(books, scopes, applied.verdict, self._suspension, now)
        return Followed(moved, True, outcome, applied, (happened, *suspended))

    def _reopen(self, books: Books, referral: Referral, opening: Opening, parent: Incoming | None) -> None:
        """Bring the case before a person again, unless one has it before them already."""
        case = books.cases.locked(referral.case_id)
        if case is None:
            raise Fatal(f"referral {referral.referral_id} has no case")
        again = brought_again(case, opening, self._clock.now())
        if isinstance(again, Illegal):
            return
        books.cases.put([again])
        shown = decode(ContentRanked, books.sightings.record(again.observation_id))
        books.outbox.append([announcement(again, opening, shown, parent)])


def _watch(books: Books, referral: Referral) -> None:
    """A request that the platform let lapse is looked at once more, at its deadline, which is broken then."""
    found = books.deadlines.locked(referral.referral_id)
    if found is not None and referral.due_at is not None:
        books.deadlines.set(referral.referral_id, found.taken, referral.due_at)


def _row(outcome: TakedownOutcome, applied: Applied, now: datetime) -> OutcomeRow:
    return OutcomeRow(
        platform=outcome.platform,
        outcome_id=outcome.outcome_id,
        referral_id=outcome.referral_id,
        root_referral_id=outcome.root_referral_id,
        event=applied.event,
        status=applied.after,
        outcome=outcome.outcome,
        verdict=applied.verdict,
        late=applied.late,
        still_up=applied.still_up,
        acted_at=outcome.acted_at,
        reported_at=outcome.reported_at,
        recorded_at=now,
        body=encode(outcome),
    )


def _body(outcome: TakedownOutcome, moved: Referral) -> dict[str, object]:
    return {
        "referral_id": moved.referral_id,
        "outcome_id": outcome.outcome_id,
        "platform": outcome.platform,
        "outcome": outcome.outcome.value if outcome.outcome else None,
        "status": moved.status.value,
    }
