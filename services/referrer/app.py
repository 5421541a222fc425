"""The referrer's composition root: settings come in; a service that takes in, lets people decide, publishes and follows goes out."""

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

import stamina
import structlog

from schemas.topics import (
    BOARD,
    RANKED,
    REFERRAL_STATE,
    REVIEW_DECIDED,
    REVIEW_REQUESTED,
    TAKEDOWN_OUTCOME,
    TAKEDOWN_REQUESTED,
)
from schemas.vocabulary import Band
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.leader import LeaderLock, leader_lock
from services.referrer.adapters.migrate import require_newest, upgrade
from services.referrer.amending import Amending
from services.referrer.api import DeskApi
from services.referrer.board_keeper import BoardKeeper
from services.referrer.chores import LeaderChores
from services.referrer.console.pages import Console, UseCases
from services.referrer.console.site import beside
from services.referrer.deadlines import Deadlines
from services.referrer.deciding import Deciding
from services.referrer.desk import Desk
from services.referrer.directory import load_directory
from services.referrer.falling_due import DeadlineRules
from services.referrer.finding import Finding
from services.referrer.following import Following
from services.referrer.groups import load_groups
from services.referrer.handlers import STAGE, Ending, Handling
from services.referrer.leading import Leading
from services.referrer.notices import platform_names
from services.referrer.outbox import OutboxPublisher
from services.referrer.overview import Overview
from services.referrer.policy import load_policy
from services.referrer.practice import Practice
from services.referrer.recall import Recall
from services.referrer.records import Ended
from services.referrer.retaining import Retaining
from services.referrer.retention import load_retention
from services.referrer.reviewing import Reviewing
from services.referrer.rules_in_force import RulesInForce, digest_of
from services.referrer.sealing import Sealing, signer_of
from services.referrer.sessions import SignIn
from services.referrer.settings import ReferrerSettings
from services.runtime import lifecycle, logs, metrics
from services.runtime.clock import Clock, SystemClock
from services.runtime.dead_letters import Brake
from services.runtime.envelope import Incoming
from services.runtime.errors import Fatal, HubError, Retryable
from services.runtime.http_server import HttpServer
from services.runtime.kafka import Producer, require_topics
from services.runtime.kafka_worker import KafkaWorker
from services.runtime.probes import Health
from services.runtime.settings import HubSettings, KafkaSettings

NEEDED = (
    RANKED.name, RANKED.dlq, TAKEDOWN_OUTCOME.name, TAKEDOWN_OUTCOME.dlq, REVIEW_REQUESTED.name, REVIEW_DECIDED.name,
    TAKEDOWN_REQUESTED.name, REFERRAL_STATE.name, BOARD.name,
)  # fmt: skip
QUEUE_BANDS = tuple(band for band in Band if band is not Band.NONE)


