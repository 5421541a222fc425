"""A ranking and what people say of its contents come in; how soon a desk would have seen the harm goes out. Pure.

nDCG as in Järvelin and Kekäläinen (2002), with gains 2^grade - 1; a copy is found when its case is looked at.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Twenty people with sixty items each, in eight hours.
DESK_CAPACITY = 20 * 60
DESK_MINUTES = 8 * 60
DEPTHS = (10, 50, 100)


@dataclass(frozen=True, slots=True)
class Placed:
    """One case of the ranking: the contents that stand in it, and the day on which it was said."""

    content_ids: tuple[str, ...]
    day: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a ranking is. Shares are None where there is nothing harmful to find."""

    cases: int
    labelled: int
    harmful: int
    precision: Mapping[int, float]
    ndcg: Mapping[int, float]
    recall_first_twentieth: float | None
    recall_at_capacity: float | None
    cases_to_first_harm: int | None
    # Labels that name no content of the ranking: withdrawn content, or names of another kind.
    unknown: int

    @property
    def minutes_to_first_harm(self) -> float | None:
        """Minutes of a whole desk at work until the first harm is looked at."""
        first = self.cases_to_first_harm
        return None if first is None else first * DESK_MINUTES / DESK_CAPACITY


def quality(
    ranking: Sequence[Placed],
    grades: Mapping[str, float],
    depths: Iterable[int] = DEPTHS,
    capacity: int = DESK_CAPACITY,
) -> Quality:
    """Judge a ranking by grades per content id; 0 is harmless, content without a grade counts as harmless.

    Harm that the ranking does not hold at all counts as never found.
    """
    gains = [max((grades.get(name, 0.0) for name in case.content_ids), default=0.0) for case in ranking]
    harmful = {name for name, grade in grades.items() if grade > 0}
    depths = tuple(depths)
    first = next((number for number, gain in enumerate(gains, 1) if gain > 0), None)
    listed = {name for case in ranking for name in case.content_ids}
    missing = [grades[name] for name in harmful - listed]
    return Quality(
        cases=len(ranking),
        labelled=len(grades),
        harmful=len(harmful),
        precision={k: sum(gain > 0 for gain in gains[:k]) / k for k in depths},
        ndcg={k: ndcg(gains, k, missing) for k in depths},
        recall_first_twentieth=_recall(ranking[: math.ceil(len(ranking) / 20)], harmful),
        recall_at_capacity=_recall(_seen(ranking, capacity), harmful),
        cases_to_first_harm=first,
        unknown=len(grades.keys() - listed),
    )


def ndcg(gains: Sequence[float], depth: int, missing: Iterable[float] = ()) -> float:
    """Normalised discounted cumulative gain of the first `depth`; 1 where nothing could be found. `missing` is never found."""
    ideal = _dcg(sorted([*gains, *missing], reverse=True)[:depth])
    return _dcg(gains[:depth]) / ideal if ideal > 0 else 1.0


def _dcg(gains: Sequence[float]) -> float:
    return math.fsum((2**gain - 1) / math.log2(place + 1) for place, gain in enumerate(gains, 1))


def _seen(ranking: Sequence[Placed], capacity: int) -> list[Placed]:
    """What a desk looks at that works off the best of each day."""
    left: dict[str, int] = {}
    seen = []
    for case in ranking:
        room = left.setdefault(case.day, capacity)
        if room > 0:
            left[case.day] = room - 1
            seen.append(case)
    return seen


def _recall(seen: Iterable[Placed], harmful: set[str]) -> float | None:
    if not harmful:
        return None
    return len(harmful.intersection(name for case in seen for name in case.content_ids)) / len(harmful)
