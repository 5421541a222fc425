"""One ranked content comes in; what a notice may say of it, capped and without names, goes out. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from schemas.content import ContentNormalised, NormalisedText
from schemas.referral_parts import ContentHash, GangRelation
from schemas.referral_vocabulary import Category, ContentType, HashAlgorithm
from schemas.scoring import ContentRanked, Signal
from schemas.vocabulary import Exemption, MediaType, Overtness, SignalKind, ViolenceType
from services.referrer.profile_rules import HANDLE

TYPE_FLOOR = 0.5
EXEMPTION_FLOOR = 0.1
EXCERPT_LIMIT = 500
TERM_LIMIT = 80
SPAN_LIMIT = 50
EVIDENCE_LIMIT = 10
# What stays of a mention is that somebody was named.
HANDLE_MASK = "@…"

CATEGORIES: tuple[tuple[Category, frozenset[ViolenceType]], ...] = (
    (Category.RISK_FOR_PUBLIC_SECURITY, frozenset({ViolenceType.ATTACK_PLANNING, ViolenceType.WEAPONS_SALE})),
    (
        Category.VIOLENCE,
        frozenset(ViolenceType) - {ViolenceType.ATTACK_PLANNING, ViolenceType.WEAPONS_SALE, ViolenceType.TAUNT},
    ),
    (Category.CYBER_VIOLENCE, frozenset({ViolenceType.TAUNT})),
)
INCITES = frozenset({ViolenceType.INCITEMENT, ViolenceType.RETALIATION_CALL, ViolenceType.RECRUITMENT})
PLANS_TOGETHER = frozenset({ViolenceType.ATTACK_PLANNING, ViolenceType.RETALIATION_CALL, ViolenceType.RECRUITMENT})
CONTENT_TYPES = {
    MediaType.IMAGE: ContentType.IMAGE,
    MediaType.VIDEO: ContentType.VIDEO,
    MediaType.AUDIO: ContentType.AUDIO,
    MediaType.OTHER: ContentType.OTHER,
}


def content_id_of(content: ContentNormalised, url: str) -> str | None:
    """The platform's id of the content, as far as the address itself shows it.

    Some platforms put the author's id into the id of the content (at://did:plc:…/…/…), and no author id may leave that the
    exact address does not contain anyway.
    """
    whole, last = content.content_id, content.content_id.rstrip("/").rsplit("/", 1)[-1]
    return next((part for part in (whole, last) if part and part in url), None)


def content_types(content: ContentNormalised) -> tuple[ContentType, ...]:
    """What the content consists of, each once."""
    found = [ContentType.TEXT] if content.texts else []
    return tuple(dict.fromkeys([*found, *(CONTENT_TYPES[medium.type] for medium in content.media)]))


def hashes(content: ContentNormalised) -> tuple[ContentHash, ...]:
    """SHA-256 of the texts as posted, one line each, and every hash of the media that a collector computed."""
    found: list[ContentHash] = []
    if content.texts:
        said = "\n".join(text.original for text in content.texts)
        digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        found.append(ContentHash(algo=HashAlgorithm.SHA256, value=digest))
    for medium in content.media:
        for algo in (HashAlgorithm.SHA256, HashAlgorithm.PDQ, HashAlgorithm.TLSH):
            value = getattr(medium, algo.value)
            if value is not None:
                found.append(ContentHash(algo=algo, value=value))
    return tuple(dict.fromkeys(found))


def excerpt(content: ContentNormalised, signals: Iterable[Signal], limit: int) -> str:
    """At most `limit` characters around the weightiest span (else from the start), mentions masked, cuts marked."""
    if not content.texts or limit < 1:
        return ""
    placed = [s for s in signals if s.text is not None and s.text < len(content.texts) and s.start is not None]
    best = min(placed, key=_says_less, default=None)
    text = content.texts[best.text if best is not None and best.text is not None else 0].original
    before = text[: best.start] if best is not None and best.start is not None else ""
    # Names are longer than what stands for them: the span lies where it lies in the masked text.
    return _cut(mask_handles(text), len(mask_handles(before)), limit)


def _cut(text: str, middle: int, limit: int) -> str:
    if len(text) <= limit:
        return text
    start = max(0, min(middle - limit // 3, len(text) - limit))
    part = text[start : start + limit]
    # The marks of a cut count as characters of the excerpt.
    head, tail = "…" if start > 0 else "", "…" if start + limit < len(text) else ""
    return (head + part[len(head) : len(part) - len(tail)] + tail)[:limit]


def mask_handles(text: str) -> str:
    """The text without the names that mentions carry."""
    return HANDLE.sub(HANDLE_MASK, text)


def spans(
    content: ContentNormalised, signals: Iterable[Signal], lexicon: str, limit: int
) -> tuple[dict[str, Any], ...]:
    """Spans of the original texts that carried the score: the weightiest, in reading order.

    The term of a coded signal comes from the lexicon. All other terms are words of the content: they are cut, and together they
    hold at most `limit` characters, because nothing but a capped excerpt of the content may leave.
    """
    placed = [s for s in signals if s.text is not None and s.start is not None and s.end is not None]
    found: list[tuple[Signal, str]] = []
    for signal in sorted(placed, key=_says_less)[:SPAN_LIMIT]:
        term = mask_handles(signal.term or _slice(content.texts, signal))[:TERM_LIMIT]
        cost = 0 if signal.kind is SignalKind.CODED_TERM else len(term)
        if term and cost <= limit:
            limit -= cost
            found.append((signal, term))
    found.sort(key=lambda each: (each[0].text, each[0].start, each[0].end))
    return tuple(
        {
            "start": signal.start,
            "end": signal.end,
            "term": term,
            "gloss": signal.gloss,
            "lexicon_version": lexicon,
            "role": signal.role,
        }
        for signal, term in found
    )


def _says_less(signal: Signal) -> tuple[bool, float]:
    """Words before the stretch that holds them, whose weight is of another measure; the weightiest first."""
    return signal.kind is SignalKind.STRONGEST_WINDOW, -signal.weight


def _slice(texts: Sequence[NormalisedText], signal: Signal) -> str:
    if signal.text is None or signal.text >= len(texts):
        return ""
    return texts[signal.text].original[signal.start : signal.end]


def gang_relation(ranked: ContentRanked) -> GangRelation:
    """Whether the text speaks of a conflict of street groups, with the words that say so."""
    scored = ranked.scored.gang_related
    evidence = tuple(mask_handles(signal)[:TERM_LIMIT] for signal in scored.signals[:EVIDENCE_LIMIT])
    return GangRelation(related=scored.p >= TYPE_FLOOR, evidence=evidence)


def scored_types(ranked: ContentRanked) -> tuple[ViolenceType, ...]:
    """Violence types that scored at least one half, else the highest one; in the order of the list."""
    types = ranked.scored.types
    found = tuple(each for each in ViolenceType if types.get(each, 0.0) >= TYPE_FLOOR)
    return found or ((max(types, key=lambda each: types[each]),) if types else ())


def overtness(ranked: ContentRanked) -> Overtness:
    """As scored; where the scorer would not say, covert if coded terms carry the score, else overt."""
    if ranked.scored.overtness is not Overtness.NONE:
        return ranked.scored.overtness
    coded = any(signal.kind is SignalKind.CODED_TERM for signal in ranked.scored.signals)
    return Overtness.COVERT if coded else Overtness.OVERT


def scored_exemptions(ranked: ContentRanked) -> tuple[Exemption, ...]:
    """Exemptions that scored enough to be worth a thought; `none` where no other did."""
    found = tuple(
        each
        for each in Exemption
        if each is not Exemption.NONE and ranked.scored.exemptions.get(each, 0.0) >= EXEMPTION_FLOOR
    )
    return found or (Exemption.NONE,)


def category(types: Sequence[ViolenceType], minor_suspected: bool) -> Category:
    """The category of the statement of reasons that these types fall under, the gravest first."""
    for each, covered in CATEGORIES:
        if not covered.isdisjoint(types):
            return each
    return Category.PROTECTION_OF_MINORS if minor_suspected else Category.ILLEGAL_OR_HARMFUL_SPEECH


def keywords(types: Sequence[ViolenceType]) -> tuple[str, ...]:
    """Keywords of the statement of reasons that go with these types."""
    found = []
    if not PLANS_TOGETHER.isdisjoint(types):
        found.append("coordinated_harm")
    if not INCITES.isdisjoint(types):
        found.append("incitement_violence_hatred")
    return tuple(found)
