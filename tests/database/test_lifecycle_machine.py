"""Hundreds of days at a desk that nobody thought of: whatever happens in whatever order, the pure machines say how everything stands."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import structlog
from hypothesis import HealthCheck, settings, target
from hypothesis import event as happens
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from schemas.desk import CorrectionAsked, WithdrawalAsked
from schemas.outcome import Appeal, OutcomeAction, OutcomeStatus, RefusedReason
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import ReferralStatus, RequestKind
from schemas.review import CaseState, Decision, ReasonCode
from schemas.scoring import ContentRanked
from schemas.topics import TAKEDOWN_REQUESTED
from schemas.vocabulary import Band, Change, Exemption
from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.database import SqlDatabase
from services.referrer.amending import Amended
from services.referrer.books import Books
from services.referrer.deciding import Deciding, Made
from services.referrer.declined import Declined
from services.referrer.desk import Desk
from services.referrer.directory import load_directory
from services.referrer.ledger import first_break
from services.referrer.lifecycle import CaseEvent, Illegal, ReferralEvent, move_case, move_referral
from services.referrer.outbox import OutboxPublisher
from services.referrer.practice import Practice
from services.referrer.records import Case, Person, QueueFilter, Referral
from services.referrer.review_rules import second_review_causes
from services.referrer.roles import Action, Role, may
from services.referrer.settling import Forbidden, Opinion, escalated, settle
from services.runtime.codec import decode
from services.runtime.envelope import Outgoing
from services.runtime.errors import Fatal, Retryable
from tests.builders import NOON, normalised, ranked, scored
from tests.desk import SETTINGS, ADesk, an_outcome, asked
from tests.fakes import StillClock
from tests.practice import a_golden

RULES = replace(SETTINGS.rules(), golden_rate=0.5, blind_rate=0.5)
# No two share words, so that none is taken for a copy of another; the last reads as lyrics and needs two people.
TEXTS = {
    "bridge": "gonna get you under the old bridge",
    "market": "blades for sale behind the fish market",
    "school": "everybody meet by the gates at noon",
    "song": "verse two of that tune everyone sings along",
}
LYRICS = "song"
contents = st.sampled_from(sorted(TEXTS))
people = st.sampled_from(["r-1", "r-2", "lead"])
WAITS = {CaseState.OPEN, CaseState.LEASED, CaseState.ESCALATED, CaseState.DEFERRED}
REPORTS: dict[str, tuple[ReferralEvent, dict[str, Any]]] = {
    "received": (ReferralEvent.RECEIVE, {"status": OutcomeStatus.RECEIVED, "outcome": None}),
    "removed": (ReferralEvent.ACTION, {}),
    "labelled": (ReferralEvent.ACTION, {"outcome": OutcomeAction.LABELLED}),
    "refused": (ReferralEvent.REFUSE, {"outcome": None, "refused_reason": RefusedReason.NOT_TOS}),
    "reinstated": (ReferralEvent.REINSTATE, {"reinstated": True}),
    "appealed": (ReferralEvent.ACTION, {"appeal": Appeal.FILED}),
}
# What the platform has said of the first request before anything else happens.
ANSWERED: dict[str, tuple[str, ...]] = {
    "not yet": (), "removed": ("removed",), "put back": ("removed", "reinstated"), "objected to": ("removed", "appealed"),
}  # fmt: skip


@dataclass
class Asked:
    """One request as the pure machine has it."""

    referral: Referral
    status: ReferralStatus = ReferralStatus.ISSUED
    removed_at: datetime | None = None


@dataclass
class Model:
    """One content and its case, by the pure machines alone."""

    name: str
    version: int
    said_at: datetime
    state: CaseState = CaseState.OPEN
    live: bool = True
    holder: str | None = None
    until: datetime | None = None
    decided_at: datetime | None = None
    opinions: list[tuple[int, Opinion]] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)

    def happens(self, event: CaseEvent) -> None:
        after = move_case(self.state, event)
        assert not isinstance(after, Illegal), after
        self.state = after
        if event is not CaseEvent.LEASE:
            self.holder = self.until = None
        if event is CaseEvent.REOPEN:
            self.opinions, self.decided_at = [], None

    def said(self) -> list[Opinion]:
        """What counts: an approval only of what stands there now."""
        return [o for v, o in self.opinions if o.decision is not Decision.APPROVE or v == self.version]

    def content(self, change: Change, at: datetime) -> ContentRanked:
        text = f"{TEXTS[self.name]} {'again ' * self.version}"
        gone = change is Change.DELETED
        made = normalised(text, content_id=self.name, change=change, observed_at=at, event_time=self.said_at)
        exemptions = {Exemption.ART_OR_LYRICS: 0.9 if self.name == LYRICS else 0.0}
        return ranked(
            made, scored=scored(made, 0.0 if gone else 0.7, Band.NONE if gone else Band.P3, exemptions=exemptions)
        )


class Broker:
    """Takes records; says at times that it does not know whether it did."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []
        self.unsure = False

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        self.records += records
        if self.unsure:
            raise Retryable("nobody knows")


