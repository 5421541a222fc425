"""Of degraded results the riskiest wait, within bounds, and of each content only what was said of it last."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import NORMALISED
from services.scorer.waiting import Hasty, Left, Said, Waiting
from tests.builders import record


def hasty(key: str, risk: float, size: int = 1) -> Said:
    """A degraded result of that content."""
    return Said(key, Hasty(record(b"x" * size, NORMALISED.name), risk, ranked=True))


def risks(waiting: Waiting) -> list[float]:
    """What waits, in the order in which it is due."""
    return [found.risk for found in iter(waiting.next, None)]


def test_the_highest_risk_is_due_first() -> None:
    waiting = Waiting(most=10, above=0.02)
    assert waiting.take([hasty("a", 0.3), hasty("b", 0.9), hasty("c", 0.6)]) == {}
    assert risks(waiting) == [0.9, 0.6, 0.3]


def test_what_lies_at_the_mark_or_below_it_does_not_wait() -> None:
    waiting = Waiting(most=10, above=0.02)
    assert waiting.take([hasty("a", 0.02), hasty("b", 0.021)]) == {}
    assert risks(waiting) == [0.021]


def test_what_is_scored_in_full_does_not_wait() -> None:
    waiting = Waiting(most=10, above=0.02)
    waiting.take([Said("a")])
    assert len(waiting) == 0


def test_what_does_not_fit_is_dropped_from_the_lowest_risk_on_and_told() -> None:
    waiting = Waiting(most=2, above=0.02)
    assert waiting.take([hasty("a", 0.3), hasty("b", 0.9), hasty("c", 0.6)]) == {Left.NO_ROOM: 1}
    assert waiting.take([hasty("d", 0.2)]) == {Left.NO_ROOM: 1}
    assert risks(waiting) == [0.9, 0.6]


def test_a_few_large_records_take_the_room_of_many() -> None:
    waiting = Waiting(most=10, above=0.02, most_bytes=100)
    assert waiting.take([hasty("a", 0.9, 60), hasty("b", 0.8, 60), hasty("c", 0.7, 40)]) == {Left.NO_ROOM: 1}
    assert risks(waiting) == [0.9, 0.7]


def test_a_newer_result_of_the_same_content_takes_the_place_of_one_that_waits() -> None:
    waiting = Waiting(most=10, above=0.02)
    waiting.take([hasty("a", 0.9)])
    assert waiting.take([hasty("a", 0.4)]) == {Left.OVERTAKEN: 1}
    assert risks(waiting) == [0.4]


def test_where_the_newer_one_is_in_full_nothing_of_the_content_waits() -> None:
    waiting = Waiting(most=10, above=0.02)
    assert waiting.take([hasty("a", 0.9), hasty("b", 0.5), Said("a")]) == {Left.OVERTAKEN: 1}
    assert risks(waiting) == [0.5]


def test_once_cleared_nothing_waits() -> None:
    waiting = Waiting(most=10, above=0.02)
    waiting.take([hasty("a", 0.9), hasty("b", 0.5)])
    assert (waiting.clear(), len(waiting)) == (2, 0)


@given(st.lists(st.lists(st.floats(0, 1), max_size=8), max_size=8), st.integers(0, 6))
def test_however_they_come_the_riskiest_wait_and_each_one_is_accounted_for(
    batches: list[list[float]], most: int
) -> None:
    waiting, told = Waiting(most, above=0.1), 0
    for number, batch in enumerate(batches):
        told += waiting.take([hasty(f"{number}/{at}", risk) for at, risk in enumerate(batch)]).total()
    came = sorted((risk for batch in batches for risk in batch if risk > 0.1), reverse=True)
    assert len(waiting) + told == len(came)
    assert risks(waiting) == came[:most]
