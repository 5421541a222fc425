"""Every source record below the committed offset has one ending, or the audit says which has none or two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.conservation import Found, Ledgered, Removed, StageAudit, audit_stage, with_removed
from services.runtime.envelope import Source

TOPIC = "content.received.v1"


def audit(endings: list[tuple[int, Found]], sources: int = 3, committed: int = 3) -> StageAudit:
    found = Ledgered()
    for offset, kind in endings:
        found.add(Source(TOPIC, 0, offset), kind)
    return audit_stage("ingest", TOPIC, (Source(TOPIC, 0, n) for n in range(sources)), {(TOPIC, 0): committed}, found)


def test_no_gap_when_each_has_an_ending() -> None:
    done = audit([(0, Found.PUBLISHED), (1, Found.DEAD_LETTERED), (2, Found.DUPLICATE)])
    assert (done.gap, done.sources, done.waiting) == (0, 3, 0)


def test_a_record_without_an_ending_is_named() -> None:
    assert audit([(0, Found.PUBLISHED), (2, Found.PUBLISHED)]).missing == (Source(TOPIC, 0, 1),)


def test_a_record_above_the_committed_offset_only_waits() -> None:
    done = audit([(0, Found.PUBLISHED)], committed=1)
    assert (done.gap, done.waiting) == (0, 2)


def test_a_record_that_was_published_and_set_aside_counts_as_doubled() -> None:
    done = audit([(0, Found.PUBLISHED), (0, Found.DEAD_LETTERED)], sources=1, committed=1)
    assert done.doubled == (Source(TOPIC, 0, 0),)


def test_the_same_ending_twice_is_a_harmless_repeat() -> None:
    done = audit([(0, Found.PUBLISHED), (0, Found.PUBLISHED)], sources=1, committed=1)
    assert (done.gap, done.repeats) == (0, 1)


def removed(begin: int, committed: dict[tuple[str, int], int], topic: str = TOPIC) -> StageAudit:
    done = audit_stage("ingest", TOPIC, (), committed, Ledgered())
    return with_removed(done, {(topic, 0): begin}, committed)


def test_what_was_removed_at_and_above_the_committed_offset_was_never_read() -> None:
    done = removed(100, {(TOPIC, 0): 50})
    assert (done.unread, done.gap) == ((Removed(TOPIC, 0, 50, 100),), 50)


@pytest.mark.parametrize("committed", [100, 150])
def test_what_was_removed_below_the_committed_offset_was_read(committed: int) -> None:
    done = removed(100, {(TOPIC, 0): committed})
    assert (done.unread, done.untold, done.gap) == ((), (), 0)


def test_of_what_was_removed_where_nothing_is_committed_nobody_can_tell() -> None:
    done = removed(100, {})
    assert (done.unread, done.untold, done.gap) == ((), (Removed(TOPIC, 0, 0, 100),), 0)


def test_nothing_was_removed_from_a_log_that_begins_at_its_beginning() -> None:
    assert removed(0, {}).untold == ()


def test_what_another_topic_lost_is_no_fault_of_this_one() -> None:
    assert removed(100, {}, topic="content.scored.v1").untold == ()


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(list(Found))), max_size=40), st.integers(0, 10))
def test_counts_always_add_up(endings: list[tuple[int, Found]], committed: int) -> None:
    done = audit(endings, sources=10, committed=committed)
    assert done.sources + done.waiting == 10
    assert sum(done.endings.values()) + len(done.missing) == done.sources
