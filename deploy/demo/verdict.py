"""What a run accepted, decided and requested comes in; what was promised and not kept, and the line of totals, go out. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self
from uuid import UUID

from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import RequestKind
from schemas.review import CaseState, Decision, ReviewDecided
from services.runtime.conservation import Found, StageAudit


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of one run, in the order they are printed."""

    accepted: int
    normalised: int
    scored: int
    ranked: int
    cases: int
    takedowns: int
    outcomes: int
    ignored: int
    dead_lettered: int
    duplicates: int
    gap: int
    seconds: float

    def line(self) -> str:
        """`name=value` for each; the last line of `hub demo --check`."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return " ".join(f"{name}={value:.1f}" if name == "seconds" else f"{name}={value}" for name, value in values)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the verdict needs of one takedown request."""

    decision_id: UUID
    url: str
    kind: RequestKind

    @classmethod
    def of(cls, request: TakedownRequested) -> Self:
        """The same of a whole request."""
        return cls(request.decision_id, request.locator.url, request.kind)


def gate_faults(decided: Iterable[ReviewDecided], requested: Iterable[Sent]) -> list[str]:
    """Where the human gate did not hold: every final approval has one request per address, nothing else has any."""
    wanted = Counter(
        (decision.decision_id, location.url)
        for decision in decided
        if decision.decision is Decision.APPROVE and decision.case_state is CaseState.APPROVED
        for location in decision.locations
    )
    sent = Counter(
        (request.decision_id, request.url)
        for request in requested
        if request.kind not in (RequestKind.WITHDRAWAL, RequestKind.CORRECTION)
    )
    faults = [
        f"decision {decision} approved {url}: {sent[decision, url]} requests left"
        for decision, url in wanted
        if sent[decision, url] != 1
    ]
    return faults + [
        f"a request for {url} left under decision {decision}, which approves no such address"
        for decision, url in sent
        if not wanted[decision, url]
    ]


def audit_faults(stages: Iterable[StageAudit]) -> list[str]:
    """Records without an ending, with two, removed before they were read, or still waiting."""
    faults = []
    for stage in stages:
        faults += [f"{stage.stage}: {source} has no ending" for source in stage.missing]
        faults += [f"{stage.stage}: {source} has two endings" for source in stage.doubled]
        faults += [f"{stage.stage}: {removed} was removed unread" for removed in stage.unread]
        if stage.waiting:
            faults.append(f"{stage.stage}: {stage.waiting} records of {stage.topic} still wait")
    return faults


def duplicates_of(stages: Iterable[StageAudit]) -> int:
    """Repeats that a stage recognised."""
    return sum(stage.endings.get(Found.DUPLICATE, 0) for stage in stages)
