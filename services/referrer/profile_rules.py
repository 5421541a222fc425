"""What the law and the house ask of a notice stands here as rules, by profile: the field, the rule in words, and whether it is met."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import HashAlgorithm, Profile, RequestedAction, RequestKind
from schemas.vocabulary import Overtness, ViolenceType

TCO_DEADLINE = timedelta(hours=1)
CPA_DEADLINE = timedelta(hours=48)
LONGEST_RETENTION = timedelta(days=6 * 366)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One field that a profile asks for."""

    field: str
    rule: str
    met: Callable[[TakedownRequested], bool]


KINDS: Mapping[Profile, frozenset[RequestKind]] = MappingProxyType(
    {
        Profile.VOLUNTARY_REFERRAL: frozenset({RequestKind.REFERRAL}),
        Profile.DSA_ART16: frozenset({RequestKind.ART16_NOTICE, RequestKind.TRUSTED_FLAGGER_NOTICE}),
        Profile.TCO_ANNEX1: frozenset({RequestKind.REMOVAL_ORDER}),
        Profile.UK_CPA2026_S21: frozenset({RequestKind.CONTENT_REMOVAL_NOTICE}),
    }
)
FOLLOW_UPS = frozenset({RequestKind.WITHDRAWAL, RequestKind.CORRECTION})
TAKES_AWAY = frozenset({RequestedAction.REMOVED, RequestedAction.DISABLED})
WEAPONS = frozenset({ViolenceType.WEAPONS_DISPLAY, ViolenceType.WEAPONS_SALE})
TCO_STATUTE, CPA_STATUTE = "Regulation (EU) 2021/784", "Crime and Policing Act 2026"
TERROR = frozenset(
    {
        ViolenceType.INCITEMENT,
        ViolenceType.GLORIFICATION,
        ViolenceType.RECRUITMENT,
        ViolenceType.ATTACK_PLANNING,
        ViolenceType.ATTACK_FOOTAGE,
    }
)
MEMBER_STATES = frozenset(
    (
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    )
)  # fmt: skip
# A mention names a person: `@name` or `@name@instance`, but not the middle of an e-mail address or of a web address.
HANDLE = re.compile(r"(?<![\w/])[@＠][\w.-]+(?:[@＠][\w.-]+)?")
CONSEQUENCES: Mapping[Profile, str] = MappingProxyType(
    {
        Profile.TCO_ANNEX1: "Failure to comply may give rise to penalties under Article 18 of Regulation (EU) 2021/784.",
        Profile.UK_CPA2026_S21: (
            "A recipient that fails to comply with this notice may be given a civil penalty notice "
            "under Part 2 Chapter 1 of the Crime and Policing Act 2026."
        ),
    }
)


def _said(*texts: str | None) -> bool:
    return all(text is not None and text.strip() for text in texts)


def _names(request: TakedownRequested, statute: str, provision: str) -> bool:
    return any(basis.statute == statute and basis.provision.startswith(provision) for basis in request.legal_basis)


EVERY: tuple[Requirement, ...] = (
    Requirement("issuer.authority", "every notice names who asks", lambda r: _said(r.issuer.authority)),
    Requirement("issuer.unit", "every notice names the unit that answers for it", lambda r: _said(r.issuer.unit)),
    Requirement(
        "issuer.contact_name", "every notice names a person to ask back", lambda r: _said(r.issuer.contact_name)
    ),
    Requirement("addressee.provider", "every notice names its addressee", lambda r: _said(r.addressee.provider)),
    Requirement(
        "addressee.contact_point",
        "every notice goes to the contact point of the platform directory",
        lambda r: _said(r.addressee.contact_point),
    ),
    Requirement("reasons", "every notice says why the content is harmful or illegal", lambda r: _said(r.reasons)),
    Requirement("facts", "every notice states the facts that a person saw", lambda r: _said(r.facts)),
    Requirement(
        "reasons, facts",
        "data protection: no handle leaves in the words of a notice; the exact address identifies the content",
        lambda r: HANDLE.search(f"{r.reasons}\n{r.facts}\n{r.necessity_note or ''}") is None,
    ),
    Requirement(
        "content.hashes",
        "every notice carries a SHA-256, so that both sides mean the same content",
        lambda r: any(each.algo is HashAlgorithm.SHA256 for each in r.content.hashes),
    ),
    Requirement("violence_types", "every notice names at least one violence type", lambda r: bool(r.violence_types)),
    Requirement(
        "overtness",
        "every notice says whether it is overt, covert or mixed",
        lambda r: r.overtness is not Overtness.NONE,
    ),
    Requirement(
        "exemptions_considered",
        "every notice lists the exemptions that were considered, or none",
        lambda r: bool(r.exemptions_considered),
    ),
    Requirement(
        "good_faith_statement.accepted",
        "DSA Art. 16(2)(d), applied to every notice: a person accepted the statement of good faith",
        lambda r: r.good_faith_statement.accepted,
    ),
    Requirement(
        "retention_until",
        "data protection: the record is kept beyond its issue and not for ever",
        lambda r: r.issued_at.date() < r.retention_until <= r.issued_at.date() + LONGEST_RETENTION,
    ),
    Requirement(
        "review.reviewers",
        "a second review is the review of a second, different person",
        lambda r: len(set(r.review.reviewers)) >= (2 if r.review.second_review else 1) and _said(*r.review.reviewers),
    ),
    Requirement(
        "kind",
        "the kind of notice belongs to its profile",
        lambda r: r.kind in KINDS[r.profile] or r.kind in FOLLOW_UPS,
    ),
    Requirement(
        "non_disclosure.reason",
        "silence towards the poster needs a reason (TCO Art. 11(3), applied to every notice)",
        lambda r: not r.non_disclosure.flag or _said(r.non_disclosure.reason),
    ),
)

