"""The queue: by band, then risk, then age; pages follow one another without a gap or a repeat."""

import random
from datetime import timedelta

import pytest

from schemas.review import CaseState, Decision
from schemas.vocabulary import Band
from services.referrer.adapters.database import SqlDatabase
from services.referrer.declined import Declined
from services.referrer.pages import cursor, place_of
from services.referrer.records import Case, QueueFilter, QueueKey
from services.referrer.roles import Role
from tests.builders import NOON, normalised, ranked
from tests.desk import ADesk, declined


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    """Sixty cases of two platforms, with ties in band, risk and age, put in at random."""
    made = ADesk(database)
    contents = [
        ranked(
            normalised(
                content_id=f"p-{n}", platform=("bluesky", "reddit")[n % 2], observed_at=NOON + timedelta(minutes=n % 4)
            ),
            risk=(0.5, 0.6, 0.7)[n % 3],
            band=(Band.P1, Band.P2, Band.P3, Band.P4)[n % 5 % 4],
        )
        for n in range(60)
    ]
    random.Random(7).shuffle(contents)
    made.take(*contents)
    return made


def order(case: Case) -> tuple[str, float, object, object]:
    return case.band.value, -case.risk, case.waiting_since, case.case_id


def pages(desk: ADesk, size: int, wanted: QueueFilter = QueueFilter()) -> list[Case]:  # noqa: B008  it is frozen
    person, after, found = desk.person(), None, list[Case]()
    while True:
        page = desk.desk.queue(person, wanted, after, size)
        assert not isinstance(page, Declined)
        found += page
        if len(page) < size:
            return found
        after = place_of(cursor(page[-1]))
        assert isinstance(after, QueueKey)


def waiting(desk: ADesk) -> dict[Band, int]:
    return {each.band: each.cases for each in desk.database.read(lambda books: books.cases.waiting())}


def test_the_queue_is_ordered_by_band_risk_and_age(desk: ADesk) -> None:
    found = desk.queue()
    assert len(found) == 60
    assert found == sorted(found, key=order)


@pytest.mark.parametrize("size", [1, 7, 60])
def test_pages_follow_one_another_without_gap_or_repeat(desk: ADesk, size: int) -> None:
    assert pages(desk, size) == desk.queue()


def test_filters_narrow_the_queue(desk: ADesk) -> None:
    wanted = QueueFilter(bands=(Band.P1, Band.P3), platform="reddit")
    expected = [c for c in desk.queue() if c.band in wanted.bands and c.platform == "reddit"]
    assert pages(desk, 5, wanted) == expected


def test_leased_cases_stay_in_the_queue_and_decided_ones_leave_it(desk: ADesk) -> None:
    first, second, *_ = desk.queue()
    desk.held(desk.person("r-2"), first)
    desk.decide(desk.person("r-3"), second, Decision.REFUSE)
    found = {case.case_id: case.state for case in desk.queue()}
    assert found[first.case_id] is CaseState.LEASED
    assert second.case_id not in found
    assert [case.case_id for case in desk.queue(states=(CaseState.REFUSED,))] == [second.case_id]


def test_waiting_is_counted_per_band(desk: ADesk) -> None:
    assert waiting(desk) == {
        band: sum(case.band is band for case in desk.queue()) for band in (Band.P1, Band.P2, Band.P3, Band.P4)
    }


def test_an_escalated_case_still_waits_for_a_person_and_a_deferred_one_does_not(desk: ADesk) -> None:
    first, second, third, *_ = desk.queue(bands=(Band.P1,))
    before = waiting(desk)
    desk.decide(desk.person("r-2"), first, Decision.ESCALATE)
    desk.held(desk.person("r-4"), third)
    assert waiting(desk) == before
    desk.decide(desk.person("r-3"), second, Decision.DEFER)
    assert waiting(desk) == before | {Band.P1: before[Band.P1] - 1}


def test_how_long_an_escalated_case_waits_counts_from_when_it_was_opened(desk: ADesk) -> None:
    for case in desk.queue(bands=(Band.P1,)):
        desk.decide(desk.person("r-2"), case, Decision.ESCALATE)
    opened = min(case.opened_at for case in desk.queue(bands=(Band.P1,), states=(CaseState.ESCALATED,)))
    oldest = {each.band: each.oldest for each in desk.database.read(lambda books: books.cases.waiting())}
    assert oldest[Band.P1] == opened


def test_an_admin_does_not_see_the_queue(desk: ADesk) -> None:
    found = desk.desk.queue(desk.person("a-1", Role.ADMIN), QueueFilter(), None, 10)
    assert declined(found).allowed == ("reviewer", "lead", "auditor")
