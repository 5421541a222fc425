"""A takedown request and what the platform did come in; a statement of reasons in the vocabulary of the DSA database goes out. Pure.

The words are those of the Transparency Database of Regulation (EU) 2022/2065 Art. 24(5). A platform fills its own statement;
this saves it the translation. Nothing personal stands in it: no address, no excerpt, no author key.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from schemas.outcome import Appeal, GroundKind, OutcomeAction, TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import (
    Automation,
    Category,
    ContentType,
    ReferralStatus,
    RequestedAction,
    RequestKind,
)
from services.referrer.profile_rules import MEMBER_STATES

GROUND_LIMIT, EXPLANATION_LIMIT, FACTS_LIMIT, OTHER_LIMIT = 500, 2_000, 5_000, 500
EEA = tuple(sorted({*MEMBER_STATES, "IS", "LI", "NO"}))

ASKED: Mapping[RequestedAction, str] = MappingProxyType(
    {
        RequestedAction.REMOVED: "DECISION_VISIBILITY_CONTENT_REMOVED",
        RequestedAction.DISABLED: "DECISION_VISIBILITY_CONTENT_DISABLED",
        RequestedAction.DEMOTED: "DECISION_VISIBILITY_CONTENT_DEMOTED",
        RequestedAction.AGE_RESTRICTED: "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
        RequestedAction.LABELLED: "DECISION_VISIBILITY_CONTENT_LABELLED",
        RequestedAction.REVIEW_ONLY: "DECISION_VISIBILITY_OTHER",
        RequestedAction.PRESERVE_ONLY: "DECISION_VISIBILITY_OTHER",
    }
)
# What leaves the content as it is makes no statement: there was no restriction to give reasons for.
DONE: Mapping[OutcomeAction, str] = MappingProxyType(
    {
        OutcomeAction.REMOVED: "DECISION_VISIBILITY_CONTENT_REMOVED",
        OutcomeAction.ACCESS_DISABLED_ALL: "DECISION_VISIBILITY_CONTENT_DISABLED",
        OutcomeAction.ACCESS_DISABLED_SCOPE: "DECISION_VISIBILITY_CONTENT_DISABLED",
        OutcomeAction.DEMOTED: "DECISION_VISIBILITY_CONTENT_DEMOTED",
        OutcomeAction.AGE_RESTRICTED: "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
        OutcomeAction.LABELLED: "DECISION_VISIBILITY_CONTENT_LABELLED",
        OutcomeAction.PARTIAL: "DECISION_VISIBILITY_OTHER",
    }
)
CONTENT: Mapping[ContentType, str] = MappingProxyType({each: f"CONTENT_TYPE_{each.name}" for each in ContentType})
CATEGORIES: Mapping[Category, str] = MappingProxyType({each: f"STATEMENT_CATEGORY_{each.name}" for each in Category})
# A keyword belongs to a category; where there is none for what the request says, it is KEYWORD_OTHER with the word in plain text.
KEYWORDS: Mapping[tuple[Category, str], str] = MappingProxyType(
    {
        (Category.VIOLENCE, "coordinated_harm"): "KEYWORD_COORDINATED_HARM",
        (Category.VIOLENCE, "incitement_violence_hatred"): "KEYWORD_INCITEMENT_VIOLENCE_HATRED",
        (Category.CYBER_VIOLENCE, "incitement_violence_hatred"): "KEYWORD_CYBER_INCITEMENT",
    }
)
SOURCES: Mapping[RequestKind, str] = MappingProxyType(
    {
        RequestKind.ART16_NOTICE: "SOURCE_ARTICLE_16",
        RequestKind.TRUSTED_FLAGGER_NOTICE: "SOURCE_TRUSTED_FLAGGER",
    }
)
DECIDED: Mapping[Automation, str] = MappingProxyType(
    {
        Automation.FULLY: "AUTOMATED_DECISION_FULLY",
        Automation.PARTIALLY: "AUTOMATED_DECISION_PARTIALLY",
        Automation.NOT_AUTOMATED: "AUTOMATED_DECISION_NOT_AUTOMATED",
    }
)

NOTHING_DONE = "The platform left the content as it is: there was no restriction, so there is no statement of reasons."
PUT_BACK = (
    "The platform put the content back: the restriction is over, so there is no statement of reasons for it any more."
)
NOTHING_ASKED = "The desk took this request back: nothing is asked any more, so there is no statement of reasons."


def statement_or_why(
    status: ReferralStatus, request: TakedownRequested, outcome: TakedownOutcome | None
) -> dict[str, Any] | str:
    """The statement of a request as it stands, or in words for a person why there is none."""
    if request.kind is RequestKind.WITHDRAWAL or (status is ReferralStatus.WITHDRAWN and outcome is None):
        return NOTHING_ASKED
    # A request that was corrected or taken back keeps that status whatever the platform does with the content afterwards.
    if status is ReferralStatus.REINSTATED or (outcome is not None and _put_back(outcome)):
        return PUT_BACK
    if status is ReferralStatus.REFUSED_BY_PLATFORM:
        return NOTHING_DONE
    return statement(request, outcome) or NOTHING_DONE


def statement(request: TakedownRequested, outcome: TakedownOutcome | None = None) -> dict[str, Any] | None:
    """The statement as asked for; with an outcome, as done.

    None where there is no restriction to give reasons for: the platform left the content as it was or put it back, or the record
    takes a request back.
    """
    decision = _decision(request, outcome)
    if decision is None:
        return None
    drafted = {
        **decision,
        **_ground(request, outcome),
        "content_type": sorted(CONTENT[each] for each in request.content.types),
        "content_type_other": "a medium of another type" if ContentType.OTHER in request.content.types else None,
        "category": CATEGORIES[request.category],
        **_keywords(request),
        "territorial_scope": _territory(request),
        "content_language": _language(request.content.language),
        "content_date": request.content.posted_at.date().isoformat(),
        "application_date": None if outcome is None else (outcome.acted_at or outcome.reported_at).date().isoformat(),
        "decision_facts": request.facts[:FACTS_LIMIT],
        "source_type": SOURCES.get(request.kind, "SOURCE_TYPE_OTHER_NOTIFICATION"),
        "source_identity": request.issuer.authority,
        "automated_detection": "Yes" if request.automated_detection else "No",
        "automated_decision": DECIDED[request.automated_decision],
        "puid": str(request.referral_id),
    }
    return {name: value for name, value in drafted.items() if value is not None}


def _decision(request: TakedownRequested, outcome: TakedownOutcome | None) -> dict[str, Any] | None:
    if request.kind is RequestKind.WITHDRAWAL:
        return None
    if outcome is None:
        return _visibility(ASKED[request.requested_action], request.requested_action.value)
    if _put_back(outcome):
        return None
    if outcome.outcome is OutcomeAction.ACCOUNT_SUSPENDED:
        return {"decision_account": "DECISION_ACCOUNT_SUSPENDED"}
    done = outcome.outcome and DONE.get(outcome.outcome)
    return _visibility(done, str(outcome.outcome)) if done else None


def _put_back(outcome: TakedownOutcome) -> bool:
    return outcome.reinstated_at is not None or outcome.appeal is Appeal.OVERTURNED


def _visibility(word: str, action: str) -> dict[str, Any]:
    told = action.replace("_", " ")[:OTHER_LIMIT] if word == "DECISION_VISIBILITY_OTHER" else None
    return {"decision_visibility": [word], "decision_visibility_other": told}


def _ground(request: TakedownRequested, outcome: TakedownOutcome | None) -> dict[str, Any]:
    """The platform's own ground where it named one, else the law that the request names, else the platform's terms."""
    named = None if outcome is None else outcome.decision_ground
    illegal = named.kind is GroundKind.ILLEGAL_CONTENT if named is not None else bool(request.legal_basis)
    text = named.text if named is not None else None
    url = named.url if named is not None else None
    if illegal:
        law = "; ".join(f"{basis.statute} {basis.provision}" for basis in request.legal_basis)
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "decision_ground_reference_url": url,
            "illegal_content_legal_ground": (law or text or "not named")[:GROUND_LIMIT],
            "illegal_content_explanation": (text or request.reasons)[:EXPLANATION_LIMIT],
        }
    rules = "; ".join(basis.rule for basis in request.tos_basis)
    own = request.tos_basis[0].url if request.tos_basis else None
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": url or own,
        "incompatible_content_ground": (rules or text or "not named")[:GROUND_LIMIT],
        "incompatible_content_explanation": (text or request.reasons)[:EXPLANATION_LIMIT],
        "incompatible_content_illegal": "Yes" if request.legal_basis else "No",
    }


def _keywords(request: TakedownRequested) -> dict[str, Any]:
    found = [KEYWORDS.get((request.category, word), "KEYWORD_OTHER") for word in request.keywords]
    others = [word for word in request.keywords if (request.category, word) not in KEYWORDS]
    return {
        "category_specification": list(dict.fromkeys(found)) or None,
        "category_specification_other": ", ".join(others).replace("_", " ")[:OTHER_LIMIT] or None,
    }


def _territory(request: TakedownRequested) -> list[str]:
    """Countries of the European Economic Area that the request covers; the database takes no others."""
    if "all" in request.territorial_scope:
        return list(EEA)
    return sorted(set(request.territorial_scope) & set(EEA))


def _language(tag: str | None) -> str | None:
    """The database takes ISO 639-1 in capitals."""
    primary = (tag or "").replace("_", "-").partition("-")[0]
    return primary.upper() if len(primary) == 2 else None
