"""The desk's address and tokens come in; scripted reviewers and platforms do what people and connectors do over HTTP, and nothing else."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

import httpx

from schemas.desk import CaseFile, CasePage, CaseReferral, CaseSummary, DecisionAnswer, DecisionAsked
from schemas.outcome import OutcomeAction, OutcomeStatus, RefusedReason, TakedownOutcome
from schemas.review import CaseState, Decision, ReasonCode
from schemas.vocabulary import Band, ViolenceType
from services.runtime.errors import Fatal

PAGE = 100
WAITING = (CaseState.OPEN, CaseState.LEASED)
REASON_FOR = {
    ViolenceType.INCITEMENT: ReasonCode.INCITEMENT_TO_VIOLENCE,
    ViolenceType.RETALIATION_CALL: ReasonCode.INCITEMENT_TO_VIOLENCE,
    ViolenceType.TAUNT: ReasonCode.TAUNT_LIKELY_TO_PROVOKE,
    ViolenceType.GLORIFICATION: ReasonCode.GLORIFIES_VIOLENCE,
    ViolenceType.WEAPONS_DISPLAY: ReasonCode.WEAPONS_CONTENT,
    ViolenceType.WEAPONS_SALE: ReasonCode.WEAPONS_CONTENT,
    ViolenceType.ATTACK_FOOTAGE: ReasonCode.ATTACK_FOOTAGE,
    ViolenceType.RECRUITMENT: ReasonCode.RECRUITMENT_TO_VIOLENCE,
}
SERIOUS = (Band.P1, Band.P2, Band.P3)


class DeskClient:
    """The desk as one token sees it."""

    def __init__(self, address: str, token: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=30.0, headers={"authorization": f"Bearer {token}"})

    def cases(self, states: Sequence[CaseState] = WAITING) -> Iterator[CaseSummary]:
        """Cases in these states, most urgent first."""
        after: dict[str, str] = {}
        while True:
            wanted = {"limit": str(PAGE), "state": [state.value for state in states], **after}
            page = CasePage.model_validate_json(self._asked("GET", "/v1/cases", params=wanted))
            yield from page.cases
            if page.next is None:
                return
            after = {"after": page.next}

    def case(self, case_id: UUID) -> CaseFile:
        """One case."""
        return CaseFile.model_validate_json(self._asked("GET", f"/v1/cases/{case_id}"))

    def lease(self, case_id: UUID) -> None:
        """Take it."""
        self._asked("POST", f"/v1/cases/{case_id}/lease")

    def decide(self, case_id: UUID, asked: DecisionAsked) -> DecisionAnswer:
        """Decide it."""
        body, kind = asked.model_dump_json(exclude_none=True), {"content-type": "application/json"}
        path = f"/v1/cases/{case_id}/decisions"
        return DecisionAnswer.model_validate_json(self._asked("POST", path, content=body, headers=kind))

    def _asked(self, method: str, path: str, **more: Any) -> bytes:
        """What the desk answers. Raises Fatal where it is away or refuses."""
        try:
            answer = self._client.request(method, path, **more)
        except httpx.TransportError as why:
            raise Fatal(f"the desk at {self._client.base_url} does not answer: {why}") from why
        if answer.is_error:
            raise Fatal(f"{method} {path} answered {answer.status_code}: {answer.text[:400]}")
        return answer.content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """What the scripted reviewer does with the case that is number `n` of the queue; None leaves it undecided."""

    choose: Callable[[int, CaseSummary], Decision | None]


def by_band(number: int, case: CaseSummary) -> Decision | None:
    """Approve what is serious, refuse every second case to watch, leave the others undecided."""
    if case.band in SERIOUS:
        return Decision.APPROVE
    return Decision.REFUSE if number % 2 else None


def only_the_top(number: int, case: CaseSummary) -> Decision | None:
    """Approve the first case, whatever its band; refuse the second, leave the others."""
    return {0: Decision.APPROVE, 1: Decision.REFUSE}.get(number)


def review(first: DeskClient, second: DeskClient, plan: Plan) -> list[DecisionAnswer]:
    """Go through the open queue once; where a second, different person has to agree, the second one does."""
    answers: list[DecisionAnswer] = []
    for number, case in enumerate(list(first.cases((CaseState.OPEN,)))):
        decision = plan.choose(number, case)
        if decision is None:
            continue
        answer = _decide(first, case.case_id, decision)
        answers.append(answer)
        if answer.awaits_second_review:
            answers.append(_decide(second, case.case_id, decision))
    return answers


def _decide(desk: DeskClient, case_id: UUID, decision: Decision) -> DecisionAnswer:
    file = desk.case(case_id)
    desk.lease(case_id)
    approve = decision is Decision.APPROVE
    asked = DecisionAsked(
        decision=decision,
        reason_code=reason_for(file) if approve else ReasonCode.NOT_VIOLENT,
        content_version=file.case.content_version,
        note="scripted reviewer",
        good_faith=approve,
    )
    return desk.decide(case_id, asked)


def reason_for(file: CaseFile) -> ReasonCode:
    """The reason code of the likeliest violence type; a threat where the score names none."""
    if file.case.band is Band.P1:
        return ReasonCode.THREAT_TO_LIFE
    types = file.content.scored.types
    likeliest = max(types, key=lambda name: (types[name], name.value), default=None)
    return (
        ReasonCode.THREAT_OF_VIOLENCE if likeliest is None else REASON_FOR.get(likeliest, ReasonCode.THREAT_OF_VIOLENCE)
    )


def outcomes_for(number: int, referral: CaseReferral, now: datetime | None = None) -> list[TakedownOutcome]:
    """What a platform says of the request that is number `n`: received, then removed; every fifth is refused."""
    at = now or datetime.now(UTC)
    same = {
        "referral_id": referral.referral_id,
        "root_referral_id": referral.root_referral_id,
        "platform": referral.platform,
    }
    received = TakedownOutcome(
        outcome_id=f"{referral.referral_id}-received", status=OutcomeStatus.RECEIVED, reported_at=at, **same
    )
    refused = number % 5 == 4
    completed = TakedownOutcome(
        outcome_id=f"{referral.referral_id}-completed",
        status=OutcomeStatus.COMPLETED,
        outcome=OutcomeAction.NO_ACTION if refused else OutcomeAction.REMOVED,
        refused_reason=RefusedReason.NOT_TOS if refused else None,
        acted_at=at,
        reported_at=at,
        **same,
    )
    return [received, completed]
