"""Which content stands in one case with which: a function of the set of contents, not of how they arrived."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrer.gathering import Gathering, order
from services.referrer.policy import DAY, load_policy
from services.referrer.remembered import Remembered, copy_links, copy_of
from tests.builders import an_entry

POLICY = load_policy()


class MemoryShelf:
    """A shelf in a dictionary, asked by comparing everything with everything."""

    def __init__(self) -> None:
        self.entries: dict[str, Remembered] = {}

    def _sharing(self, entry: Remembered) -> Iterable[Remembered]:
        names = set(copy_links(entry))
        return (e for e in self.entries.values() if e.key != entry.key and not names.isdisjoint(copy_links(e)))

    def anchors_before(self, entries: Sequence[Remembered]) -> Mapping[str, Sequence[Remembered]]:
        return {
            entry.key: [e for e in self._sharing(entry) if e.anchor == e.key and order(e) < order(entry)]
            for entry in entries
        }

    def followed(self, entries: Sequence[Remembered]) -> Collection[str]:
        return {entry.key for entry in entries if self.followers(entry)}

    def followers(self, entry: Remembered) -> Sequence[Remembered]:
        return [e for e in self._sharing(entry) if order(e) > order(entry)]

    def members(self, anchor: str) -> Sequence[Remembered]:
        return [e for e in self.entries.values() if e.anchor == anchor]

    def change(self, gone: Collection[str], now: Sequence[Remembered]) -> None:
        keys = {*gone, *(entry.key for entry in now)}
        before = [entry for key, entry in self.entries.items() if key in keys]
        settled = Gathering(self, POLICY).settle(before, now)
        for key in gone:
            self.entries.pop(key, None)
        self.entries |= settled

    def anchors(self) -> dict[str, str]:
        return {key: entry.anchor for key, entry in sorted(self.entries.items())}


def rule(entries: Iterable[Remembered]) -> dict[str, str]:
    """The definition itself, over everything at once."""
    anchors: list[Remembered] = []
    found: dict[str, str] = {}
    for entry in sorted(entries, key=order):
        near = [
            a for a in anchors if not set(copy_links(a)).isdisjoint(copy_links(entry)) and copy_of(a, entry, POLICY)
        ]
        found[entry.key] = near[0].key if near else entry.key
        if not near:
            anchors.append(entry)
    return dict(sorted(found.items()))


# Hashes in a row of ever more bits set: near to their neighbours, far from those further on, which makes chains.
HASHES = [f"{(1 << bits) - 1:016x}" for bits in range(0, 64, 8)]
ENTRY = st.builds(
    an_entry,
    key=st.sampled_from([f"c{n}" for n in range(9)]),
    at=st.just(0),
    seen=st.integers(0, 20).map(lambda day: day * DAY),
    risk=st.just(0.3),
    platform=st.just("x"),
    similarity=st.sampled_from(HASHES),
    bands=st.tuples(st.integers(0, 1), st.just(0)),
)
SHORT = st.builds(
    an_entry,
    key=st.sampled_from([f"s{n}" for n in range(5)]),
    at=st.just(0),
    seen=st.integers(0, 9),
    risk=st.just(0.3),
    platform=st.just("x"),
    short=st.sampled_from(["one", "two"]),
    media=st.sampled_from([(), ("sha256:a",), ("sha256:b",)]),
)
STEPS = st.lists(st.lists(ENTRY | SHORT, min_size=1, max_size=4, unique_by=lambda e: e.key), max_size=8)


@given(STEPS, st.lists(st.sampled_from([f"c{n}" for n in range(9)]), max_size=3))
def test_cases_follow_the_rule_after_any_changes(steps: list[list[Remembered]], gone: list[str]) -> None:
    shelf, truth = MemoryShelf(), dict[str, Remembered]()
    for step in steps:
        shelf.change((), step)
        truth |= {entry.key: entry for entry in step}
        assert shelf.anchors() == rule(truth.values())
    shelf.change(gone, ())
    assert shelf.anchors() == rule(entry for key, entry in truth.items() if key not in gone)


@given(st.lists(ENTRY, unique_by=lambda e: e.key), st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_and_cut_of_arrival_do_not_matter(entries: list[Remembered], random: Random, cut: int) -> None:
    shelf = MemoryShelf()
    random.shuffle(entries)
    for start in range(0, len(entries), cut):
        shelf.change((), entries[start : start + cut])
    assert shelf.anchors() == rule(entries)


@given(st.lists(ENTRY, unique_by=lambda e: e.key))
def test_every_member_is_a_copy_of_its_anchor_itself(entries: list[Remembered]) -> None:
    shelf = MemoryShelf()
    shelf.change((), entries)
    for entry in shelf.entries.values():
        assert entry.anchor == entry.key or copy_of(entry, shelf.entries[entry.anchor], POLICY)


class Flood(MemoryShelf):
    """A shelf on which everything is a copy of the first, so that its answers cost nothing."""

    def anchors_before(self, entries: Sequence[Remembered]) -> Mapping[str, Sequence[Remembered]]:
        return {entry.key: [self.entries["00000"]] for entry in entries if entry.key != "00000"}

    def followed(self, entries: Sequence[Remembered]) -> Collection[str]:
        return ["00000"]

    def followers(self, entry: Remembered) -> Sequence[Remembered]:
        return [e for e in self.entries.values() if order(e) > order(entry)]


def seconds_without_the_first_of(size: int) -> float:
    shelf = Flood()
    for number in range(size):
        key = f"{number:05}"
        shelf.entries[key] = an_entry(
            key=key, at=0, seen=number, risk=0.3, platform="x", anchor="00000", similarity=HASHES[0], bands=(1, 2, 3)
        )
    begun = time.perf_counter()
    shelf.change(["00000"], ())
    taken = time.perf_counter() - begun
    assert set(shelf.anchors().values()) == {"00001"}
    return taken


@pytest.mark.no_cover
def test_a_flood_that_loses_its_first_copy_finds_another_with_work_that_grows_no_faster_than_it() -> None:
    small, large = (min(seconds_without_the_first_of(size) for _ in range(3)) for size in (300, 3_000))
    # Ten times as many; comparing each with every other would be a hundred times the work.
    assert large < 40 * small
