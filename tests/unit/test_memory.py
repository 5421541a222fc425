"""Recent ids are remembered, old ones forgotten."""

from services.ingest.memory import REMEMBERED, RecentIds


def an_id(number: int) -> str:
    return f"{number:032x}"


def test_a_marked_id_is_known() -> None:
    recent = RecentIds(10)
    recent.mark([an_id(1)])
    assert an_id(1) in recent


def test_an_id_that_was_not_marked_is_not_known() -> None:
    assert an_id(1) not in RecentIds(10)


def test_the_oldest_is_forgotten_first() -> None:
    recent = RecentIds(2)
    recent.mark([an_id(1), an_id(2), an_id(3)])
    assert [an_id(number) in recent for number in (1, 2, 3)] == [False, True, True]


def test_an_id_that_comes_again_is_young_again() -> None:
    recent = RecentIds(2)
    recent.mark([an_id(1), an_id(2), an_id(1), an_id(3)])
    assert [an_id(number) in recent for number in (1, 2, 3)] == [True, False, True]


def test_an_id_is_forgotten_before_what_was_published_of_it_may_be_gone() -> None:
    day, now = REMEMBERED.total_seconds(), [0.0]
    recent = RecentIds(10, lambda: now[0])
    recent.mark([an_id(1)])
    now[0] = day - 1
    assert an_id(1) in recent
    now[0] = day
    assert an_id(1) not in recent
    recent.mark([an_id(1)])
    assert an_id(1) in recent


def test_a_memory_of_nothing_remembers_nothing() -> None:
    recent = RecentIds(0)
    recent.mark([an_id(1)])
    assert (len(recent), an_id(1) in recent) == (0, False)


def test_what_is_no_id_is_not_known() -> None:
    assert None not in RecentIds(1)
