"""Requests, answers and decisions of a period come in; counts and times without any content go out, and what the ledger contradicts. Pure.

A period holds the requests that were issued in it, with all that came of them until now. Test content counts nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from schemas.outcome import TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import ReferralStatus, RequestKind
from services.referrer.falling_due import Kept, deadline
from services.referrer.ledger import Entry, LedgerKind
from services.referrer.lifecycle import ReferralEvent
from services.referrer.outcomes import ANSWERS

TOTAL = "total"
FOLLOW_UPS = (RequestKind.WITHDRAWAL, RequestKind.CORRECTION)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as far as a report needs it; `ended_at` is when the desk withdrew or corrected it."""

    referral_id: UUID
    platform: str
    kind: RequestKind
    status: ReferralStatus
    issued_at: datetime
    first_seen_at: datetime
    due_at: datetime | None
    grounds: tuple[str, ...]
    violence_types: tuple[str, ...]
    test: bool
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One report of a platform."""

    platform: str
    outcome_id: str
    referral_id: UUID
    event: ReferralEvent
    word: str | None
    refused_reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One decision of a person."""

    decision_id: UUID
    decision: str
    reason_code: str
    decided_at: datetime
    test: bool


@dataclass(frozen=True, slots=True)
class Period:
    """From when on, until before when, and what lies in it; answers count up to `until`."""

    start: datetime
    end: datetime
    until: datetime
    asked: Sequence[Asked]
    answers: Sequence[Answer]
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Line:
    """One number: of which section, of whom, what; times in seconds."""

    section: str
    name: str
    measure: str
    value: float


def asked_of(
    request: TakedownRequested, platform: str, status: ReferralStatus, ended_at: datetime | None = None
) -> Asked:
    """A request without what it says."""
    legal = (f"{basis.statute} {basis.provision}" for basis in request.legal_basis)
    terms = (f"{basis.provider}: {basis.rule}" for basis in request.tos_basis)
    return Asked(
        referral_id=request.referral_id,
        platform=platform,
        kind=request.kind,
        status=status,
        issued_at=request.issued_at,
        first_seen_at=request.content.first_seen_at,
        due_at=request.due_at,
        grounds=tuple(dict.fromkeys((*legal, *terms))),
        violence_types=tuple(kind.value for kind in request.violence_types),
        test=request.test,
        ended_at=ended_at,
    )


def answer_of(outcome: TakedownOutcome, event: ReferralEvent) -> Answer:
    """A platform's report without its words."""
    return Answer(
        platform=outcome.platform,
        outcome_id=outcome.outcome_id,
        referral_id=outcome.referral_id,
        event=event,
        word=outcome.outcome.value if outcome.outcome else None,
        refused_reason=outcome.refused_reason.value if outcome.refused_reason else None,
        at=outcome.acted_at or outcome.reported_at,
    )


def report(period: Period, now: datetime) -> list[Line]:
    """Every number of a period, in a fixed order."""
    asked = [each for each in period.asked if not each.test]
    by_request: dict[UUID, list[Answer]] = defaultdict(list)
    for answer in period.answers:
        by_request[answer.referral_id].append(answer)
    lines = list(_lines(TOTAL, "all", asked, by_request, now))
    sections: tuple[tuple[str, Callable[[Asked], Iterable[str]]], ...] = (
        ("platform", lambda each: (each.platform,)),
        ("kind", lambda each: (each.kind.value,)),
        ("ground", lambda each: each.grounds),
        ("violence_type", lambda each: each.violence_types),
    )
    for section, names in sections:
        groups: dict[str, list[Asked]] = defaultdict(list)
        for each in asked:
            for name in names(each):
                groups[name].append(each)
        for name in sorted(groups):
            lines += _lines(section, name, groups[name], by_request, now)
    answers = [answer for each in asked for answer in by_request[each.referral_id]]
    lines += _counted("outcome", (f"{a.platform}/{a.word or a.event.value}" for a in answers))
    lines += _counted("refused_reason", (f"{a.platform}/{a.refused_reason}" for a in answers if a.refused_reason))
    decided = (f"{each.decision}/{each.reason_code}" for each in period.said if not each.test)
    return [*lines, *_counted("decision", decided)]


