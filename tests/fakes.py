"""Fakes that are handed in by argument: a clock that stands still, a classifier that says what it is told."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from services.scorer.ports import ClassifierDigests, Content, Score
from tests.builders import NOON, a_score


class StillClock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


class ScriptedClassifier:
    """Answers each content by a function of it; keeps what it was asked."""

    def __init__(self, answer: Callable[[Content], Score] | None = None) -> None:
        self._answer = answer or (lambda _: a_score())
        self.asked: list[list[Content]] = []
        self.digests = ClassifierDigests(model="m", lexicon="l", calibration="c")

    def score(self, contents: Sequence[Content]) -> list[Score]:
        self.asked.append(list(contents))
        return [self._answer(content) for content in contents]
