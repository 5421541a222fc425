"""A ranked fact comes in; what context needs to remember of it goes out: keys to be found by, and evidence to be weighed with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import xxhash

from schemas.content import ContentNormalised
from schemas.scoring import ContentRanked
from schemas.vocabulary import Band, Exemption, ThreatLevel
from services.referrer.groups import Groups
from services.referrer.policy import DAY, ContextPolicy
from services.referrer.sketch import bands, distance, pdq_bands, short_text, tells
from services.referrer.subjects import subjects

HOUR = DAY // 24
# Names and places are looked up by stretches of time, so that a name on everybody's lips costs no more than any other.
STRETCH = 3 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970: the same number in every database."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class Remembered(NamedTuple):
    """One piece of content as others see it from their context; times in microseconds."""

    key: str
    at: int
    seen: int
    risk: float
    platform: str
    authors: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    talk: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    similarity: str | None = None
    bands: tuple[int, ...] = ()
    short: str | None = None
    anchor: str = ""
    withdrawn: bool = False
    test: bool = False

    @property
    def choice(self) -> tuple[float, int, str]:
        """What is chosen first where there is too much: the highest content risk, then the latest, then by key."""
        return (self.risk, self.at, self.key)

    @property
    def moment(self) -> tuple[int, str]:
        """Place in time; the key parts what happened at the same moment."""
        return (self.at, self.key)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one piece of content shows by itself: the log-odds of its content risk, and what gates its context."""

    base: float
    types: float
    exemptions: tuple[tuple[str, float], ...]
    band: Band
    level: ThreatLevel
    imminence: float
    groups: tuple[str, ...] = ()
    rivals: bool = False


def remembered(ranked: ContentRanked, policy: ContextPolicy, groups: Groups) -> tuple[Remembered, Evidence]:
    """What to keep of an observation that shows the content; `seen` and `anchor` are settled with what is already known."""
    content, scored, bounds = ranked.content, ranked.scored, policy.bounds
    text = " ".join([text.normalised for text in content.texts])
    named = groups.named(text, content.event_time.date())
    found = (*subjects(content, bounds.subjects), *named)
    this = Remembered(
        key=content.content_key,
        at=micros(content.event_time),
        seen=micros(content.observed_at),
        risk=scored.content_risk,
        platform=content.platform,
        authors=tuple(key for key in (content.author_key, content.previous_author_key) if key is not None),
        pairs=tuple(sorted(content.pair_keys)[: bounds.pairs]),
        talk=_talk(content),
        subjects=tuple(dict.fromkeys(found)),
        media=tuple(_media(content, bounds.media)),
        similarity=content.similarity,
        bands=bands(text) if content.similarity else (),
        short=short_text(text),
        anchor=content.content_key,
        test=content.test,
    )
    return this, _evidence(ranked, named, groups)


def _evidence(ranked: ContentRanked, named: tuple[str, ...], groups: Groups) -> Evidence:
    scored, life = ranked.scored, ranked.threat_to_life
    return Evidence(
        base=sum(part.contribution for part in ranked.parts),
        types=max(scored.types.values(), default=0.0),
        exemptions=tuple(
            sorted((n.value, p) for n, p in scored.exemptions.items() if n is not Exemption.NONE and p > 0)
        ),
        band=scored.band,
        level=life.level,
        imminence=life.imminence,
        groups=named,
        rivals=groups.rivals(named),
    )


def _talk(content: ContentNormalised) -> tuple[str, ...]:
    """Content that this one hangs together with: its thread, what it answers, what it quotes, and itself for those to come."""
    keys = (content.content_key, content.thread_key, content.in_reply_to_key, content.quotes_key)
    return tuple(sorted({key for key in keys if key is not None}))


def _media(content: ContentNormalised, at_most: int) -> Iterator[str]:
    hashed = [medium for medium in content.media if medium.sha256 or medium.pdq]
    for medium in hashed[:at_most]:
        if medium.sha256:
            yield f"sha256:{medium.sha256}"
        if medium.pdq and tells(medium.pdq):
            yield f"pdq:{medium.pdq}"


def same_media(one: Remembered, other: Remembered, pdq_bits: int) -> bool:
    """Whether both show the same picture or clip: equal SHA-256, or PDQ hashes that lie near and share a band."""
    if not one.media or not other.media:
        return False
    if not set(one.media).isdisjoint(other.media):
        return True
    mine, theirs = ([name.removeprefix("pdq:") for name in r.media if name.startswith("pdq:")] for r in (one, other))
    return any(distance(a, b) <= pdq_bits and set(pdq_bands(a)) & set(pdq_bands(b)) for a in mine for b in theirs)


def copy_of(one: Remembered, other: Remembered, policy: ContextPolicy) -> bool:
    """Whether two pieces of content say the same, near enough to stand in one case. Symmetric, and no chain.

    Long texts decide by their hashes; a picture under other words is other content. Short texts are common, so where
    there is a picture or clip, that decides.
    """
    near = policy.copies
    if one.test is not other.test or abs(one.seen - other.seen) > near.length:
        return False
    if one.similarity is not None and other.similarity is not None:
        if distance(one.similarity, other.similarity) > near.bits:
            return False
        return any(a == b for a, b in zip(one.bands, other.bands, strict=True))
    if one.similarity is not None or other.similarity is not None:
        return False
    if one.media or other.media:
        return same_media(one, other, near.pdq_bits)
    return one.short is not None and one.short == other.short


def link(kind: str, key: str, test: bool) -> int:
    """A number to look a relation up by, 64 bits and signed as databases want it; the full keys are compared afterwards."""
    number = xxhash.xxh3_64_intdigest(f"{'test' if test else 'live'}|{kind}|{key}".encode())
    return number - 2**63


def context_links(this: Remembered) -> tuple[int, ...]:
    """Where others find this content as their context."""
    kinds = [("a", this.authors), ("p", this.pairs), ("t", this.talk), ("m", media_names(this)), ("c", (this.anchor,))]
    here = [(kind, key) for kind, keys in kinds for key in keys]
    here += [("s", f"{this.at // STRETCH}:{name}") for name in this.subjects]
    return tuple(sorted({link(kind, key, this.test) for kind, key in here}))


def copy_links(this: Remembered) -> tuple[str, ...]:
    """Names under which content stands that may be a copy of this one."""
    if this.bands:
        # Of very many anchors on a band not all are looked at; exact copies find one another all the same.
        same = f"same:{this.similarity}:{':'.join(map(str, this.bands))}"
        return (*(f"text:{number}:{band}" for number, band in enumerate(this.bands)), same)
    if this.media:
        return media_names(this)
    return (f"short:{this.short}",) if this.short else ()


def media_names(this: Remembered) -> tuple[str, ...]:
    """Hashes, and for image hashes the bands that near ones share."""
    names = [name for name in this.media if not name.startswith("pdq:")]
    for name in this.media:
        if name.startswith("pdq:"):
            names += [f"pdq:{band}" for band in pdq_bands(name.removeprefix("pdq:"))]
    return tuple(names)
