"""The one table of topics: it creates them, documents them, and names them for every service and test."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.base import Fact
from schemas.content import ContentNormalised, ContentReceived
from schemas.outcome import TakedownOutcome
from schemas.ranking import RankingBoard
from schemas.referral import ReferralState, TakedownRequested
from schemas.review import ReviewDecided, ReviewRequested
from schemas.scoring import ContentRanked, ContentScored
from schemas.vocabulary import Environment

DAY_MS = 86_400_000
MAX_MESSAGE_BYTES = 1_048_576
# A dead letter is the largest record there can be with its reason added, so its topic and the producers allow more.
MAX_DEAD_LETTER_BYTES = 2 * MAX_MESSAGE_BYTES
DLQ_SUFFIX = ".dlq"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its key, its fact (None for dead letters: bytes as they came), who writes it, how long it stays."""

    name: str
    key: str
    fact: type[Fact] | None
    writer: str
    summary: str
    retention_days: int
    compacted: bool = False

    @property
    def dlq(self) -> str:
        """Name of the dead-letter topic beside this one."""
        return self.name + DLQ_SUFFIX

    def config(self, shape: "Shape") -> dict[str, str]:
        """Topic settings as Kafka takes them."""
        config = {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "min.insync.replicas": str(shape.min_insync_replicas),
            "max.message.bytes": str(MAX_MESSAGE_BYTES if self.fact else MAX_DEAD_LETTER_BYTES),
            # Retention goes by it: a record that a collector dates back by a week would be removed before anybody read it.
            "message.timestamp.type": "LogAppendTime",
        }
        if not self.compacted:
            config["retention.ms"] = str(self.retention_days * DAY_MS)
        return config


@dataclass(frozen=True, slots=True)
class Shape:
    """How topics are laid out in one environment."""

    partitions: int
    replication_factor: int
    min_insync_replicas: int


SHAPES: Mapping[Environment, Shape] = MappingProxyType(
    {
        Environment.LOCAL: Shape(partitions=4, replication_factor=1, min_insync_replicas=1),
        Environment.COMPOSE: Shape(partitions=6, replication_factor=1, min_insync_replicas=1),
        Environment.PRODUCTION: Shape(partitions=12, replication_factor=3, min_insync_replicas=2),
    }
)

RECEIVED = Topic(
    "content.received.v1", "content key (door), content id (collectors)", ContentReceived, "collectors, ingest door",
    "Observations of public content as collectors publish them.", 7,
)  # fmt: skip
NORMALISED = Topic(
    "content.normalised.v1", "content key", ContentNormalised, "ingest",
    "The same observations validated, pseudonymised and with obfuscation undone.", 7,
)  # fmt: skip
SCORED = Topic(
    "content.scored.v1", "content key", ContentScored, "scorer",
    "Score and content risk of every observation; no text, no author.", 30,
)  # fmt: skip
RANKED = Topic(
    "content.ranked.v1", "content key", ContentRanked, "scorer",
    "What the desk must hear of: content at or above the context floor, and every edit and deletion.", 30,
)  # fmt: skip
BOARD = Topic(
    "ranking.board.v1", "window + scope", RankingBoard, "referrer",
    "The current top K by risk per window and scope.", 30, compacted=True,
)  # fmt: skip
REVIEW_REQUESTED = Topic(
    "review.requested.v1", "case id", ReviewRequested, "referrer", "A case waits for a person.", 90
)  # fmt: skip
REVIEW_DECIDED = Topic(
    "review.decided.v1", "case id", ReviewDecided, "referrer", "A person decided a case.", 90
)  # fmt: skip
TAKEDOWN_REQUESTED = Topic(
    "takedown.requested.v1", "root referral id", TakedownRequested, "referrer",
    "Takedown requests, withdrawals and corrections, as they leave.", 400,
)  # fmt: skip
TAKEDOWN_OUTCOME = Topic(
    "takedown.outcome.v1", "root referral id", TakedownOutcome, "platforms' connectors",
    "What platforms, or later checks, say became of requests.", 400,
)  # fmt: skip
REFERRAL_STATE = Topic(
    "referral.state.v1", "root referral id", ReferralState, "referrer",
    "Where each referral stands now.", 400, compacted=True,
)  # fmt: skip

FACTS: tuple[Topic, ...] = (
    RECEIVED, NORMALISED, SCORED, RANKED, BOARD, REVIEW_REQUESTED, REVIEW_DECIDED,
    TAKEDOWN_REQUESTED, TAKEDOWN_OUTCOME, REFERRAL_STATE,
)  # fmt: skip
CONSUMED: tuple[Topic, ...] = (RECEIVED, NORMALISED, RANKED, TAKEDOWN_OUTCOME)


def _dead_letters(source: Topic) -> Topic:
    return Topic(
        source.dlq,
        "as the source",
        None,
        "the stage that refused it",
        f"What {source.name} held and no stage could use.",
        30,
    )


DEAD_LETTERS: tuple[Topic, ...] = tuple(_dead_letters(topic) for topic in CONSUMED)
TOPICS: Mapping[str, Topic] = MappingProxyType({topic.name: topic for topic in (*FACTS, *DEAD_LETTERS)})
