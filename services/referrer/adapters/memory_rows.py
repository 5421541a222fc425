"""Remembered content comes in, columns go out, and back; what only context reads lies in them as JSON."""

from collections.abc import Sequence
from typing import Any

import orjson

from schemas.scoring import Contribution
from schemas.vocabulary import Band, ThreatLevel
from services.referrer.context import ORDER, Weighed
from services.referrer.memory_ports import Kept
from services.referrer.remembered import Evidence, Remembered

COLUMNS = (
    "content_key", "observation_id", "at", "seen", "content_risk", "withdrawn", "anchor", "risk", "band",
    "traits", "evidence", "context",
)  # fmt: skip
ENTRY = ("content_key", "at", "seen", "content_risk", "withdrawn", "anchor", "traits")


def row_of(kept: Kept) -> dict[str, Any]:
    """The columns of one remembered content."""
    this, weighed = kept.this, kept.weighed
    parts = [[part.name, part.value, part.contribution] for part in weighed.parts]
    return {
        "content_key": this.key,
        "observation_id": kept.observation_id,
        "at": this.at,
        "seen": this.seen,
        "content_risk": this.risk,
        "withdrawn": this.withdrawn,
        "anchor": this.anchor,
        "traits": _text(
            [
                this.platform, this.authors, this.pairs, this.talk, this.subjects, this.media, this.similarity,
                this.bands, this.short, this.test,
            ]
        ),
        "evidence": _evidence(kept.evidence),
        "risk": weighed.risk,
        "band": ORDER.index(weighed.band),
        "context": _text([parts, weighed.reasons]) if parts or weighed.reasons else "",
    }  # fmt: skip


def entry_of(row: Sequence[Any]) -> Remembered:
    """An entry of the columns ENTRY."""
    key, at, seen, risk, withdrawn, anchor, traits = row
    platform, authors, pairs, talk, subjects, media, similarity, bands, short, test = orjson.loads(traits)
    return Remembered(
        key, at, seen, risk, platform, tuple(authors), tuple(pairs), tuple(talk), tuple(subjects), tuple(media),
        similarity, tuple(bands), short, anchor, bool(withdrawn), test,
    )  # fmt: skip


def kept_of(row: Sequence[Any]) -> Kept:
    """A remembered content of the columns COLUMNS."""
    key, observation_id, at, seen, content_risk, withdrawn, anchor, risk, band, traits, evidence, context = row
    parts, reasons = orjson.loads(context) if context else ((), ())
    return Kept(
        this=entry_of((key, at, seen, content_risk, withdrawn, anchor, traits)),
        evidence=_evidence_of(evidence),
        observation_id=observation_id,
        weighed=Weighed(risk, ORDER[band], tuple(_part(part) for part in parts), tuple(reasons)),
    )


def _part(values: Sequence[Any]) -> Contribution:
    name, value, contribution = values
    return Contribution(name=name, value=value, contribution=contribution)


def _evidence(evidence: Evidence) -> str:
    return _text(
        [
            evidence.base, evidence.types, evidence.exemptions, evidence.band.value, evidence.level.value,
            evidence.imminence, evidence.groups, evidence.rivals,
        ]
    )  # fmt: skip


def _evidence_of(text: str) -> Evidence:
    base, types, exemptions, band, level, imminence, groups, rivals = orjson.loads(text)
    return Evidence(
        base=base,
        types=types,
        exemptions=tuple((name, p) for name, p in exemptions),
        band=Band(band),
        level=ThreatLevel(level),
        imminence=imminence,
        groups=tuple(groups),
        rivals=rivals,
    )


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
