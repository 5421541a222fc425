"""What `make rank-eval` counts: how soon an order shows the harm, and the mean of several pools."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.scenarios.judging import Judged, Looked, judge, mean
from tests.scenarios.labelled import around
from tests.scenarios.orders import Played, Seen, recovered

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


def test_ordinary_posts_are_so_many_that_harm_is_one_in_a_hundred() -> None:
    mix: list[dict[str, Any]] = [{"grade": 1.0}, *[{"grade": 0.0}] * 500]

    found = around(mix, harmful=3, others=40)

    assert len(found) == 300 - 40
    assert all(row["grade"] == 0 for row in found)


def _line(name: str, risk: float, *copies: str) -> dict[str, Any]:
    at = datetime(2026, 6, 5, tzinfo=UTC)
    return {"content_id": name, "copy_content_ids": copies, "band": "P4", "risk": risk, "event_time": at}


def _story(context: bool) -> Played:
    """`loud` is harmless and likely, `quiet` and its copy are harmful, and the hub knows it."""
    likely = {"loud": 0.9, "quiet": 0.2, "copy": 0.1}
    seen = {name: Seen(p, p, 0, datetime(2026, 6, 5, tzinfo=UTC)) for name, p in likely.items()}
    return Played(
        "story", context, [_line("loud", 0.5), _line("quiet", 0.8, "copy")], seen, {"quiet": 1.0, "copy": 1.0}
    )


@pytest.mark.parametrize(("places", "missed"), [(1, 2), (2, 1), (3, 0)])
def test_what_p_violence_leaves_behind_and_the_hub_shows_is_recovered_with_its_copies(places: int, missed: int) -> None:
    assert recovered([_story(context=True)], places) == (missed, missed)


def test_only_stories_in_which_context_matters_count_as_recovered() -> None:
    assert recovered([_story(context=False)], 1) == (0, 0)
