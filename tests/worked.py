"""A desk in the middle of a shift: the invented evening, three people at work, decisions, requests and what platforms said of them."""

from datetime import datetime, timedelta

from schemas.outcome import OutcomeAction, OutcomeStatus, RefusedReason
from schemas.review import CaseState, Decision, ReasonCode
from services.referrer.books import Database
from services.referrer.records import Case, Person, Referral
from services.referrer.roles import Role
from tests.consoles import AConsole
from tests.desk import ADesk, an_outcome
from tests.evening import ranked_evening
from tests.fakes import StillClock

PEOPLE = {"ada": Role.REVIEWER, "ben": Role.LEAD, "cleo": Role.REVIEWER, "dara": Role.AUDITOR, "eve": Role.ADMIN}


def a_shift(database: Database, now: datetime, clock: StillClock | None = None) -> AConsole:
    """The console of a desk that has worked for a while; its clock stands at `now`."""
    clock = clock or StillClock(now)
    clock.at = now - timedelta(hours=1)
    desk = ADesk(database, clock)
    console = AConsole(desk, clock=clock)
    for name, role in PEOPLE.items():
        console.hire(name, role)
    desk.take(*ranked_evening(clock.at))
    people = {each.pseudonym: each for each in database.read(lambda books: books.people.everybody())}
    _work(desk, people)
    clock.at = now
    return console


def _work(desk: ADesk, people: dict[str, Person]) -> None:
    ada, ben, cleo = people["ada"], people["ben"], people["cleo"]
    queue = desk.queue(ada)
    asked = [_seen(desk, cleo, case, Decision.APPROVE) for case in queue[1:4]]
    for case in queue[8:12]:
        _seen(desk, ada, case, Decision.REFUSE, reason_code=ReasonCode.FIGURE_OF_SPEECH)
    _seen(desk, ada, queue[5], Decision.ESCALATE)
    _seen(desk, cleo, queue[6], Decision.DEFER)
    _seen(desk, cleo, queue[7], Decision.APPROVE, notice={"minor_suspected": True})
    desk.desk.view(ben, queue[7].case_id)
    desk.held(cleo, queue[4])
    _answers(desk, [referral for referrals in asked for referral in referrals])


def _seen(desk: ADesk, person: Person, case: Case, decision: Decision, **changes: object) -> tuple[Referral, ...]:
    desk.clock.forward(minutes=3)
    desk.desk.view(person, case.case_id)
    if case.state is not CaseState.OPEN:
        return ()
    return desk.decide(person, case, decision, **changes).referrals


def _answers(desk: ADesk, referrals: list[Referral]) -> None:
    """One platform removes, one looks and does nothing; the others are still at it."""
    for number, referral in enumerate(referrals):
        desk.clock.forward(minutes=7)
        changes = {"outcome_id": f"o-{number}", "reported_at": desk.clock.now(), "acted_at": desk.clock.now()}
        if number == 1:
            changes |= {"outcome": OutcomeAction.NO_ACTION, "refused_reason": RefusedReason.INSUFFICIENT_EVIDENCE}
            changes.pop("acted_at")
        if number == 2:
            changes |= {"status": OutcomeStatus.PROCESSING, "outcome": None}
            changes.pop("acted_at")
        desk.outcome(an_outcome(referral, **changes))
