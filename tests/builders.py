"""Builders of valid cases: a test names only what matters to it."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from schemas.content import ContentNormalised, ContentReceived, NormalisedText
from schemas.scoring import ContentRanked, ContentScored, Contribution, Digests, GangRelated, ThreatToLife
from schemas.vocabulary import Band, Change, ContentStatus, Exemption, Kind, Overtness, TextRole, ThreatLevel, Tier
from services.runtime.codec import encode
from services.runtime.envelope import Incoming, Source
from services.runtime.text import normalise
from services.scorer.ports import Score

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def key_of(*words: str) -> str:
    """A stable hex key for a name."""
    return hashlib.sha256("/".join(words).encode()).hexdigest()[:32]


def received_value(**changes: Any) -> dict[str, Any]:
    """A ContentReceived as a collector sends it."""
    value: dict[str, Any] = {
        "schema_version": "1",
        "event_id": "e-1",
        "collector": "desk",
        "platform": "bluesky",
        "content_id": "p-1",
        "url": "https://bsky.app/profile/a/post/p-1",
        "kind": "post",
        "author": {"id": "did:plc:a", "handle": "a.example"},
        "texts": [{"role": "body", "text": "hello there"}],
        "published_at": "2026-06-01T11:59:00Z",
        "observed_at": "2026-06-01T12:00:00Z",
    }
    return {name: member for name, member in (value | changes).items() if member is not None}


def received(**changes: Any) -> ContentReceived:
    """A valid ContentReceived."""
    return ContentReceived.model_validate(received_value(**changes))


def a_text(original: str, role: TextRole = TextRole.BODY) -> NormalisedText:
    """A text as ingest normalises it."""
    done = normalise(original)
    return NormalisedText(role=role, original=original, normalised=done.text, offsets=done.runs, flags=done.flags)


def normalised(text: str = "hello there", **changes: Any) -> ContentNormalised:
    """A valid ContentNormalised; `content_id` names the content, so equal ids are the same content."""
    content_id = str(changes.get("content_id", "p-1"))
    gone = changes.get("change") is Change.DELETED
    values: dict[str, Any] = {
        "event_id": "e-1",
        "collector": "desk",
        "platform": "bluesky",
        "content_id": content_id,
        "url": f"https://bsky.app/profile/a/post/{content_id}",
        "kind": Kind.POST,
        "change": Change.CREATED,
        "content_key": key_of("bluesky", content_id),
        "content_version": key_of("bluesky", content_id, text),
        "observation_id": key_of(
            "bluesky", content_id, text, str(changes.get("change")), str(changes.get("observed_at"))
        ),
        "event_time": NOON,
        "author_key": "k1:" + key_of("author"),
        "texts": () if gone else (a_text(text),),
        "published_at": NOON,
        "observed_at": NOON,
    }
    return ContentNormalised.model_validate(values | changes)


def a_score(p: float = 0.5, **changes: Any) -> Score:
    """A Score with that probability of violence."""
    values: dict[str, Any] = {
        "p_violence": p,
        "types": {},
        "exemptions": {Exemption.NONE: 1.0},
        "calibrated": True,
        "overtness": Overtness.NONE,
        "gang_related": GangRelated(p=0.0),
        "language": "en",
        "confidence": 1.0,
        "tier": Tier.LINEAR,
        "degraded": False,
        "signals": (),
    }
    return Score(**(values | changes))


def scored(content: ContentNormalised, risk: float = 0.7, band: Band = Band.P3, **changes: Any) -> ContentScored:
    """A ContentScored of that content."""
    values: dict[str, Any] = {
        "content_key": content.content_key,
        "content_version": content.content_version,
        "observation_id": content.observation_id,
        "platform": content.platform,
        "instance": content.instance,
        "kind": content.kind,
        "event_time": content.event_time,
        "scored_at": NOON,
        "p_violence": risk,
        "types": {},
        "exemptions": {Exemption.NONE: 1.0},
        "calibrated": True,
        "overtness": Overtness.OVERT,
        "gang_related": GangRelated(p=0.0),
        "language": "en",
        "confidence": 1.0,
        "tier": Tier.LINEAR,
        "digests": Digests(model="m", lexicon="l", calibration="c", policy="p"),
        "content_risk": risk,
        "band": band,
        "test": content.test,
    }
    return ContentScored.model_validate(values | changes)


STATUS = dict(
    zip(Change, (ContentStatus.NEW, ContentStatus.EDITED, ContentStatus.DELETED, ContentStatus.RECOUNTED), strict=True)
)


def ranked(
    content: ContentNormalised | None = None, risk: float = 0.7, band: Band = Band.P3, **changes: Any
) -> ContentRanked:
    """A ContentRanked of that content."""
    content = content or normalised()
    values: dict[str, Any] = {
        "content": content,
        "scored": scored(content, risk, band),
        "parts": (Contribution(name="base", value=1.0, contribution=0.85),),
        "reasons": ("It reads as violence.",),
        "threat_to_life": ThreatToLife(intent=0, capability=0, specificity=0, imminence=0, level=ThreatLevel.NONE),
        "status": STATUS[content.change],
    }
    return ContentRanked.model_validate(values | changes)


def record(
    value: Any, topic: str, offset: int = 0, partition: int = 0, headers: tuple[tuple[str, bytes], ...] = ()
) -> Incoming:
    """A record as a stage gets it; `value` is a fact or bytes."""
    raw = value if isinstance(value, bytes) or value is None else encode(value)
    return Incoming(Source(topic, partition, offset), b"key", raw, headers, int(NOON.timestamp() * 1000))