# A withdrawal asks for nothing, so nothing has to be justified or done by a certain time.
DEMANDS: tuple[Requirement, ...] = (
    Requirement(
        "necessity_note",
        "proportionality: taking content away needs a note on why it is necessary",
        lambda r: r.requested_action not in TAKES_AWAY or _said(r.necessity_note),
    ),
    Requirement(
        "alternatives_rejected",
        "proportionality: taking content away needs the milder actions that were rejected",
        lambda r: r.requested_action not in TAKES_AWAY or bool(set(r.alternatives_rejected) - TAKES_AWAY),
    ),
)
REDRESS: tuple[Requirement, ...] = (
    Requirement(
        "redress.provider_route",
        "TCO Art. 3(4)(f), CPA 2026 s.21(5)(d): a notice with legal force says how the provider can have it looked at again",
        lambda r: r.redress is not None and _said(r.redress.provider_route),
    ),
    Requirement(
        "redress.author_route",
        "TCO Art. 3(4)(f), DSA Art. 17(3)(f): a notice with legal force says how the poster can object",
        lambda r: r.redress is not None and _said(r.redress.author_route),
    ),
)

OWN: Mapping[Profile, tuple[Requirement, ...]] = MappingProxyType(
    {
        Profile.VOLUNTARY_REFERRAL: (
            Requirement(
                "tos_basis",
                "a voluntary referral has no legal force, so it names a rule of the addressee's own terms",
                lambda r: any(basis.provider == r.addressee.provider for basis in r.tos_basis),
            ),
        ),
        Profile.DSA_ART16: (
            Requirement(
                "issuer.email",
                "DSA Art. 16(2)(c) needs the electronic mail address of whoever submits the notice",
                lambda r: _said(r.issuer.email),
            ),
            Requirement(
                "legal_basis",
                "DSA Art. 16(2)(a) needs the law that makes the content illegal",
                lambda r: bool(r.legal_basis),
            ),
            *REDRESS,
        ),
        Profile.TCO_ANNEX1: (
            Requirement(
                "issuer.email",
                "TCO Art. 3(4)(a) and Annex I need the electronic mail address of the authority",
                lambda r: _said(r.issuer.email),
            ),
            Requirement(
                "issuer.phone",
                "TCO Art. 3(4)(a) and Annex I need a telephone number that is answered within the hour",
                lambda r: _said(r.issuer.phone),
            ),
            Requirement(
                "issuer.jurisdiction",
                "TCO Art. 12: only an authority that a Member State has designated gives the order",
                lambda r: r.issuer.jurisdiction in MEMBER_STATES,
            ),
            Requirement(
                "legal_basis",
                "TCO Art. 3(4)(d) needs the reference to Regulation (EU) 2021/784 Art. 3",
                lambda r: _names(r, TCO_STATUTE, "Art. 3"),
            ),
            Requirement(
                "violence_types",
                "TCO Art. 3(4)(b) with Art. 2(7): incitement, glorification, recruitment, planning or footage of an attack",
                lambda r: not r.violence_types or not TERROR.isdisjoint(r.violence_types),
            ),
            Requirement("due_at", "TCO Art. 3(3) sets one hour", lambda r: r.due_at == r.issued_at + TCO_DEADLINE),
            Requirement(
                "requested_action",
                "TCO Art. 3(1) orders removal or disabling of access, nothing else",
                lambda r: r.requested_action in TAKES_AWAY,
            ),
            Requirement(
                "consequences", "TCO Art. 18 and Annex I: the order says what follows", lambda r: _said(r.consequences)
            ),
            *REDRESS,
        ),
        Profile.UK_CPA2026_S21: (
            Requirement(
                "issuer.email",
                "CPA 2026 s.21(5)(f) needs the authorised officer's contact details",
                lambda r: _said(r.issuer.email),
            ),
            Requirement(
                "issuer.jurisdiction",
                "CPA 2026 s.21(2): only an authorised officer of the United Kingdom gives the notice",
                lambda r: r.issuer.jurisdiction == "GB",
            ),
            Requirement(
                "legal_basis",
                "CPA 2026 s.21(2) has to be named as the power that is used",
                lambda r: _names(r, CPA_STATUTE, "s.21"),
            ),
            Requirement(
                "violence_types",
                "CPA 2026 s.21(1) covers unlawful weapons content alone",
                lambda r: not r.violence_types or not WEAPONS.isdisjoint(r.violence_types),
            ),
            Requirement(
                "due_at", "CPA 2026 s.21(5)(c) sets 48 hours", lambda r: r.due_at == r.issued_at + CPA_DEADLINE
            ),
            Requirement(
                "requested_action",
                "CPA 2026 s.21(4)(a) requires that the content is removed",
                lambda r: r.requested_action is RequestedAction.REMOVED,
            ),
            Requirement(
                "consequences",
                "CPA 2026 s.21(5)(e) needs the potential consequences of failure to comply",
                lambda r: _said(r.consequences),
            ),
            *REDRESS,
        ),
    }
)
FOLLOWS: Mapping[RequestKind, tuple[Requirement, ...]] = MappingProxyType(
    {
        RequestKind.WITHDRAWAL: (
            Requirement(
                "relates_to.withdraws",
                "a withdrawal names the referral that it takes back",
                lambda r: r.relates_to.withdraws is not None,
            ),
        ),
        RequestKind.CORRECTION: (
            Requirement(
                "relates_to.supersedes",
                "a correction names the referral in whose place it stands",
                lambda r: r.relates_to.supersedes is not None,
            ),
        ),
    }
)
