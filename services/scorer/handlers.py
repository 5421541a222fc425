"""A batch of normalised records comes in; for each, exactly one ending goes out: published, or set aside with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from schemas.base import Fact
from schemas.content import ContentNormalised
from schemas.reasons import Reason
from schemas.scoring import ContentScored, Digests
from schemas.topics import MAX_MESSAGE_BYTES, RANKED, SCORED, Topic
from services.runtime.clock import Clock
from services.runtime.codec import decode, encode
from services.runtime.dead_letters import dead_letter
from services.runtime.envelope import Incoming, Outgoing, envelope
from services.runtime.errors import HubError, Rejected
from services.scorer.content_risk import content_risk
from services.scorer.facts import heard, ranked_fact, scored_fact, speaks
from services.scorer.policy import Policy
from services.scorer.ports import SILENT, Classifier, Content, Score

STAGE = "scorer"
# The rest of the broker's limit is for key, headers and framing.
MAX_VALUE_BYTES = MAX_MESSAGE_BYTES - 16_384


class Outcome(StrEnum):
    """How a record ended in this stage."""

    SCORED = "scored"
    RANKED = "ranked"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of one record: its outcome, and the records that must be acknowledged before its offset may move."""

    source: Incoming
    outcome: Outcome
    outputs: tuple[Outgoing, ...]
    scored: ContentScored | None = None


class Scoring:
    """Scores batches. Blocking and free of I/O: run it in a thread. One Ending per record, in order."""

    def __init__(self, classifier: Classifier, policy: Policy, clock: Clock, log: structlog.stdlib.BoundLogger) -> None:
        self._classifier = classifier
        self._policy = policy
        self._clock = clock
        self._log = log
        identity = classifier.digests
        self.digests = Digests(
            model=identity.model, lexicon=identity.lexicon, calibration=identity.calibration, policy=policy.digest
        )

    def __call__(self, records: Sequence[Incoming]) -> list[Ending]:
        """Give every record its ending. Raises Retryable or Fatal for faults that are not the records'."""
        results = zip(records, self._results(records), strict=True)
        return [self._set_aside(record, found) if isinstance(found, Rejected) else found for record, found in results]

    def again(self, record: Incoming, *, ranked: bool) -> Ending | None:
        """The ending of a record that had a degraded one: alone, so that the gate is wide. None where it can be no better.

        Whoever was told of the first (`ranked`) is told of this one, too, also where it lies below the context floor. Raises as above.
        """
        (found,) = self._results([record], told=ranked)
        return None if isinstance(found, Rejected) or found.scored is None or found.scored.degraded else found

    def _results(self, records: Sequence[Incoming], *, told: bool = False) -> list[Ending | Rejected]:
        read = [_read(record) for record in records]
        scores = iter(self._score([found for found in read if isinstance(found, ContentNormalised) and speaks(found)]))
        results: list[Ending | Rejected] = []
        for record, found in zip(records, read, strict=True):
            if isinstance(found, Rejected):
                results.append(found)
                continue
            results.append(self._weigh(record, found, next(scores) if speaks(found) else SILENT, told=told))
        return results

    def _score(self, contents: Sequence[ContentNormalised]) -> Sequence[Score | Rejected]:
        try:
            return self._classifier.score([Content(content.texts) for content in contents])
        except HubError:
            raise
        except Exception as why:  # noqa: BLE001  one content that breaks the model must not hold up all others
            self._log.error("batch_failed", error=type(why).__name__, records=len(contents))
            return [self._score_alone(content) for content in contents]

    def _score_alone(self, content: ContentNormalised) -> Score | Rejected:
        try:
            return self._classifier.score([Content(content.texts)])[0]
        except HubError:
            raise
        except Exception as why:  # noqa: BLE001  set aside for the developers with its type, and go on
            return Rejected(Reason.UNPROCESSABLE, f"the classifier raised {type(why).__name__}")

    def _weigh(
        self, record: Incoming, content: ContentNormalised, score: Score | Rejected, *, told: bool
    ) -> Ending | Rejected:
        if isinstance(score, Rejected):
            return score
        try:
            return self._publish(record, content, score, told=told)
        except Exception as why:  # noqa: BLE001  as above: it would be read again, and stop the scorer again, for ever
            self._log.error("weighing_failed", error=type(why).__name__)
            return Rejected(Reason.UNPROCESSABLE, f"the policy raised {type(why).__name__}")

    def _publish(self, record: Incoming, content: ContentNormalised, score: Score, *, told: bool) -> Ending | Rejected:
        weighed = content_risk(content, score, self._policy)
        scored = scored_fact(content, score, weighed, self.digests, self._clock.now())
        first = _output(SCORED, content, scored, record)
        if not told and not heard(content, weighed, self._policy.floors.context):
            return Ending(record, Outcome.SCORED, (first,), scored)
        second = _output(RANKED, content, ranked_fact(content, scored, weighed), record)
        if len(second.value or b"") > MAX_VALUE_BYTES:
            return Rejected(Reason.OUTPUT_TOO_LARGE)
        return Ending(record, Outcome.RANKED, (first, second), scored)

    def _set_aside(self, record: Incoming, why: Rejected) -> Ending:
        return Ending(record, Outcome.DEAD_LETTERED, (dead_letter(record, why, STAGE, self._clock.now()),))


def _read(record: Incoming) -> ContentNormalised | Rejected:
    try:
        return decode(ContentNormalised, record.value)
    except Rejected as why:
        return why


def _output(topic: Topic, content: ContentNormalised, fact: Fact, record: Incoming) -> Outgoing:
    headers = envelope(topic, id=content.observation_id, stage=STAGE, time=content.observed_at, parent=record)
    return Outgoing(topic.name, content.content_key.encode(), encode(fact), headers)
