"""A demo run is judged by what left: one request per approved address, none for anything else, no record without its ending."""

from typing import Any
from uuid import UUID, uuid5

import pytest

from deploy.demo.verdict import Sent, Totals, audit_faults, gate_faults
from schemas.referral_vocabulary import RequestKind
from schemas.review import ApprovedLocation, CaseState, Decision, ReasonCode, ReviewDecided
from services.runtime.conservation import Found, Ledgered, audit_stage
from services.runtime.envelope import Source
from tests.builders import NOON, key_of

SPACE = UUID(int=7)
ONE, TWO = "https://x.example/1", "https://x.example/2"


def decided(name: str, *urls: str, **changes: Any) -> ReviewDecided:
    values: dict[str, Any] = {
        "decision_id": uuid5(SPACE, name),
        "case_id": uuid5(SPACE, "case" + name),
        "content_key": key_of(name),
        "content_version": key_of(name, "1"),
        "decision": Decision.APPROVE,
        "reason_code": ReasonCode.THREAT_OF_VIOLENCE,
        "reviewer": "r1",
        "decided_at": NOON,
        "case_state": CaseState.APPROVED,
        "locations": tuple(ApprovedLocation(content_key=key_of(url), url=url) for url in urls),
    }
    return ReviewDecided.model_validate(values | changes)


def request(name: str, url: str, kind: RequestKind = RequestKind.REFERRAL) -> Sent:
    return Sent(uuid5(SPACE, name), url, kind)


def test_one_request_per_approved_address_is_right() -> None:
    assert gate_faults([decided("a", ONE, TWO)], [request("a", ONE), request("a", TWO)]) == []


def test_a_missing_request_is_a_fault() -> None:
    assert gate_faults([decided("a", ONE, TWO)], [request("a", ONE)]) == [
        f"decision {uuid5(SPACE, 'a')} approved {TWO}: 0 requests left"
    ]


def test_a_second_request_for_the_same_address_is_a_fault() -> None:
    assert len(gate_faults([decided("a", ONE)], [request("a", ONE), request("a", ONE)])) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": Decision.REFUSE, "case_state": CaseState.REFUSED},
        {"case_state": CaseState.OPEN, "awaits_second_review": True},
    ],
    ids=["refused", "undecided"],
)
def test_a_request_without_a_final_approval_is_a_fault(changes: dict[str, Any]) -> None:
    assert len(gate_faults([decided("a", ONE, **changes)], [request("a", ONE)])) == 1


def test_a_withdrawal_is_no_second_request() -> None:
    sent = [request("a", ONE), request("a", ONE, RequestKind.WITHDRAWAL)]
    assert gate_faults([decided("a", ONE)], sent) == []


def test_a_record_without_an_ending_and_one_that_waits_are_faults() -> None:
    found = Ledgered()
    found.add(Source("t", 0, 0), Found.PUBLISHED)
    stage = audit_stage("ingest", "t", [Source("t", 0, n) for n in range(3)], {("t", 0): 2}, found)
    assert audit_faults([stage]) == ["ingest: t/0/1 has no ending", "ingest: 1 records of t still wait"]


def test_the_last_line_names_every_total_in_order() -> None:
    line = Totals(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 12.345).line()
    assert line == (
        "accepted=1 normalised=2 scored=3 ranked=4 cases=5 takedowns=6 outcomes=7 ignored=8 dead_lettered=9 "
        "duplicates=10 gap=0 seconds=12.3"
    )
