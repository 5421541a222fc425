"""A step back is a repeat, a gap ahead is a record that nobody would read."""

import pytest

from services.runtime.envelope import Source
from services.runtime.errors import Fatal
from services.scorer.guard import GapGuard


def sees(guard: GapGuard, *offsets: int, partition: int = 0) -> bool:
    """Whether no record stops the process."""
    try:
        for offset in offsets:
            guard.seen(Source("t", partition, offset))
    except Fatal:
        return False
    return True


def test_the_first_record_may_lie_anywhere() -> None:
    assert sees(GapGuard(), 4_711)


def test_records_in_order_pass() -> None:
    assert sees(GapGuard(), 5, 6, 7)


def test_a_step_back_is_a_repeat() -> None:
    assert sees(GapGuard(), 5, 6, 7, 5, 6, 7, 8)


def test_a_gap_ahead_stops_the_process() -> None:
    guard = GapGuard()
    assert sees(guard, 5, 6)
    with pytest.raises(Fatal, match="t/0/9 was handed over where offset 7"):
        guard.seen(Source("t", 0, 9))


def test_a_gap_after_a_step_back_stops_the_process() -> None:
    assert not sees(GapGuard(), 5, 6, 7, 5, 7)


def test_partitions_do_not_mix() -> None:
    guard = GapGuard()
    assert sees(guard, 5, 6)
    assert sees(guard, 100, 101, partition=1)
    assert sees(guard, 7)


def test_after_an_assignment_the_first_record_may_lie_anywhere_again() -> None:
    guard = GapGuard()
    assert sees(guard, 5)
    guard.assigned("t", 0)
    assert sees(guard, 90, 91)
