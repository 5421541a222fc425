"""Leases: two people never hold the same case, and a lease that ran out holds nobody up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from schemas.review import CaseState, Decision
from services.referrer.adapters.database import SqlDatabase
from services.referrer.declined import Declined, Why
from services.referrer.records import Case
from services.referrer.roles import Role
from tests.desk import SETTINGS, ADesk, asked, declined


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def test_a_held_case_is_nobody_elses(desk: ADesk) -> None:
    held = desk.held(desk.person("r-1"), desk.case())
    refused = declined(desk.desk.lease(desk.person("r-2"), held.case_id))
    assert (refused.why, refused.code) == (Why.CONFLICT, "leased")
    assert "r-1" in refused.detail


def test_of_two_who_take_a_case_at_once_one_gets_it(desk: ADesk) -> None:
    case = desk.case()
    people = [desk.person(f"r-{n}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda person: desk.desk.lease(person, case.case_id), people))
    assert sum(isinstance(each, Case) for each in found) == 1


def test_the_holder_renews_the_lease(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    desk.clock.forward(minutes=5)
    assert desk.held(person, held).lease_until == desk.clock.now() + SETTINGS.lease()


def test_a_lease_that_ran_out_can_be_taken_over(desk: ADesk) -> None:
    held = desk.held(desk.person("r-1"), desk.case())
    desk.clock.forward(minutes=SETTINGS.lease_minutes)
    assert desk.held(desk.person("r-2"), held).lease_holder == "r-2"


def test_the_clock_frees_leases_that_ran_out(desk: ADesk) -> None:
    held = desk.held(desk.person(), desk.case())
    assert desk.desk.sweep() == 0
    desk.clock.forward(minutes=SETTINGS.lease_minutes)
    assert desk.desk.sweep() == 1
    assert desk.now(held.case_id).state is CaseState.OPEN


def test_a_lease_given_back_frees_the_case(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    released = desk.desk.release(person, held.case_id)
    assert isinstance(released, Case)
    assert (released.state, released.lease_holder) == (CaseState.OPEN, None)


def test_only_the_holder_or_a_lead_gives_a_lease_back(desk: ADesk) -> None:
    held = desk.held(desk.person("r-1"), desk.case())
    assert declined(desk.desk.release(desk.person("r-2"), held.case_id)).code == "leased"
    assert isinstance(desk.desk.release(desk.person("l-1", Role.LEAD), held.case_id), Case)


def test_a_case_is_handed_over_to_somebody_who_can_decide(desk: ADesk) -> None:
    giver, taker = desk.person("r-1"), desk.person("r-2")
    desk.person("a-1", Role.AUDITOR)
    held = desk.held(giver, desk.case())
    assert declined(desk.desk.hand_over(giver, held.case_id, "a-1")).code == "no_such_reviewer"
    assert declined(desk.desk.hand_over(giver, held.case_id, "nobody")).code == "no_such_reviewer"
    passed = desk.desk.hand_over(giver, held.case_id, taker.pseudonym)
    assert isinstance(passed, Case)
    assert passed.lease_holder == "r-2"


def test_an_escalated_case_is_taken_up_by_a_lead(desk: ADesk) -> None:
    case = desk.case()
    desk.decide(desk.person("r-1"), case, Decision.ESCALATE)
    assert declined(desk.desk.lease(desk.person("r-2"), case.case_id)).why is Why.NOT_ALLOWED
    assert desk.held(desk.person("l-1", Role.LEAD), case).lease_holder == "l-1"


def lead_lets_lapse(desk: ADesk) -> None:
    desk.clock.forward(minutes=SETTINGS.lease_minutes)
    assert desk.desk.sweep() == 1


def lead_gives_back(desk: ADesk) -> None:
    (held,) = desk.queue(states=(CaseState.LEASED,))
    assert isinstance(desk.desk.release(desk.person("l-1", Role.LEAD), held.case_id), Case)


@pytest.mark.parametrize("ends", [lead_lets_lapse, lead_gives_back])
def test_an_escalated_case_that_a_lead_leaves_undecided_is_escalated_again(
    desk: ADesk, ends: Callable[[ADesk], None]
) -> None:
    """Where it stood open, every reviewer who took the next case got it and could not decide it."""
    case, lead = desk.case(), desk.person("l-1", Role.LEAD)
    desk.decide(desk.person("r-1"), case, Decision.ESCALATE)
    desk.held(lead, case)
    ends(desk)
    assert (desk.now(case.case_id).state, desk.now(case.case_id).lease_holder) == (CaseState.ESCALATED, None)
    assert desk.queue(desk.person("r-2")) == []
    assert [each.case_id for each in desk.queue(lead, states=(CaseState.ESCALATED,))] == [case.case_id]
    assert desk.decide(desk.person("l-2", Role.LEAD), case, Decision.REFUSE).case.state is CaseState.REFUSED


def test_a_reviewer_does_not_take_over_a_leads_lease_on_an_escalated_case(desk: ADesk) -> None:
    case = desk.case()
    desk.decide(desk.person("r-1"), case, Decision.ESCALATE)
    desk.held(desk.person("l-1", Role.LEAD), case)
    desk.clock.forward(minutes=SETTINGS.lease_minutes)
    refused = declined(desk.desk.lease(desk.person("r-2"), case.case_id))
    assert (refused.why, refused.code, refused.allowed) == (Why.CONFLICT, "escalated", ("lead",))


def test_an_escalated_case_that_a_lead_defers_is_still_a_leads(desk: ADesk) -> None:
    case, lead = desk.case(), desk.person("l-1", Role.LEAD)
    desk.decide(desk.person("r-1"), case, Decision.ESCALATE)
    desk.decide(lead, case, Decision.DEFER)
    assert declined(desk.desk.lease(desk.person("r-2"), case.case_id)).code == "escalated"
    assert desk.decide(lead, case, Decision.REFUSE).case.state is CaseState.REFUSED


def test_an_escalated_case_that_a_lead_proposes_waits_for_another_lead(desk: ADesk) -> None:
    case = desk.case()
    desk.decide(desk.person("r-1"), case, Decision.ESCALATE)
    proposed = desk.decide(desk.person("l-1", Role.LEAD), case, notice={"minor_suspected": True})
    assert proposed.case.state is CaseState.OPEN
    assert declined(desk.desk.lease(desk.person("r-2"), case.case_id)).code == "escalated"
    assert desk.decide(desk.person("l-2", Role.LEAD), case).case.state is CaseState.APPROVED


def test_an_escalated_case_is_handed_over_to_a_lead_alone(desk: ADesk) -> None:
    case, lead = desk.case(), desk.person("l-1", Role.LEAD)
    other, reviewer = desk.person("l-2", Role.LEAD), desk.person("r-2")
    desk.decide(desk.person("r-1"), case, Decision.ESCALATE)
    desk.held(lead, case)
    refused = declined(desk.desk.hand_over(lead, case.case_id, reviewer.pseudonym))
    assert (refused.why, refused.pointer, refused.allowed) == (Why.INVALID, "/to", ("lead",))
    passed = desk.desk.hand_over(lead, case.case_id, other.pseudonym)
    assert isinstance(passed, Case)
    assert passed.lease_holder == "l-2"


def test_a_deferred_case_can_be_taken_again(desk: ADesk) -> None:
    case = desk.case()
    desk.decide(desk.person("r-1"), case, Decision.DEFER)
    assert desk.now(case.case_id).state is CaseState.DEFERRED
    assert desk.held(desk.person("r-2"), case).state is CaseState.LEASED


def test_a_decided_case_cannot_be_taken(desk: ADesk) -> None:
    case = desk.case()
    desk.decide(desk.person("r-1"), case, Decision.REFUSE)
    assert declined(desk.desk.lease(desk.person("r-2"), case.case_id)).code == "state"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_who_does_not_decide_takes_no_case(desk: ADesk, role: Role) -> None:
    assert declined(desk.desk.lease(desk.person("x-1", role), desk.case().case_id)).why is Why.NOT_ALLOWED


def test_every_look_and_every_lease_is_recorded(desk: ADesk) -> None:
    person, case = desk.person(), desk.case()
    assert not isinstance(desk.desk.view(person, case.case_id), Declined)
    desk.held(person, case)
    desk.desk.release(person, case.case_id)
    assert desk.ledger() == ["viewed", "leased", "released"]


def test_an_unknown_case_is_not_found(desk: ADesk) -> None:
    person, nothing = desk.person(), uuid4()
    assert declined(desk.desk.view(person, nothing)).why is Why.NOT_FOUND
    assert declined(desk.desk.lease(person, nothing)).why is Why.NOT_FOUND
    decision = asked(desk.case())
    assert declined(desk.deciding.decide(person, nothing, decision)).why is Why.NOT_FOUND
    assert desk.ledger() == []
