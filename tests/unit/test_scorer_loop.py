"""The scorer's event loop turns while batches are scored in threads: it has heartbeats to send, and probes to answer."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median

import pytest
import structlog

from schemas.topics import NORMALISED
from services.runtime.envelope import Incoming
from services.runtime.lifecycle import collect_seldom
from services.runtime.text_tables import emoji_table
from services.scorer.cascade.classifier import Cascade, Gate
from services.scorer.cascade.model_files import load_model_files
from services.scorer.handlers import Outcome, Scoring
from services.scorer.lexicon import load_lexicon
from services.scorer.policy import load_policy
from tests.builders import a_text, normalised, record
from tests.fakes import StillClock

PROMISED = 0.1
TRIES = 3
LONGEST = 40_000
THREAT = "I am going to stab you outside your house tonight "
# Each as long as an event may be: words, no words, names of emoji, signs that stand for several, another script, numbers.
LONG = (
    "we went to the market on the {n} for bread and apples and he said he would kill you there ",
    "killyou{n}",
    "".join(list(emoji_table().names)[:3_000]) + "{n}",
    "\u337f{n}",
    "он сказал что придёт вечером {n} ",
    "{n} 1 ",
)


@pytest.fixture
def collecting_as_the_service_does() -> Iterator[None]:
    before = gc.get_threshold()
    collect_seldom()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def batch_of_long_texts(number: int) -> list[Incoming]:
    texts = [(each.format(n=number) * (LONGEST // len(each) + 1))[: LONGEST - len(THREAT)] + THREAT for each in LONG]
    contents = [normalised(content_id=f"c{n}", texts=(a_text(text),)) for n, text in enumerate(texts)]
    return [record(content, NORMALISED.name) for content in contents]


async def longest_held(work: Callable[[], object]) -> float:
    """Seconds for which the loop was kept from turning while `work` ran in a thread, at worst.

    What the process did not compute meanwhile, others on the machine did: only processor time counts.
    """
    worst, step = 0.0, 0.002
    task = asyncio.ensure_future(asyncio.to_thread(work))
    while not task.done():
        at, spent = time.perf_counter(), time.process_time()
        await asyncio.sleep(step)
        worst = max(worst, min(time.perf_counter() - at - step, time.process_time() - spent))
    await task
    return worst


@pytest.mark.no_cover
@pytest.mark.usefixtures("collecting_as_the_service_does")
async def test_no_batch_of_long_texts_holds_the_loop_for_a_tenth_of_a_second() -> None:
    scoring = Scoring(
        Cascade(load_model_files(), load_lexicon(), Gate()), load_policy(), StillClock(), structlog.get_logger()
    )

    def score(batch: Sequence[Incoming]) -> None:
        assert {ending.outcome for ending in scoring(batch)} <= {Outcome.SCORED, Outcome.RANKED}

    # The first loads what is loaded once. Nothing remembered answers the next, and one unlucky moment decides nothing.
    held = [await longest_held(partial(score, batch_of_long_texts(number))) for number in range(TRIES + 1)]
    assert median(held[1:]) < PROMISED, held


async def test_work_that_holds_the_loop_is_seen() -> None:
    """Adding up a range is one call, which lets no other thread in."""
    assert await longest_held(lambda: sum(range(30_000_000))) > PROMISED