class Referrer:
    """Intake, desk and outbox over one database. Everything is built here, and nothing opened before `start`."""

    def __init__(
        self, settings: ReferrerSettings, kafka: KafkaSettings, health: Health, database: SqlDatabase, clock: Clock,
        log: structlog.stdlib.BoundLogger,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._kafka = kafka
        self._health = health
        self._database = database
        self._clock = clock
        self._log = log
        self._brake = Brake()
        directory = load_directory()
        self._following = Following(database, clock, platform_names(directory))
        policy, groups = load_policy(settings.policy_file), load_groups(settings.groups_file)
        if due := groups.due(clock.now().date()):
            log.warning("groups_need_review", names=due)
        own = {
            "referrer.context_policy": policy.digest,
            "referrer.groups": groups.digest,
            "referrer.directory": directory.digest,
            "referrer.review_rules": digest_of(settings.rules()),
        }
        self._rules = RulesInForce(own, clock)
        recall = Recall(policy, groups)
        reviewing = Reviewing(recall, clock, uuid4)
        self._handling = Handling(database, self._following, reviewing, clock, log, self._rules)
        practice = Practice(database, settings.rules(), clock)
        self._desk = Desk(database, clock, settings.lease(), practice)
        deciding = Deciding(database, directory, settings.identity(), settings.rules(), clock, practice=practice)
        chores = LeaderChores(
            Deadlines(database, directory, DeadlineRules(), clock),
            Retaining(database, load_retention(settings.retention_file), clock),
            practice, log, pause=settings.chores_seconds,
        )  # fmt: skip
        amending = Amending(database, directory, settings.identity(), settings.rules(), clock)
        keeper = BoardKeeper(database, clock, settings.board_size)
        self._api = DeskApi(settings, self._desk, deciding, amending, self._following, keeper, log, self._wrote)
        finding, overview = Finding(database), Overview(database, directory, clock)
        signing_in = SignIn(database, clock, settings.session())
        use = UseCases(self._desk, deciding, amending, finding, overview, keeper, signing_in)
        self._console = Console(settings, use, directory, clock, log, self._wrote)
        signer = signer_of(settings)
        sealing = Sealing(database, signer, clock, log) if signer is not None else None
        self._leading = Leading(settings, database, clock, health, log, reviewing, chores, sealing, wrote=self._wrote)
        self._leader: LeaderLock | None = None
        self._producer: Producer | None = None
        self._outbox: OutboxPublisher | None = None
        self._worker: KafkaWorker | None = None
        self._server: HttpServer | None = None
        health.expect("database", "topics", "partitions", "door")

    async def start(self) -> None:
        """Bring the embedded database up to date, check a server's, connect, join the group, listen."""
        await asyncio.to_thread(self._prepare)
        self._health.set("database", True)
        await require_topics(self._kafka, NEEDED)
        self._health.set("topics", True)
        self._producer = Producer(self._kafka, "hub-referrer")
        await self._producer.start()
        settings = self._settings
        self._outbox = OutboxPublisher(
            self._database, self._producer, self._clock, self._log,
            batch=settings.outbox_batch, pause=settings.outbox_seconds, attempts=3,
        )  # fmt: skip
        self._worker = KafkaWorker(
            self._kafka, [RANKED.name, TAKEDOWN_OUTCOME.name], settings.group, self.process, self._health, self._log,
            batch=settings.batch, commit_seconds=settings.commit_seconds,
        )  # fmt: skip
        await self._worker.start()
        self._server = HttpServer(beside(self._api.app(), self._console.app()), settings.http_host, settings.http_port)
        self._server.start()
        self._health.set("door", True)

    def _prepare(self) -> None:
        if self._settings.database_file() is not None:
            self._log.info("database_ready", step=upgrade(self._database.engine))
        else:
            require_newest(self._database.engine)
        self._database.write(self._rules.note_own)
        self._leader = leader_lock(self._database.engine)

    async def run(self) -> None:
        """Work until cancelled. Raises Fatal on an infrastructure failure or a stall."""
        if self._worker is None or self._server is None:
            raise Fatal("the referrer was not started")
        await lifecycle.first_failure(
            self._worker.run(),
            self._server.failed(),
            self._lead(),
            self._sweep(),
            lifecycle.watch(self._health, STAGE),
        )

    async def stop(self) -> None:
        """Take no more requests, finish those at work, commit, let another one lead, flush. The first error is raised at the end."""
        self._api.accepting = False
        self._console.close()
        steps = [part.stop for part in (self._server, self._console, self._worker, self._producer) if part is not None]
        errors: list[HubError] = []
        for step in steps:
            try:
                await step()
            except HubError as why:
                errors.append(why)
        if self._leader is not None:
            await asyncio.to_thread(self._leader.release)
        await asyncio.to_thread(self._database.close)
        if errors:
            raise errors[0]

    async def process(self, records: Sequence[Incoming]) -> None:
        """One batch to its endings; returns when they are stored. Raises Fatal when the database stays away."""
        begun = time.monotonic()
        endings = await self._stored(records)
        for ending in endings:
            self._brake.note(ending.ended is Ended.DEAD_LETTERED)
        self._wrote()
        self._count(endings, time.monotonic() - begun)

    async def _stored(self, records: Sequence[Incoming]) -> list[Ending]:
        attempts = self._settings.database_attempts
        try:
            async for attempt in stamina.retry_context(on=Retryable, attempts=attempts, wait_initial=0.5, wait_max=8.0):
                with attempt:
                    try:
                        endings = await asyncio.to_thread(self._handling, records)
                    except Retryable:
                        self._health.set("database", False)
                        raise
                    self._health.set("database", True)
                    return endings
        except Retryable as why:
            raise Fatal(f"not stored after {attempts} attempts: {why}") from why
        raise Fatal("not stored")

    def _count(self, endings: Sequence[Ending], seconds: float) -> None:
        outcomes, sources = [ending.ended for ending in endings], [ending.source for ending in endings]
        metrics.count_batch(STAGE, outcomes, sources, seconds, self._clock.now())
        for ending in endings:
            if ending.followed is not None:
                self._following.count(ending.followed)

    def _wrote(self) -> None:
        if self._outbox is not None:
            self._outbox.call()

    async def _lead(self) -> None:
        if self._leader is None or self._outbox is None:
            raise Fatal("the referrer was not started")
        await self._leading.run(self._leader, self._outbox)

    async def _sweep(self) -> None:
        """Free leases that ran out and measure the queue, again and again."""
        while True:
            try:
                await asyncio.to_thread(self._desk.sweep)
                await asyncio.to_thread(self._measure)
            except Retryable as why:
                self._log.warning("database_unavailable", error=str(why))
            await asyncio.sleep(self._settings.sweep_seconds)

    def _measure(self) -> None:
        waiting = {each.band: each for each in self._database.read(lambda books: books.cases.waiting())}
        now = self._clock.now()
        for band in QUEUE_BANDS:
            found = waiting.get(band)
            metrics.queue_depth.labels(band.value).set(found.cases if found else 0)
            age = (now - found.oldest).total_seconds() if found else 0.0
            metrics.queue_oldest.labels(band.value).set(max(0.0, age))


def _built(hub: HubSettings, health: Health, log: structlog.stdlib.BoundLogger) -> tuple[Referrer, int]:
    kafka, settings = KafkaSettings(), ReferrerSettings()
    logs.settings_in_force(log, hub.masked(), kafka.masked(), settings.masked())
    database = SqlDatabase(settings.database_url.get_secret_value())
    return Referrer(settings, kafka, health, database, SystemClock(), log), settings.probes_port


def main() -> int:
    """Run the referrer in this process; returns the exit code."""
    return lifecycle.run(STAGE, _built)
