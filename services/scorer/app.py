"""The scorer's composition root: settings come in, a service that scores and ranks goes out."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import structlog

from schemas.topics import NORMALISED, RANKED, SCORED
from schemas.vocabulary import ViolenceType
from services.runtime import lifecycle, logs, metrics
from services.runtime.clock import Clock, SystemClock
from services.runtime.dead_letters import Brake
from services.runtime.envelope import Incoming
from services.runtime.kafka import Producer, require_topics
from services.runtime.probes import Health
from services.runtime.settings import HubSettings, KafkaSettings
from services.scorer.adapters.faust_worker import FaustWorker
from services.scorer.again import Again
from services.scorer.cascade.classifier import Gate
from services.scorer.classifiers import classifier_of
from services.scorer.handlers import STAGE, Ending, Outcome, Scoring
from services.scorer.policy import load_policy
from services.scorer.ports import Classifier
from services.scorer.settings import ScorerSettings

# Finding a series by its labels costs three times what counting does, and each record counts for a dozen.
SCORES = {name: metrics.score.labels(name.value) for name in ViolenceType}


class Scorer:
    """normalised -> scored, ranked: score in a thread, send, wait for every acknowledgement, then let the offset move."""

    def __init__(
        self,
        settings: ScorerSettings,
        kafka: KafkaSettings,
        health: Health,
        scoring: Scoring,
        clock: Clock,
        log: structlog.stdlib.BoundLogger,
    ) -> None:
        self._settings = settings
        self._kafka = kafka
        self._health = health
        self._scoring = scoring
        self._clock = clock
        self._log = log
        self._brake = Brake()
        self._again = Again(settings, scoring, lambda: health.lag, log)
        self._datadir = tempfile.TemporaryDirectory(prefix="hub-scorer-")
        self._producer: Producer | None = None
        self._worker: FaustWorker | None = None
        health.expect("topics", "producer", "worker")

    async def start(self) -> None:
        """Connect to the broker, check the topics, join the group."""
        await require_topics(self._kafka, [NORMALISED.name, NORMALISED.dlq, SCORED.name, RANKED.name])
        self._health.set("topics", True)
        self._producer = Producer(self._kafka, "hub-scorer")
        await self._producer.start()
        self._health.set("producer", True)
        datadir = Path(self._datadir.name)
        self._worker = FaustWorker(
            self._settings, self._kafka, NORMALISED.name, self.process, datadir, self._again.moved
        )
        await self._worker.start()
        self._health.set("worker", True)

    async def run(self) -> None:
        """Work until cancelled. Raises Fatal on an infrastructure failure, a gap, or a stall."""
        assert self._worker is not None  # noqa: S101  start() made it
        assert self._producer is not None  # noqa: S101  the same
        await lifecycle.first_failure(
            self._worker.failed(),
            lifecycle.watch(self._health, STAGE),
            self._measure(),
            self._again.run(self._producer),
        )

    async def stop(self) -> None:
        """Leave the group after committing what is acknowledged, then flush and close."""
        if self._worker is not None:
            await self._worker.stop()
        if self._producer is not None:
            await self._producer.stop()
        self._datadir.cleanup()

    async def process(self, records: Sequence[Incoming]) -> None:
        """One batch to its endings; returns when the broker has every output. Raises Fatal."""
        async with self._again.batch():
            begun = time.monotonic()
            endings = await asyncio.to_thread(self._scoring, records)
            for ending in endings:
                self._brake.note(ending.outcome is Outcome.DEAD_LETTERED)
            await self._send(endings)
            self._health.progressed()
            self._count(endings, time.monotonic() - begun)
            self._again.published(endings)

    async def _send(self, endings: Sequence[Ending]) -> None:
        assert self._producer is not None  # noqa: S101  start() made it
        outputs = [record for ending in endings for record in ending.outputs]
        await self._producer.send_or_stop(outputs, self._settings.send_attempts)

    def _count(self, endings: Sequence[Ending], seconds: float) -> None:
        outcomes, sources = [ending.outcome for ending in endings], [ending.source for ending in endings]
        metrics.count_batch(STAGE, outcomes, sources, seconds, self._clock.now())
        scored = [ending.scored for ending in endings if ending.scored is not None]
        for band, number in Counter(each.band for each in scored).items():
            metrics.risk_band.labels(band.value).inc(number)
        for each in scored:
            for name, p in each.types.items():
                SCORES[name].observe(p)

    async def _measure(self) -> None:
        assert self._worker is not None  # noqa: S101  start() made it
        while True:
            behind = await self._worker.lag()
            self._health.lag = sum(behind.values())
            metrics.tell_lags(behind)
            await asyncio.sleep(1.0)


def build_classifier(settings: ScorerSettings) -> Classifier:
    """The classifier behind the port. Raises Fatal when its files are not what they should be."""
    gate = Gate(
        share=settings.tier2_share,
        runs=settings.tier2_runs,
        threads=settings.tier2_threads,
        remembered=settings.remembered,
    )
    return classifier_of(settings.classifier, settings.model_folder, settings.lexicon_file, gate)


def build_offline_classifier(settings: ScorerSettings) -> Classifier:
    """The same for files: both tiers read every text, however many there are, so nothing is degraded. Raises Fatal."""
    gate = Gate(threads=settings.tier2_threads, remembered=settings.remembered, explain=False)
    return classifier_of(settings.classifier, settings.model_folder, settings.lexicon_file, gate)


def _built(hub: HubSettings, health: Health, log: structlog.stdlib.BoundLogger) -> tuple[Scorer, int]:
    kafka, settings = KafkaSettings(), ScorerSettings()
    logs.settings_in_force(log, hub.masked(), kafka.masked(), settings.masked())
    clock = SystemClock()
    scoring = Scoring(build_classifier(settings), load_policy(settings.policy_file), clock, log)
    metrics.model_info.labels(scoring.digests.model, scoring.digests.policy).set(1)
    return Scorer(settings, kafka, health, scoring, clock, log), settings.probes_port


def main() -> int:
    """Run the scorer in this process; returns the exit code."""
    return lifecycle.run(STAGE, _built)
