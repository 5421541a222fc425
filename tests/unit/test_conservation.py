"""Every source record below the committed offset has one ending, or the audit says which has none or two."""

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.conservation import Found, Ledgered, StageAudit, audit_stage
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


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(list(Found))), max_size=40), st.integers(0, 10))
def test_counts_always_add_up(endings: list[tuple[int, Found]], committed: int) -> None:
    done = audit(endings, sources=10, committed=committed)
    assert done.sources + done.waiting == 10
    assert sum(done.endings.values()) + len(done.missing) == done.sources
