"""A takedown request comes in; titled rows of plain text, in the order a person reads them, go out. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import RequestKind

TITLES = {
    RequestKind.REFERRAL: "Referral of content for review under the provider's own terms",
    RequestKind.ART16_NOTICE: "Notice under Article 16 of Regulation (EU) 2022/2065",
    RequestKind.TRUSTED_FLAGGER_NOTICE: "Trusted flagger notice under Articles 16 and 22 of Regulation (EU) 2022/2065",
    RequestKind.REMOVAL_ORDER: "Removal order under Article 3 of Regulation (EU) 2021/784",
    RequestKind.CONTENT_REMOVAL_NOTICE: "Content removal notice under section 21 of the Crime and Policing Act 2026",
    RequestKind.WITHDRAWAL: "Withdrawal of an earlier request",
    RequestKind.CORRECTION: "Correction of an earlier request",
}
# Controls but tab and line end, zero-width and direction marks, line and paragraph separators.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
NOTHING = "none: nothing is asked any more"
TEST_BANNER = "TEST: this is not a request to anybody. It concerns test content and asks for nothing."


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its rows of (name, text); a row without text is left out before."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A request as a document: its title, a banner on test requests, and its sections."""

    title: str
    banner: str | None
    sections: tuple[Section, ...]


def paper(request: TakedownRequested) -> Paper:
    """Every part of the request that a person at the platform reads."""
    sections = (
        _section("Request", _head(request)),
        _section("Content", _content(request)),
        _section("Why", _why(request)),
        _section("What is asked", _asked(request)),
        _section("How it was found and decided", _decided(request)),
        _section("Objections", _objections(request)),
    )
    return Paper(
        TITLES[request.kind], TEST_BANNER if request.test else None, tuple(each for each in sections if each.rows)
    )


def _section(title: str, rows: Iterable[tuple[str, str | None]]) -> Section:
    return Section(title, tuple((name, visible(text)) for name, text in rows if text))


def visible(text: str) -> str:
    """The text with what would rearrange or hide the rest of a page made visible: control and direction characters."""
    return HIDDEN.sub("\ufffd", text)


def _head(request: TakedownRequested) -> list[tuple[str, str | None]]:
    issuer, relates = request.issuer, request.relates_to
    return [
        ("Reference", str(request.referral_id)),
        ("First reference of this chain", str(request.root_referral_id)),
        ("Takes back", _text(relates.withdraws)),
        ("Stands in place of", _text(relates.supersedes)),
        ("Re-upload of", _text(relates.reupload_of)),
        ("Issued", when(request.issued_at)),
        ("Due", when(request.due_at)),
        ("Issued by", f"{issuer.authority}, {issuer.unit} ({issuer.jurisdiction})"),
        ("Contact", ", ".join(each for each in (issuer.contact_name, issuer.email, issuer.phone) if each)),
        ("Addressed to", f"{request.addressee.provider}, {request.addressee.contact_point}"),
    ]


def _content(request: TakedownRequested) -> list[tuple[str, str | None]]:
    content, extra = request.content, request.locator.extra
    return [
        ("Exact address", request.locator.url),
        ("Identifier on the platform", extra.content_id),
        ("Instance", extra.instance),
        ("Time in the medium", None if extra.media_time_s is None else f"{extra.media_time_s:g} s"),
        ("Consists of", words(content.types)),
        ("Language", content.language),
        ("Posted", when(content.posted_at)),
        ("First seen", when(content.first_seen_at)),
        ("Last seen live", when(content.verified_live_at)),
        ("Excerpt", content.excerpt),
        *((f"Hash ({each.algo.value})", each.value) for each in content.hashes),
    ]


def _why(request: TakedownRequested) -> list[tuple[str, str | None]]:
    life = request.threat_to_life
    threat = (
        f"{words([life.level])} (intent {life.intent:.2f}, capability {life.capability:.2f}, "
        f"specificity {life.specificity:.2f}, imminence {life.imminence:.2f})"
    )
    terms = (
        f"{span.term}: {span.gloss or 'as written'} (characters {span.start} to {span.end})" for span in request.spans
    )
    return [
        ("Reasons", request.reasons),
        ("Facts", request.facts),
        ("Kinds of violence", words(request.violence_types)),
        ("Overt or covert", words([request.overtness])),
        ("Words that carry it", "\n".join(terms)),
        ("Conflict of street groups", _gang(request)),
        ("Threat to life", threat),
        ("Law", "\n".join(f"{each.statute}, {each.provision} ({each.jurisdiction})" for each in request.legal_basis)),
        ("Provider's rules", "\n".join(f"{each.rule} <{each.url}>" for each in request.tos_basis)),
        ("Exemptions considered", words(request.exemptions_considered)),
    ]


def _gang(request: TakedownRequested) -> str:
    if not request.gang_related.related:
        return "no"
    return f"yes: {', '.join(request.gang_related.evidence)}" if request.gang_related.evidence else "yes"


def _asked(request: TakedownRequested) -> list[tuple[str, str | None]]:
    silence = request.non_disclosure
    return [
        ("Action", NOTHING if request.kind is RequestKind.WITHDRAWAL else words([request.requested_action])),
        ("Where", ", ".join("everywhere" if each == "all" else each for each in request.territorial_scope)),
        ("Why this action", request.necessity_note),
        ("Milder actions that were rejected", words(request.alternatives_rejected)),
        ("Preserve for", None if request.preserve_months is None else f"{request.preserve_months} months"),
        ("The poster must not be told", silence.reason if silence.flag else None),
        ("Not before", when(silence.until) if silence.flag else None),
        ("If nothing is done", request.consequences),
    ]


def _decided(request: TakedownRequested) -> list[tuple[str, str | None]]:
    review, risk = request.review, request.risk
    return [
        ("Found by automated means", "yes" if request.automated_detection else "no"),
        ("Decided", f"{words([request.automated_decision])}, {when(review.decided_at)}"),
        ("Reviewers", ", ".join(review.reviewers)),
        ("Second review", "yes" if review.second_review else "no"),
        ("Reason code", words([review.reason_code])),
        ("Risk of this content", f"{risk.score:.2f}, band {risk.band.value}"),
        ("Versions", f"model {risk.model_digest}, policy {risk.policy_version}, lexicon {risk.lexicon_version}"),
        ("Good faith", request.good_faith_statement.text if request.good_faith_statement.accepted else None),
        ("Kept until", request.retention_until.isoformat()),
    ]


def _objections(request: TakedownRequested) -> list[tuple[str, str | None]]:
    if request.redress is None:
        return []
    return [("By the provider", request.redress.provider_route), ("By the poster", request.redress.author_route)]


def words(values: Iterable[Enum]) -> str:
    """Enum values as words."""
    return ", ".join(str(each.value).replace("_", " ") for each in values)


def when(at: datetime | None) -> str | None:
    """A moment with its offset, to the second."""
    return None if at is None else f"{at:%Y-%m-%d %H:%M:%S %Z}".strip()


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)