def _lines(
    section: str, name: str, asked: Sequence[Asked], answers: Mapping[UUID, Sequence[Answer]], now: datetime
) -> Iterable[Line]:
    first = [each for each in asked if each.kind not in FOLLOW_UPS]
    yield Line(section, name, "requests", len(first))
    for kind in FOLLOW_UPS:
        yield Line(section, name, f"{kind.value}s", sum(each.kind is kind for each in asked))
    status = Counter(each.status for each in first)
    for state in ReferralStatus:
        yield Line(section, name, state.value, status[state])
    events = [{answer.event for answer in answers.get(each.referral_id, ())} for each in first]
    yield Line(section, name, "ever_reinstated", sum(ReferralEvent.REINSTATE in found for found in events))
    # A correction has a deadline of its own, in place of the one that it ended; a withdrawal has none.
    kept = Counter(
        deadline(each.due_at, _answered(answers.get(each.referral_id, ())), now, each.ended_at) for each in asked
    )
    yield Line(section, name, "deadlines_kept", kept[Kept.KEPT])
    yield Line(section, name, "deadlines_breached", kept[Kept.BREACHED])
    to_request = [(each.issued_at - each.first_seen_at).total_seconds() for each in first]
    yield from _times(section, name, "to_request", to_request)
    to_action = [
        (at - each.issued_at).total_seconds()
        for each in first
        if (at := _first(answers.get(each.referral_id, ()), ReferralEvent.ACTION)) is not None
    ]
    yield from _times(section, name, "to_action", to_action)


def _times(section: str, name: str, what: str, seconds: Sequence[float]) -> Iterable[Line]:
    """Median and ninth decile by nearest rank; nothing where nothing was measured."""
    listed = sorted(max(0.0, each) for each in seconds)
    if listed:
        for share, word in ((50, "median"), (90, "p90")):
            yield Line(section, name, f"seconds_{what}_{word}", listed[-(-share * len(listed) // 100) - 1])


def _first(answers: Iterable[Answer], event: ReferralEvent) -> datetime | None:
    return min((answer.at for answer in answers if answer.event is event), default=None)


def _answered(answers: Iterable[Answer]) -> datetime | None:
    return min((answer.at for answer in answers if answer.event in ANSWERS), default=None)


def _counted(section: str, names: Iterable[str]) -> list[Line]:
    return [Line(section, name, "number", number) for name, number in sorted(Counter(names).items())]


@dataclass
class Recount:
    """The same facts counted from the ledger alone, entry by entry."""

    start: datetime
    end: datetime
    until: datetime

    def __post_init__(self) -> None:
        self.decisions: dict[str, str] = {}
        self.requests: dict[str, str] = {}
        self.outcomes: dict[str, tuple[str, str]] = {}

    def add(self, entry: Entry) -> None:
        """Take one entry in."""
        within = self.start <= entry.at < self.end
        if entry.kind == LedgerKind.OUTCOME.value and entry.at <= self.until:
            body = orjson.loads(entry.body)
            self.outcomes[f"{body['platform']}/{body['outcome_id']}"] = (body["referral_id"], str(body["outcome"]))
        elif within and entry.kind == LedgerKind.DECIDED.value:
            body = orjson.loads(entry.body)
            # What was decided for practice is no decision of the desk.
            if "exercise" not in body:
                self.decisions[body["decision_id"]] = f"{body['decision']}/{body['reason_code']}"
        elif within and entry.kind == LedgerKind.REQUESTED.value:
            body = orjson.loads(entry.body)
            self.requests[body["referral_id"]] = body["kind"]

    def differences(self, period: Period) -> list[str]:
        """Everything in which the ledger and the tables do not agree, by name."""
        requests = {str(each.referral_id): each.kind.value for each in period.asked}
        answers = {f"{a.platform}/{a.outcome_id}": str(a.word) for a in period.answers}
        of_these = {name: word for name, (referral, word) in self.outcomes.items() if referral in requests}
        decisions = {str(each.decision_id): f"{each.decision}/{each.reason_code}" for each in period.said}
        return [
            *_differ("decision", self.decisions, decisions),
            *_differ("request", self.requests, requests),
            *_differ("outcome", of_these, answers),
        ]


def _differ(what: str, in_ledger: Mapping[str, Any], in_tables: Mapping[str, Any]) -> Iterable[str]:
    for name in sorted({*in_ledger, *in_tables}):
        ledger, table = in_ledger.get(name), in_tables.get(name)
        if table is None:
            yield f"{what} {name}: the ledger has it ({ledger}), the tables do not"
        elif ledger is None:
            yield f"{what} {name}: the tables have it ({table}), the ledger does not"
        elif ledger != table:
            yield f"{what} {name}: {ledger} in the ledger, {table} in the tables"
