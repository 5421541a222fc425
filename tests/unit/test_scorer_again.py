"""While nothing else is to do, degraded results are scored again and sent in place of the first; whatever befalls that harms nothing."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog

from schemas.content import ContentNormalised
from schemas.scoring import ContentRanked, ContentScored
from schemas.topics import NORMALISED, RANKED, SCORED
from services.runtime import metrics
from services.runtime.codec import decode
from services.runtime.envelope import Incoming, Outgoing
from services.runtime.errors import Fatal, HubError, Retryable
from services.scorer.again import Again
from services.scorer.handlers import Ending, Outcome, Scoring
from services.scorer.policy import load_policy
from services.scorer.ports import Content, Score
from services.scorer.settings import ScorerSettings
from services.scorer.waiting import Left
from tests.builders import a_score, normalised, record
from tests.fakes import ScriptedClassifier, StillClock

SOON = 0.01
SETTINGS = ScorerSettings(again_after_seconds=SOON)
HASTE = 0.6


class Loaded:
    """A classifier that has no time for a text the first time, and says `full` of it the second."""

    def __init__(self, full: Callable[[Content], Score] = lambda _: a_score(0.9)) -> None:
        self._seen: set[Content] = set()
        self._full = full

    def __call__(self, content: Content) -> Score:
        if content in self._seen:
            return self._full(content)
        self._seen.add(content)
        return a_score(HASTE, degraded=True)


@dataclass
class Sent:
    """A sender that keeps what it is given, and fails with its fault."""

    outputs: list[Outgoing] = field(default_factory=list)
    fault: HubError | None = None

    async def enqueue(self, output: Outgoing) -> "asyncio.Future[Any]":
        self.outputs.append(output)
        return asyncio.get_running_loop().create_future()

    async def acknowledged(self, _futures: Sequence["asyncio.Future[Any]"]) -> None:
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault

    def ranked(self) -> list[float]:
        """The probabilities that the desk was told, in order."""
        found = [decode(ContentRanked, o.value) for o in self.outputs if o.topic == RANKED.name]
        return [each.scored.p_violence for each in found]


@dataclass
class Scorer:
    """As much of the scorer as scoring again needs."""

    classifier: ScriptedClassifier
    lag: int = 0
    sent: Sent = field(default_factory=Sent)

    def __post_init__(self) -> None:
        self.scoring = Scoring(self.classifier, load_policy(), StillClock(), structlog.get_logger())
        self.again = Again(SETTINGS, self.scoring, lambda: self.lag, structlog.get_logger())

    async def process(self, *contents: ContentNormalised) -> list[Ending]:
        """One batch, as the service does it."""
        async with self.again.batch():
            endings = self.scoring(records(*contents))
            self.again.published(endings)
        return endings

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.again.run(self.sent))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def records(*contents: ContentNormalised) -> list[Incoming]:
    return [record(content, NORMALISED.name, number) for number, content in enumerate(contents)]


def loaded(full: Callable[[Content], Score] = lambda _: a_score(0.9)) -> Scorer:
    return Scorer(ScriptedClassifier(Loaded(full)))


def counted(left: Left) -> float:
    return metrics.REGISTRY.get_sample_value("hub_degraded_total", {"outcome": left.value}) or 0.0


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(SOON)
    raise AssertionError("it did not happen in time")


async def a_while() -> None:
    """Long enough for whatever might happen."""
    await asyncio.sleep(10 * SOON)


async def test_a_degraded_result_is_scored_in_full_and_sent_with_the_same_identity() -> None:
    scorer, before = loaded(), counted(Left.SCORED_AGAIN)
    content = normalised("gonna get you")
    (first,) = await scorer.process(content)
    async with scorer.running():
        await until(lambda: counted(Left.SCORED_AGAIN) == before + 1)
        await a_while()
    again = scorer.sent.outputs
    scored = decode(ContentScored, again[0].value)
    assert [output.topic for output in again] == [SCORED.name, RANKED.name]
    assert [output.key for output in again] == [output.key for output in first.outputs]
    for name in ("ce_id", "ce_time", "hub_source"):
        assert [dict(o.headers)[name] for o in again] == [dict(o.headers)[name] for o in first.outputs]
    assert (scored.observation_id, scored.degraded, scored.p_violence) == (content.observation_id, False, 0.9)


async def test_the_riskiest_comes_first() -> None:
    scorer = loaded()
    batch = [normalised(f"post {n}", content_id=f"p-{n}") for n in range(3)]
    endings = scorer.scoring(records(*batch))
    risky = [
        Ending(e.source, e.outcome, e.outputs, e.scored and e.scored.model_copy(update={"content_risk": risk}))
        for e, risk in zip(endings, (0.3, 0.9, 0.6), strict=True)
    ]
    scorer.again.published(risky)
    async with scorer.running():
        await until(lambda: len(scorer.sent.ranked()) == 3)
    found = [decode(ContentScored, o.value).content_key for o in scorer.sent.outputs if o.topic == SCORED.name]
    assert found == [batch[n].content_key for n in (1, 2, 0)]


async def test_the_desk_hears_of_it_too_where_the_full_score_lies_below_the_context_floor() -> None:
    """Else what it was told first would stay with it."""
    scorer = loaded(lambda _: a_score(0.01))
    (first,) = await scorer.process(normalised("gonna get you"))
    async with scorer.running():
        await until(lambda: scorer.sent.ranked() == [0.01])
    assert first.outcome is Outcome.RANKED


async def test_while_records_wait_nothing_is_scored_again() -> None:
    scorer = loaded()
    scorer.lag = SETTINGS.batch
    await scorer.process(normalised("gonna get you"))
    async with scorer.running():
        await a_while()
        assert scorer.sent.outputs == []
        scorer.lag = 3
        await until(lambda: scorer.sent.ranked() == [0.9])


async def test_while_a_batch_is_at_work_nothing_is_scored_again() -> None:
    scorer = loaded()
    await scorer.process(normalised("gonna get you"))
    async with scorer.running():
        async with scorer.again.batch():
            await a_while()
            assert scorer.sent.outputs == []
        await until(lambda: scorer.sent.ranked() == [0.9])


async def test_a_batch_that_comes_meanwhile_waits_for_one_content_alone() -> None:
    at_work, goes_on = threading.Event(), threading.Event()

    def slow(_: Content) -> Score:
        at_work.set()
        goes_on.wait(5)
        return a_score(0.9)

    scorer = loaded(slow)
    await scorer.process(*[normalised(f"post {n}", content_id=f"p-{n}") for n in range(5)])
    async with scorer.running():
        await asyncio.to_thread(at_work.wait, 5)
        batch = asyncio.create_task(scorer.process(normalised("new", content_id="p-9")))
        await asyncio.sleep(0)
        goes_on.set()
        await batch
        assert len(scorer.sent.ranked()) == 1
        await until(lambda: len(scorer.sent.ranked()) == 6)


@pytest.mark.parametrize("newer", [a_score(0.5), a_score(0.5, degraded=True)], ids=["full", "degraded"])
async def test_an_older_observation_never_follows_a_newer_one_of_the_same_content(newer: Score) -> None:
    scorer, before = loaded(), counted(Left.OVERTAKEN)
    await scorer.process(normalised("gonna get you"))
    edited = normalised("have a nice day")
    endings = Scoring(ScriptedClassifier(lambda _: newer), load_policy(), StillClock(), structlog.get_logger())
    async with scorer.again.batch():
        scorer.again.published(endings(records(edited)))
    async with scorer.running():
        await a_while()
    found = {decode(ContentScored, o.value).observation_id for o in scorer.sent.outputs if o.topic == SCORED.name}
    assert found <= {edited.observation_id}
    assert counted(Left.OVERTAKEN) == before + 1


@pytest.mark.parametrize("fault", [Retryable("the broker is away"), Fatal("the broker refused a record")])
async def test_a_second_score_that_cannot_be_sent_is_let_go_and_the_next_one_is_sent(fault: HubError) -> None:
    scorer, before = loaded(), counted(Left.FAILED)
    scorer.sent.fault = fault
    await scorer.process(*[normalised(f"post {n}", content_id=f"p-{n}") for n in range(2)])
    async with scorer.running():
        await until(lambda: len(scorer.sent.ranked()) == 2)
        await a_while()
    assert counted(Left.FAILED) == before + 1


def breaks(_: Content) -> Score:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    "full", [breaks, lambda _: a_score(0.9, degraded=True), lambda _: a_score(0.9, confidence=2.0)],
    ids=["breaks", "degraded again", "cannot be weighed"],
)  # fmt: skip
async def test_what_can_be_no_better_the_second_time_gets_no_other_ending(full: Callable[[Content], Score]) -> None:
    """A letter beside the result would be two endings of one record."""
    letters = {"stage": "scorer", "reason": "unprocessable"}
    scorer, before = loaded(full), counted(Left.FAILED)
    dead = metrics.REGISTRY.get_sample_value("hub_dead_letters_total", letters)
    await scorer.process(normalised("gonna get you"))
    async with scorer.running():
        await until(lambda: counted(Left.FAILED) == before + 1)
    assert scorer.sent.outputs == []
    assert metrics.REGISTRY.get_sample_value("hub_dead_letters_total", letters) == dead


async def test_what_waits_is_let_go_when_partitions_move() -> None:
    scorer, before = loaded(), counted(Left.MOVED)
    await scorer.process(normalised("gonna get you"))
    scorer.again.moved()
    async with scorer.running():
        await a_while()
    assert (scorer.sent.outputs, counted(Left.MOVED)) == ([], before + 1)


async def test_what_is_being_scored_again_is_not_sent_once_partitions_have_moved() -> None:
    at_work, goes_on = threading.Event(), threading.Event()

    def slow(_: Content) -> Score:
        at_work.set()
        goes_on.wait(5)
        return a_score(0.9)

    scorer, before = loaded(slow), counted(Left.MOVED)
    await scorer.process(normalised("gonna get you"))
    async with scorer.running():
        await asyncio.to_thread(at_work.wait, 5)
        scorer.again.moved()
        goes_on.set()
        await until(lambda: counted(Left.MOVED) == before + 1)
    assert scorer.sent.outputs == []


async def test_how_many_wait_is_told_until_the_last_is_acknowledged() -> None:
    scorer = loaded()
    await scorer.process(*[normalised(f"post {n}", content_id=f"p-{n}") for n in range(3)])
    assert metrics.REGISTRY.get_sample_value("hub_degraded_waiting") == 3
    async with scorer.running():
        await until(lambda: metrics.REGISTRY.get_sample_value("hub_degraded_waiting") == 0)
    assert len(scorer.sent.ranked()) == 3
