"""An escalated case keeps no reviewer from the next one, however it comes to stand among the open ones."""

from schemas.review import CaseState, Decision
from schemas.vocabulary import Band
from services.referrer.records import Case
from services.referrer.roles import Role
from tests.builders import normalised, ranked
from tests.consoles import AConsole
from tests.desk import SETTINGS, ADesk

pytest_plugins = ["tests.database.console_fixture"]


def urgent(desk: ADesk) -> Case:
    """An escalated case that goes before everything else."""
    case = desk.case(ranked(normalised("gonna get you"), risk=0.9, band=Band.P1))
    desk.decide(desk.person("r-1"), case, Decision.ESCALATE)
    return case


def another(desk: ADesk) -> Case:
    return desk.case(ranked(normalised("blades for sale behind the fish market", content_id="p-7"), risk=0.4))


async def test_the_next_case_is_another_where_a_leads_lease_on_an_escalated_one_ran_out(console: AConsole) -> None:
    desk = console.desk
    first, second = urgent(desk), another(desk)
    desk.held(desk.person("l-1", Role.LEAD), first)
    desk.clock.forward(minutes=SETTINGS.lease_minutes)
    desk.desk.sweep()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    assert (await ada.post("/queue/next")).headers["location"] == f"/cases/{second.case_id}"


async def test_the_next_case_is_another_where_an_escalated_one_waits_for_a_second_lead(console: AConsole) -> None:
    """It stands open: another lead takes it as the next one, and reviewers pass it by."""
    desk = console.desk
    first, second = urgent(desk), another(desk)
    proposed = desk.decide(desk.person("l-1", Role.LEAD), first, notice={"minor_suspected": True})
    assert proposed.case.state is CaseState.OPEN
    ada, lead = await console.signed_in(Role.REVIEWER, "ada"), await console.signed_in(Role.LEAD, "l-2")
    assert (await ada.post("/queue/next")).headers["location"] == f"/cases/{second.case_id}"
    assert (await lead.post("/queue/next")).headers["location"] == f"/cases/{first.case_id}"
