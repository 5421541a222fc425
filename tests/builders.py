"""Builders of valid cases: a test names only what matters to it."""

import hashlib
import math
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from schemas.content import ContentNormalised, ContentReceived, NormalisedText
from schemas.referral import TakedownRequested
from schemas.referral_parts import Issuer, LegalBasis, TermsBasis
from schemas.referral_vocabulary import Profile, RequestedAction, RequestKind
from schemas.review import ReasonCode
from schemas.scoring import ContentRanked, ContentScored, Contribution, Digests, GangRelated, ThreatToLife
from schemas.vocabulary import (
    Band,
    Change,
    ContentStatus,
    Exemption,
    Kind,
    Overtness,
    TextRole,
    ThreatLevel,
    Tier,
    ViolenceType,
)
from services.referrer.directory import Platform
from services.referrer.remembered import Remembered
from services.referrer.request_inputs import Approval, Desk, Location
from services.referrer.requests import Unfit, build_request
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


def normalised(text: str | None = None, **changes: Any) -> ContentNormalised:
    """A valid ContentNormalised; `content_id` names the content: equal ids are the same, others somebody else's words."""
    content_id = str(changes.get("content_id", "p-1"))
    text = text or ("hello there" if content_id == "p-1" else f"hello there {content_id}")
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
        "author_key": "k1:" + key_of("author", *([content_id] if content_id != "p-1" else [])),
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


def logit(risk: float) -> float:
    """Log-odds of a risk."""
    bounded = min(1 - 1e-9, max(1e-9, risk))
    return math.log(bounded / (1 - bounded))


def ranked(
    content: ContentNormalised | None = None, risk: float = 0.7, band: Band = Band.P3, **changes: Any
) -> ContentRanked:
    """A ContentRanked of that content."""
    content = content or normalised()
    values: dict[str, Any] = {
        "content": content,
        "scored": scored(content, risk, band),
        "parts": (Contribution(name="base", value=1.0, contribution=logit(risk)),),
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


DECISION, CASE = UUID("00000000-0000-4000-8000-00000000000d"), UUID("00000000-0000-4000-8000-00000000000c")
DESK = Desk(
    issuer=Issuer(
        authority="Example Constabulary",
        unit="Referral Desk",
        jurisdiction="GB",
        contact_name="Duty Officer",
        email="desk@police.example",
        phone="+44 20 7946 0000",
    ),
    author_route="Write to the desk's address; the answer comes within 28 days.",
)
IRISH_DESK = replace(DESK, issuer=DESK.issuer.model_copy(update={"jurisdiction": "IE"}))
TERMS = TermsBasis(provider="Example Social", rule="No threats", url="https://social.example/rules")


def an_entry(**values: Any) -> Remembered:
    """What is remembered of a content; what is not named has its default, where Hypothesis would make something up."""
    return Remembered(**values)


def a_platform(**changes: Any) -> Platform:
    """A platform of the directory that accepts every kind of notice."""
    values: dict[str, Any] = {
        "name": "bluesky",
        "provider": "Example Social",
        "contact_point": "notices@social.example",
        "channel": "email",
        "language": "en",
        "deadline_hours": 24,
        "notice_kinds": tuple(RequestKind),
        "requests_per_hour": 60,
        "redress": "Answer to the address of the issuer.",
        "source": "https://social.example/contact",
        "reviewed": date(2026, 5, 1),
        "review_by": date(2027, 5, 1),
    }
    return Platform.model_validate(values | changes)


def approval(profile: Profile = Profile.VOLUNTARY_REFERRAL, **changes: Any) -> Approval:
    """A decision under that profile, complete enough to leave."""
    kind, basis = {
        Profile.VOLUNTARY_REFERRAL: (RequestKind.REFERRAL, ()),
        Profile.DSA_ART16: (RequestKind.ART16_NOTICE, (("Public Order Act 1986", "s.4", "GB"),)),
        Profile.TCO_ANNEX1: (RequestKind.REMOVAL_ORDER, (("Regulation (EU) 2021/784", "Art. 3", "IE"),)),
        Profile.UK_CPA2026_S21: (RequestKind.CONTENT_REMOVAL_NOTICE, (("Crime and Policing Act 2026", "s.21", "GB"),)),
    }[profile]
    values: dict[str, Any] = {
        "decision_id": DECISION,
        "case_id": CASE,
        "reviewers": ("r-1",),
        "decided_at": NOON,
        "reason_code": ReasonCode.THREAT_OF_VIOLENCE,
        "profile": profile,
        "kind": kind,
        "requested_action": RequestedAction.REMOVED,
        "reasons": "It threatens a person with a knife at a named place.",
        "facts": "The post was seen at its address at noon.",
        "good_faith_accepted": True,
        "legal_basis": tuple(
            LegalBasis(statute=statute, provision=provision, jurisdiction=country)
            for statute, provision, country in basis
        ),
        "tos_basis": (TERMS,) if profile is Profile.VOLUNTARY_REFERRAL else (),
        "violence_types": (ViolenceType.DIRECT_THREAT, ViolenceType.INCITEMENT, ViolenceType.WEAPONS_DISPLAY),
        "necessity_note": "The threat stands as long as it can be seen.",
        "alternatives_rejected": (RequestedAction.LABELLED, RequestedAction.DEMOTED),
    }
    return Approval(**(values | changes))


def a_location(content: ContentNormalised | None = None, **changes: Any) -> Location:
    """One address with what stands there."""
    values: dict[str, Any] = {"ranked": ranked(content), "first_seen_at": NOON}
    return Location(**(values | changes))


def a_request(
    profile: Profile = Profile.VOLUNTARY_REFERRAL, content: ContentNormalised | None = None, **changes: Any
) -> TakedownRequested:
    """A takedown request as it leaves under that profile; `changes` are those of the approval."""
    # Only an authority of a Member State gives removal orders.
    desk = IRISH_DESK if profile is Profile.TCO_ANNEX1 else DESK
    built = build_request(approval(profile, **changes), a_location(content), a_platform(), desk, NOON)
    if isinstance(built, Unfit):
        raise AssertionError(built)
    return built
