"""The demo's invented evening, scored and ranked in this process by the services' own steps, as the desk gets it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import structlog

from deploy.demo.script import events
from schemas.scoring import ContentRanked
from schemas.topics import NORMALISED, RANKED, RECEIVED, SCORED
from services.ingest.handlers import Normalising
from services.ingest.identity import Pseudonyms, Secret
from services.runtime.codec import decode
from services.runtime.envelope import Incoming, Outgoing, Source
from services.scorer.app import build_offline_classifier
from services.scorer.handlers import Scoring
from services.scorer.policy import load_policy
from services.scorer.settings import ScorerSettings
from tests.fakes import StillClock

SECRET = Secret("k1", b"a-secret-of-tests-with-32-characters")


def ranked_evening(now: datetime) -> list[ContentRanked]:
    """What the scorer says of the evening that ends now, in the order in which it was seen."""
    return ranked_of([event | {"collector": "demo"} for event in events(now)], now)


def ranked_of(received: Sequence[dict[str, Any]], now: datetime) -> list[ContentRanked]:
    """What ingest and scorer make of content events."""
    log, clock = structlog.get_logger(), StillClock(now)
    settings = ScorerSettings()
    normalising = Normalising(Pseudonyms(SECRET), set(), clock, log)
    scoring = Scoring(build_offline_classifier(settings), load_policy(settings.policy_file), clock, log)
    taken = [Incoming(Source(RECEIVED.name, 0, n), b"key", orjson.dumps(event)) for n, event in enumerate(received)]
    normalised = _outputs(normalising(taken), NORMALISED.name)
    scored = [Incoming(Source(NORMALISED.name, 0, n), out.key, out.value) for n, out in enumerate(normalised)]
    return [decode(ContentRanked, out.value) for out in _outputs(scoring(scored), RANKED.name)]


def _outputs(endings: Sequence[Any], topic: str) -> list[Outgoing]:
    found: list[Outgoing] = [output for ending in endings for output in ending.outputs]
    assert {output.topic for output in found} <= {topic, SCORED.name}, "nothing of the evening is set aside"
    return [output for output in found if output.topic == topic]
