"""The same records go through the bare aiokafka loop and through the scorer's shell with a constant classifier; records a second go out."""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from deploy.kafka.broker import LocalBroker
from schemas.topics import NORMALISED, SCORED, SHAPES
from schemas.vocabulary import Environment
from services.runtime import kafka, lifecycle
from services.runtime.clock import SystemClock
from services.runtime.codec import encode
from services.runtime.envelope import Outgoing, envelope
from services.runtime.kafka import Producer
from services.runtime.probes import Health
from services.runtime.reading import Reader
from services.runtime.settings import KafkaSettings
from services.runtime.topics_cli import create_missing
from services.scorer.app import Scorer
from services.scorer.handlers import Scoring
from services.scorer.policy import load_policy
from services.scorer.ports import ClassifierDigests, Content, Score
from services.scorer.settings import ScorerSettings
from tests.bench.rows import Row, show
from tests.builders import NOON, a_score, normalised

RECORDS = int(os.environ.get("BENCH_RECORDS", "20000"))
BATCH = 256
PATIENCE_SECONDS = 120.0


class ConstantClassifier:
    """Says the same of everything, at once: what is left is the shell."""

    digests = ClassifierDigests(model="constant", lexicon="none", calibration="none")

    def __init__(self) -> None:
        self._says = a_score(0.01)

    def score(self, contents: Sequence[Content]) -> list[Score]:
        """One constant a content."""
        return [self._says] * len(contents)


async def fill(settings: KafkaSettings, count: int) -> None:
    """Put `count` normalised posts on the scorer's topic."""
    producer = Producer(settings, "bench")
    await producer.start()
    texts = (
        "leaving mine at eight, see you by the station, bring the ball and somebody text jo ",
        "what a match that was ",
    )
    for begin in range(0, count, BATCH):
        batch = []
        for number in range(begin, min(begin + BATCH, count)):
            content = normalised(texts[number % 2] + str(number), content_id=f"b-{number}")
            headers = envelope(NORMALISED, id=content.observation_id, stage="bench", time=NOON)
            batch.append(Outgoing(NORMALISED.name, content.content_key.encode(), encode(content), headers))
        await producer.send_all(batch)
    await producer.stop()


async def bare_loop(settings: KafkaSettings, count: int) -> float:
    """Consume, send the same bytes on, wait for acknowledgement, commit: what aiokafka itself allows. Records a second."""
    consumer = kafka.consumer(settings, [NORMALISED.name], "bench-bare", "bench")
    producer = Producer(settings, "bench")
    await kafka.connect(consumer, settings)
    await producer.start()
    done, begun = 0, 0.0
    while done < count:
        found = await consumer.getmany(timeout_ms=200, max_records=500)
        begun = begun or time.perf_counter()
        records = [record for batch in found.values() for record in batch]
        await producer.send_all([Outgoing(SCORED.name, r.key, r.value, list(r.headers)) for r in records])
        await consumer.commit()
        done += len(records)
    seconds = time.perf_counter() - begun
    await consumer.stop()
    await producer.stop()
    return count / seconds


async def shell(settings: KafkaSettings, count: int) -> float:
    """The scorer as it runs in service, but for the classifier. Records a second, from first output to last."""
    lifecycle.collect_seldom()
    scoring = Scoring(ConstantClassifier(), load_policy(), SystemClock(), structlog.get_logger())
    service = Scorer(
        ScorerSettings(group="bench-shell"), settings, Health(300.0), scoring, SystemClock(), structlog.get_logger()
    )
    async with Reader(settings) as reader:
        before = await total(reader)
        await service.start()
        running = asyncio.ensure_future(service.run())
        begun, first = 0.0, 0
        deadline = time.perf_counter() + PATIENCE_SECONDS
        while (now := await total(reader) - before) < count and time.perf_counter() < deadline:
            if now and not begun:
                begun, first = time.perf_counter(), now
            await asyncio.sleep(0.05)
        seconds = time.perf_counter() - begun
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await service.stop()
    return (count - first) / seconds


async def total(reader: Reader) -> int:
    """Records on the scorer's output now."""
    return sum(end for _, end in (await reader.bounds(SCORED.name)).values())


def run() -> list[Row]:
    """Both loops over the same records on one broker."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder, LocalBroker(Path(folder) / "kafka") as broker:
        settings = KafkaSettings(bootstrap=broker.bootstrap)
        asyncio.run(create_missing(settings, SHAPES[Environment.LOCAL]))
        asyncio.run(fill(settings, RECORDS))
        bare = asyncio.run(bare_loop(settings, RECORDS))
        ours = asyncio.run(shell(settings, RECORDS))
    how = f"{RECORDS:,} normalised posts, broker on the same cores"
    return [
        Row("bare aiokafka loop (the limit)", bare, "records/s", how=how),
        Row("scorer shell, constant classifier", ours, "records/s", aim=7_000, how=how),
        Row("shell / bare loop", ours / bare, "ratio"),
    ]


if __name__ == "__main__":
    show("Scorer shell", run())
