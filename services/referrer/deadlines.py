"""Requests that wait for their platforms come in; reminders, breaches and expiry are marked once each, and said where they belong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.referrer.books import Books, Database
from services.referrer.directory import Directory
from services.referrer.falling_due import WAITING, DeadlineRules, Step, StepKind, falls_due, steps
from services.referrer.leaving import state_of
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.lifecycle import Illegal, ReferralEvent, move_referral
from services.referrer.notices import platform_names
from services.referrer.records import Referral
from services.runtime import metrics
from services.runtime.clock import Clock

ACTOR = "clock"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Marked:
    """What fell due for one request."""

    referral: Referral
    step: Step


class Deadlines:
    """Only the leader runs one. Blocking."""

    def __init__(self, database: Database, directory: Directory, rules: DeadlineRules, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._rules = rules
        self._clock = clock
        metrics.at_zero(metrics.deadline_breaches, metrics.platform_labels(platform_names(directory)))

    def sweep(self) -> list[Marked]:
        """Mark what fell due, each request in a transaction of its own; gives what was marked."""
        marked: list[Marked] = []
        for referral_id in self._database.read(lambda books: books.deadlines.due(self._clock.now(), AT_ONCE)):
            marked += self._one(referral_id)
        for each in marked:
            if each.step.kind is StepKind.BREACH:
                metrics.deadline_breaches.labels(self._label(each.referral.platform)).inc()
        return marked

    def _one(self, referral_id: UUID) -> Sequence[Marked]:
        return self._database.write(lambda books: self._mark(books, referral_id))

    def _mark(self, books: Books, referral_id: UUID) -> Sequence[Marked]:
        found = books.deadlines.locked(referral_id)
        if found is None:
            return ()
        referral, now = found.referral, self._clock.now()
        hours = self._directory.platform(referral.platform).follow_up_hours
        due = falls_due(referral, hours, self._rules, found.taken, now)
        taken = found.taken | {step.kind for step in due}
        if any(step.kind is StepKind.EXPIRY for step in due):
            referral = self._expired(books, referral, now)
        every = steps(referral.issued_at, referral.due_at, hours, self._rules)
        ahead = [step.at for step in every if step.kind not in taken] if referral.status in WAITING else []
        books.deadlines.set(referral_id, taken, min(ahead, default=None))
        books.ledger.append([Happened(now, LedgerKind.DEADLINE, ACTOR, _body(referral, step)) for step in due])
        return [Marked(referral, step) for step in due]

    def _expired(self, books: Books, referral: Referral, now: datetime) -> Referral:
        """The platform let the time pass, and then some: the referral rests, until an answer comes all the same."""
        status = move_referral(referral.status, ReferralEvent.EXPIRE)
        if isinstance(status, Illegal):
            return referral
        moved = replace(referral, status=status, changed_at=now)
        books.referrals.move(moved)
        books.outbox.append([state_of(moved)])
        return moved

    def measure(self) -> None:
        """Say how long it is to the next deadline of each platform; below zero where one has passed."""
        now = self._clock.now()
        remaining = {
            self._label(platform): (due_at - now).total_seconds()
            for platform, due_at in sorted(
                self._database.read(lambda books: books.deadlines.next_due()).items(),
                key=lambda pair: pair[1],
                reverse=True,
            )
        }
        metrics.deadline_remaining.clear()
        for label, seconds in remaining.items():
            metrics.deadline_remaining.labels(label).set(seconds)

    def _label(self, platform: str) -> str:
        return metrics.platform_label(platform, platform_names(self._directory))


def _body(referral: Referral, step: Step) -> dict[str, object]:
    return {
        "referral_id": referral.referral_id,
        "step": step.kind.value,
        "due": step.at,
        "status": referral.status.value,
    }
