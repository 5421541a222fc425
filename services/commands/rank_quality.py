"""A ranking and what people say of its contents come in; how soon a desk would have seen the harm goes out. Pure.

nDCG as in Järvelin and Kekäläinen (2002), with gains 2^grade - 1; a copy is found when its case is looked at.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Twenty people with sixty items each, in eight hours.
DESK_CAPACITY = 20 * 60
DESK_MINUTES = 8 * 60
DEPTHS = (10, 50, 100)


@dataclass(frozen=True, slots=True)
class Placed:
    """One case of the ranking: the labels that name a content in it, and the day on which it was said."""

    labels: tuple[Hashable, ...]
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
    # Labels that name contents of several cases, of which nobody can say which is meant: they are not judged by.
    ambiguous: int = 0

    @property
    def minutes_to_first_harm(self) -> float | None:
        """Minutes of a whole desk at work until the first harm is looked at."""
        first = self.cases_to_first_harm
        return None if first is None else first * DESK_MINUTES / DESK_CAPACITY


def quality(
    ranking: Iterable[Placed],
    grades: Mapping[Any, float],
    depths: Iterable[int] = DEPTHS,
    capacity: int = DESK_CAPACITY,
) -> Quality:
    """Judge a ranking by grades per label; 0 is harmless, content without a label counts as harmless.

    Harm that the ranking does not hold at all counts as never found. Only what is labelled is held.
    """
    places, seen, cases = _places(ranking, grades, capacity)
    ambiguous = {name for name, numbers in places.items() if len(numbers) > 1}
    judged = {name: grade for name, grade in grades.items() if name not in ambiguous}
    at = {name: min(places[name]) for name in judged if name in places}
    harmful = {name for name, grade in judged.items() if grade > 0}
    gains: dict[int, float] = defaultdict(float)
    for name in harmful & at.keys():
        gains[at[name]] = max(gains[at[name]], judged[name])
    missing = [judged[name] for name in harmful - at.keys()]

    def ndcg_at(depth: int) -> float:
        first = [gains.get(number, 0.0) for number in range(1, min(depth, cases) + 1)]
        return ndcg(first, depth, [*missing, *(gain for number, gain in gains.items() if number > depth)])

    depths = tuple(depths)
    return Quality(
        cases=cases,
        labelled=len(judged),
        harmful=len(harmful),
        precision={k: sum(number <= k for number in gains) / k for k in depths},
        ndcg={k: ndcg_at(k) for k in depths},
        recall_first_twentieth=_share(harmful, (name for name, n in at.items() if n <= math.ceil(cases / 20))),
        recall_at_capacity=_share(harmful, (name for name, n in at.items() if n in seen)),
        cases_to_first_harm=min(gains, default=None),
        unknown=len(grades.keys() - places.keys()),
        ambiguous=len(ambiguous),
    )


def _places(
    ranking: Iterable[Placed], grades: Mapping[Any, float], capacity: int
) -> tuple[dict[Hashable, set[int]], set[int], int]:
    """In which cases each label names something, which of those a desk sees that works off the best of each day, how many there are."""
    places: dict[Hashable, set[int]] = {}
    seen: set[int] = set()
    left: dict[str, int] = {}
    number = 0
    for number, case in enumerate(ranking, 1):
        room = left.get(case.day, capacity)
        left[case.day] = room - 1
        named = [name for name in case.labels if name in grades]
        for name in named:
            places.setdefault(name, set()).add(number)
        if named and room > 0:
            seen.add(number)
    return places, seen, number


def ndcg(gains: Sequence[float], depth: int, missing: Iterable[float] = ()) -> float:
    """Normalised discounted cumulative gain of the first `depth`; 1 where nothing could be found. `missing` is never found."""
    ideal = _dcg(sorted([*gains, *missing], reverse=True)[:depth])
    return _dcg(gains[:depth]) / ideal if ideal > 0 else 1.0


def _dcg(gains: Sequence[float]) -> float:
    return math.fsum((2**gain - 1) / math.log2(place + 1) for place, gain in enumerate(gains, 1))


def _share(harmful: set[Any], found: Iterable[Any]) -> float | None:
    return len(harmful.intersection(found)) / len(harmful) if harmful else None
