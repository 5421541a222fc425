"""What `make rank-eval` counts: how soon an order shows the harm, and the mean of several pools."""

import pytest

from tests.scenarios.judging import Judged, Looked, judge, mean

HARM, NOTHING = Looked(1.0, 1), Looked(0.0, 0)


def judged(*order: Looked, harmful: int = 2, first: int = 2, capacity: int = 3) -> Judged:
    return judge(order, harmful, first, capacity)


def test_harm_first_is_perfect() -> None:
    found = judged(HARM, HARM, NOTHING, NOTHING)

    assert (found.ndcg.value, found.recall.value, found.missed.value) == (1.0, 1.0, 0.0)


def test_recall_counts_the_first_looks_and_what_is_missed_all_that_a_desk_can_do() -> None:
    found = judged(HARM, NOTHING, HARM, NOTHING)

    assert (found.recall.value, found.missed.value) == (0.5, 0.0)


def test_harm_that_stands_nowhere_is_missed() -> None:
    found = judged(HARM, NOTHING, NOTHING)

    assert (found.recall.value, found.missed.value) == (0.5, 0.5)


def test_a_case_of_many_harmful_copies_is_one_look() -> None:
    assert judged(Looked(1.0, 2), NOTHING, NOTHING).recall.value == 1.0


def test_a_mean_lies_between_its_pools_and_is_surer_than_each() -> None:
    good, bad = (
        judged(*[HARM] * 20, *[NOTHING] * 20, harmful=25, first=20),
        judged(*[HARM, NOTHING] * 20, harmful=25, first=20),
    )

    both = mean([good, bad])

    assert both.recall.value == pytest.approx((good.recall.value + bad.recall.value) / 2)
    assert both.recall.resampled.std() < bad.recall.resampled.std()