class ALife(RuleBasedStateMachine):
    """The desk beside the model."""

    fresh: Callable[[], SqlDatabase]

    def __init__(self) -> None:
        super().__init__()
        self.database = type(self).fresh()
        self.clock = StillClock(NOON)
        self.desk = ADesk(self.database, self.clock)
        practice = Practice(self.database, RULES, self.clock)
        self.desk.desk = Desk(self.database, self.clock, SETTINGS.lease(), practice)
        self.desk.deciding = Deciding(
            self.database, load_directory(), SETTINGS.identity(), RULES, self.clock, practice=practice
        )
        practice.add([a_golden(f"golden-{number}") for number in range(3)], "operator")
        self.people = {
            "r-1": self.desk.person("r-1"), "r-2": self.desk.person("r-2"), "lead": self.desk.person("lead", Role.LEAD),
        }  # fmt: skip
        self.models: dict[str, Model] = {}
        self.broker = Broker()
        self.reports = count()
        self.reached: set[ReferralStatus] = set()
        # Every address that a final approval asked about, and the records that followed one.
        self.approved: set[tuple[UUID, str]] = set()
        self.followed: dict[RequestKind, int] = {RequestKind.WITHDRAWAL: 0, RequestKind.CORRECTION: 0}

    def teardown(self) -> None:
        # Hypothesis looks on where a day has brought requests to more of their ends.
        target(float(len(self.reached)), label="statuses that requests reached")
        self.publish(unsure=False)
        assert self.database.read(lambda books: books.outbox.waiting(10)) == []
        self.database.close()

    def tick(self) -> datetime:
        self.clock.forward(seconds=1)
        return self.clock.now()

    def case(self, name: str) -> Case:
        key = self.models[name].content(Change.CREATED, NOON).content.content_key
        return self.database.read(lambda books: books.cases.by_content([key]))[key]

    @initialize(answered=st.sampled_from(sorted(ANSWERED)))
    def begins(self, answered: str) -> None:
        """A desk without anything to do proves little, and one whose first request still waits not much more."""
        self.observe("bridge")
        self.settled("bridge", "r-1")
        for says in ANSWERED[answered]:
            self.report(*self.sent()[0], says)

    @rule(name=contents)
    def observe(self, name: str) -> None:
        """Seen for the first time, or once more."""
        now = self.tick()
        if name not in self.models:
            self.models[name] = Model(name, 0, now)
            self.desk.take(self.models[name].content(Change.CREATED, now))
            return
        model = self.models[name]
        came_back = not model.live or any(a.removed_at is not None for a in self.newest(model))
        self.desk.take(model.content(Change.RECOUNTED, now))
        model.live = True
        if model.state is CaseState.MOOT or (model.state is CaseState.APPROVED and came_back):
            model.happens(CaseEvent.REOPEN)

    def newest(self, model: Model) -> list[Asked]:
        """The newest request about a content, where the platform has acted on it."""
        return [a for a in model.requests[-1:] if a.status is ReferralStatus.ACTIONED]

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        """Other words, live."""
        model, now = self.one_of(data), self.tick()
        model.version, model.said_at, model.live = model.version + 1, now, True
        self.desk.take(model.content(Change.EDITED, now))
        if model.state not in WAITS:
            model.happens(CaseEvent.REOPEN)

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Gone, as somebody saw."""
        model, now = self.one_of(data), self.tick()
        self.desk.take(model.content(Change.DELETED, now))
        model.live = False
        if model.state in WAITS:
            model.happens(CaseEvent.VANISH)

    def one_of(self, data: st.DataObject) -> Model:
        return self.models[data.draw(st.sampled_from(sorted(self.models)))]

    @precondition(lambda self: self.models)
    @rule(data=st.data(), who=people)
    def lease(self, data: st.DataObject, who: str) -> None:
        """Take a case, if it may be had."""
        model, now, person = self.one_of(data), self.tick(), self.people[who]
        found = self.desk.desk.lease(person, self.case(model.name).case_id)
        state = model.state
        if state is CaseState.LEASED and (model.holder == who or (model.until or now) <= now):
            state = CaseState.OPEN
        if state is CaseState.DEFERRED or (state is CaseState.ESCALATED and may(person.role, Action.TAKE_UP_ESCALATED)):
            state = CaseState.OPEN
        if isinstance(move_case(state, CaseEvent.LEASE), Illegal) or self.for_a_lead(model, who):
            assert isinstance(found, Declined)
            return
        assert isinstance(found, Case)
        model.state, model.holder, model.until = CaseState.LEASED, who, now + SETTINGS.lease()

    @precondition(lambda self: any(m.state is CaseState.LEASED for m in self.models.values()))
    @rule(data=st.data(), decision=st.sampled_from(Decision), by_holder=st.integers(0, 9), minor=st.integers(0, 9))
    def decide(self, data: st.DataObject, decision: Decision, by_holder: int, minor: int) -> None:
        """The holder decides, at times somebody else tries."""
        held = sorted(m.name for m in self.models.values() if m.state is CaseState.LEASED)
        model = self.models[data.draw(st.sampled_from(held))]
        now, case, who = self.tick(), self.case(model.name), model.holder if by_holder else "r-2"
        person = self.people[str(who)]
        notice = {"minor_suspected": minor == 0}
        found = self.desk.deciding.decide(person, case.case_id, asked(case, decision, notice=notice))
        if who != model.holder or (model.until or now) <= now:
            assert isinstance(found, Declined)
            return
        self.decided(model, person, decision, minor == 0, found)

    @precondition(lambda self: any(m.state is CaseState.OPEN for m in self.models.values()))
    @rule(data=st.data(), who=people)
    def approve(self, data: st.DataObject, who: str) -> None:
        """Take a case and approve it, without anything in between: what most days are made of."""
        waiting = sorted(m.name for m in self.models.values() if m.state is CaseState.OPEN)
        name = data.draw(st.sampled_from(waiting))
        self.settled(name, "lead" if self.for_a_lead(self.models[name], who) else who)

    def for_a_lead(self, model: Model, who: str) -> bool:
        """Whether a case waits for somebody else than this person: a lead."""
        return escalated(model.said()) and self.people[who].role is not Role.LEAD

    def settled(self, name: str, who: str) -> None:
        model, person = self.models[name], self.people[who]
        now, case = self.tick(), self.case(model.name)
        assert isinstance(self.desk.desk.lease(person, case.case_id), Case)
        model.state, model.holder, model.until = CaseState.LEASED, who, now + SETTINGS.lease()
        found = self.desk.deciding.decide(person, case.case_id, asked(case))
        self.decided(model, person, Decision.APPROVE, False, found)

    def decided(self, model: Model, person: Person, decision: Decision, minor: bool, found: Made | Declined) -> None:
        content = model.content(Change.CREATED, NOON)
        causes = second_review_causes(content.scored.exemptions, minor, RULES)
        code = asked(self.case(model.name), decision).reason_code
        given = found.decision.decision_id if isinstance(found, Made) else UUID(int=0)
        said = Opinion(given, person.pseudonym, person.role, decision, code, self.clock.now())
        settled = settle(model.said(), said, causes)
        if isinstance(settled, Forbidden):
            assert isinstance(found, Declined)
            return
        assert isinstance(found, Made), found
        model.opinions.append((model.version, said))
        model.happens(settled.event)
        if settled.event is CaseEvent.APPROVE:
            assert len(found.referrals) == 1
            self.approved |= {(given, referral.url) for referral in found.referrals}
            model.requests += [Asked(referral) for referral in found.referrals]
        else:
            assert found.referrals == ()
        if settled.event in (CaseEvent.APPROVE, CaseEvent.REFUSE):
            model.decided_at = self.clock.now()

    @rule(who=people, decision=st.sampled_from(Decision))
    def practise(self, who: str, decision: Decision) -> None:
        """Decide a case that is there to be learned from, where one waits for this person."""
        person = self.people[who]
        real = {self.case(name).case_id for name in self.models}
        queue = self.desk.desk.queue(person, QueueFilter((CaseState.OPEN,)), None, 50)
        assert not isinstance(queue, Declined)
        waiting = [case for case in queue if case.case_id not in real]
        if not waiting:
            return
        self.tick()
        leased = self.desk.desk.lease(person, waiting[0].case_id)
        assert isinstance(leased, Case)
        self.desk.deciding.decide(person, leased.case_id, asked(leased, decision))

    def sent(self) -> list[tuple[Model, Asked]]:
        return [(model, each) for model in self.models.values() for each in model.requests]

    @precondition(lambda self: self.sent())
    @rule(data=st.data(), says=st.sampled_from(sorted(REPORTS)))
    def outcome(self, data: st.DataObject, says: str) -> None:
        """A platform reports, possibly what cannot be."""
        sent = self.sent()
        self.report(*sent[data.draw(st.integers(0, len(sent) - 1))], says)

    def standing(self, *statuses: ReferralStatus) -> list[tuple[Model, Asked]]:
        return [(model, each) for model, each in self.sent() if each.status in statuses]

    @precondition(lambda self: self.standing(ReferralStatus.ISSUED, ReferralStatus.RECEIVED))
    @rule(data=st.data())
    def removes(self, data: st.DataObject) -> None:
        """A platform does as it was asked: what most days bring, and what all that follows needs."""
        waiting = self.standing(ReferralStatus.ISSUED, ReferralStatus.RECEIVED)
        self.report(*waiting[data.draw(st.integers(0, len(waiting) - 1))], "removed")

    @precondition(lambda self: self.standing(ReferralStatus.ACTIONED))
    @rule(data=st.data(), says=st.sampled_from(["reinstated", "appealed"]))
    def thinks_again(self, data: st.DataObject, says: str) -> None:
        """A platform puts back what it removed, or somebody objects."""
        done = self.standing(ReferralStatus.ACTIONED)
        self.report(*done[data.draw(st.integers(0, len(done) - 1))], says)

    def report(self, model: Model, one: Asked, says: str) -> None:
        now, (event, changes) = self.tick(), REPORTS[says]
        changes = dict(changes)
        if changes.pop("reinstated", False):
            changes["reinstated_at"] = now
        report = an_outcome(one.referral, outcome_id=f"o-{next(self.reports)}", reported_at=now, **changes)
        (ending,) = self.desk.outcome(report)
        before, after = one.status, move_referral(one.status, event)
        # Nobody confirms a withdrawal here, and nothing else can be reported of one.
        if isinstance(after, Illegal) or one.referral.kind is RequestKind.WITHDRAWAL:
            assert ending.followed is None
            return
        one.status = after
        self.reached.add(after)
        happens(f"a request became {after.value}")
        if says in ("removed", "appealed"):
            one.removed_at = now
        reopens = says in ("appealed", "reinstated") and before is not ReferralStatus.WITHDRAWN
        if reopens and model.state not in WAITS:
            model.happens(CaseEvent.REOPEN)

    @precondition(lambda self: self.sent())
    @rule(data=st.data(), corrects=st.booleans(), who=people)
    def amend(self, data: st.DataObject, corrects: bool, who: str) -> None:
        """A lead withdraws or corrects, where the request still allows it."""
        sent = self.sent()
        model, one = sent[data.draw(st.integers(0, len(sent) - 1))]
        self.tick()
        person, referral_id = self.people[who], one.referral.referral_id
        found: Amended | Declined
        if corrects:
            words = CorrectionAsked(reason_code=ReasonCode.THREAT_OF_VIOLENCE, good_faith=True)
            found, event = self.desk.amending.correct(person, referral_id, words), ReferralEvent.CORRECT
        else:
            back = WithdrawalAsked(reason_code=ReasonCode.ISSUED_IN_ERROR)
            found, event = self.desk.amending.withdraw(person, referral_id, back), ReferralEvent.WITHDRAW
        after = move_referral(one.status, event)
        # The newest words of a case that one lead alone decided may need a second person.
        alone = corrects and isinstance(found, Declined) and "Two people" in found.detail
        if person.role is not Role.LEAD or isinstance(after, Illegal) or alone:
            assert isinstance(found, Declined)
            return
        assert isinstance(found, Amended), found
        one.status = after
        self.followed[found.record.kind] += 1
        model.requests.append(Asked(found.record, found.record.status))

    @rule()
    def expire_leases(self) -> None:
        """Half an hour passes, and the desk's clock strikes."""
        self.clock.forward(minutes=30)
        self.desk.desk.sweep()
        for model in self.models.values():
            if model.state is CaseState.LEASED and (model.until or NOON) <= self.clock.now():
                model.happens(CaseEvent.ESCALATE if escalated(model.said()) else CaseEvent.RELEASE)

    @rule(unsure=st.booleans())
    def publish(self, unsure: bool) -> None:
        """The outbox is published; the broker may not know whether it has it."""
        self.broker.unsure = unsure
        publisher = OutboxPublisher(
            self.database, self.broker, self.clock, structlog.get_logger(), batch=1_000, pause=1.0, attempts=1
        )
        try:
            asyncio.run(publisher.publish())
        except Fatal:
            assert unsure

    @invariant()
    def every_case_stands_as_the_machine_says(self) -> None:
        for name, model in self.models.items():
            case = self.case(name)
            assert (case.state, case.lease_holder) == (model.state, model.holder), name

    @invariant()
    def every_request_stands_as_the_machine_says(self) -> None:
        for model in self.models.values():
            if model.requests:
                stored = self.database.read(
                    lambda books, of=model.requests[0].referral.case_id: books.referrals.of_case(of)  # type: ignore[misc]
                )
                assert {r.referral_id: r.status for r in stored} == {
                    a.referral.referral_id: a.status for a in model.requests
                }

    @invariant()
    def one_request_left_for_every_approved_decision_and_address_and_none_for_anything_else(self) -> None:
        waiting = [record for _, record in self.database.read(lambda books: books.outbox.waiting(1_000))]
        left = {record.value for record in (*self.broker.records, *waiting) if record.topic == TAKEDOWN_REQUESTED.name}
        requests = [decode(TakedownRequested, value) for value in left]
        first = [r for r in requests if r.kind not in self.followed]
        assert len({r.referral_id for r in requests}) == len(requests)
        assert len(first) == len(self.approved)
        assert {(r.decision_id, r.locator.url) for r in first} == self.approved
        for kind, number in self.followed.items():
            assert sum(r.kind is kind for r in requests) == number

    @invariant()
    def the_ledger_holds(self) -> None:
        def entries(books: Books) -> object:
            return first_break(books.ledger.entries(0, 10_000))

        assert self.database.read(entries) is None


# A run takes seconds; where it finds a fault, Hypothesis makes the example small for up to five minutes before it says which.
SHRUNK = 600


def runs(fresh: Callable[[], SqlDatabase]) -> None:
    class Life(ALife):
        """On one kind of database."""

    Life.fresh = staticmethod(fresh)
    bounds = settings(
        max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Life, settings=bounds)


@pytest.mark.timeout(SHRUNK)
def test_any_order_of_events_on_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    numbers = count()

    def fresh() -> SqlDatabase:
        path = tmp_path / f"life-{next(numbers)}.db"
        shutil.copy(sqlite_template, path)
        return SqlDatabase(f"sqlite:///{path}")

    runs(fresh)


@pytest.mark.timeout(SHRUNK)
def test_any_order_of_events_on_postgres(postgres_url: str, postgres_migrated: sa.Engine) -> None:
    tables = ", ".join(table.name for table in metadata.sorted_tables)

    def fresh() -> SqlDatabase:
        with postgres_migrated.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        return SqlDatabase(postgres_url)

    runs(fresh)
