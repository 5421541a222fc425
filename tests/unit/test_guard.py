"""A step back is a repeat, a gap ahead is a record that nobody would read."""

import pytest

from services.runtime.envelope import Source
from services.runtime.errors import Fatal
from services.scorer.guard import GapGuard


def see(guard: GapGuard, *offsets: int, partition: int = 0) -> None:
    for offset in offsets:
        guard.seen(Source("t", partition, offset))


def test_the_first_record_may_lie_anywhere() -> None:
    see(GapGuard(), 4_711)


def test_records_in_order_pass() -> None:
    see(GapGuard(), 5, 6, 7)


def test_a_step_back_is_a_repeat() -> None:
    see(GapGuard(), 5, 6, 7, 5, 6, 7, 8)


def test_a_gap_ahead_stops_the_process() -> None:
    with pytest.raises(Fatal, match="t/0/9 was handed over where offset 7"):
        see(GapGuard(), 5, 6, 9)


def test_a_gap_after_a_step_back_stops_the_process() -> None:
    with pytest.raises(Fatal):
        see(GapGuard(), 5, 6, 7, 5, 7)


def test_partitions_do_not_mix() -> None:
    guard = GapGuard()
    see(guard, 5, 6)
    see(guard, 100, 101, partition=1)
    see(guard, 7)


def test_after_an_assignment_the_first_record_may_lie_anywhere_again() -> None:
    guard = GapGuard()
    see(guard, 5)
    guard.assigned("t", 0)
    see(guard, 90, 91)
