"""Places in the queue and values of the desk come in; the words of the HTTP interface go out, and the way back. Pure."""

import base64
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

import orjson

from schemas.desk import (
    CaseDecision,
    CaseFile,
    CaseLocation,
    CasePage,
    CaseReferral,
    CaseSummary,
    DecisionAnswer,
    Draft,
    FieldFault,
    ReferralFile,
)
from schemas.referral import TakedownRequested
from schemas.vocabulary import Band
from services.referrer.amending import Sent
from services.referrer.case_file import File, opinions
from services.referrer.deciding import Made
from services.referrer.drafting import Drafted
from services.referrer.records import Case, QueueKey, Referral
from services.referrer.requests import Unfit

_SUMMARY = frozenset(CaseSummary.model_fields)


def cursor(case: Case) -> str:
    """The place of a case in the queue, as a word that a client hands back."""
    place = [case.band.value, case.risk, case.waiting_since.isoformat(), str(case.case_id)]
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def place_of(text: str) -> QueueKey | None:
    """The place that a cursor names; None for what is no cursor."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        band, risk, since, case_id = orjson.loads(raw)
        moment = datetime.fromisoformat(since)
        return QueueKey(Band(band), float(risk), moment.astimezone(UTC), UUID(case_id)) if moment.tzinfo else None
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None


def page(cases: Sequence[Case], asked: int) -> CasePage:
    """A page, with the cursor of the next one where there may be one."""
    return CasePage(cases=tuple(map(summary, cases)), next=cursor(cases[-1]) if cases and len(cases) == asked else None)


def summary(case: Case) -> CaseSummary:
    """One case as the queue shows it."""
    named = {field.name: getattr(case, field.name) for field in fields(case) if field.name in _SUMMARY}
    return CaseSummary.model_validate(named)


def referral(found: Referral) -> CaseReferral:
    """One request as a case shows it."""
    named = {name: getattr(found, name) for name in CaseReferral.model_fields}
    return CaseReferral.model_validate(named)


def case_file(file: File, drafted: Sequence[Drafted], second_review_for: tuple[str, ...]) -> CaseFile:
    """Everything about one case."""
    counting = {opinion.decision_id for opinion in opinions(file.case, file.decisions)}
    return CaseFile(
        case=summary(file.case),
        content=file.content,
        locations=tuple(
            CaseLocation.model_validate({name: getattr(each, name) for name in CaseLocation.model_fields})
            for each in file.locations
        ),
        decisions=tuple(
            CaseDecision.model_validate(
                {n: getattr(each, n) for n in CaseDecision.model_fields if n != "counts"}
                | {"counts": each.decision_id in counting}
            )
            for each in file.decisions
        ),
        referrals=tuple(map(referral, file.referrals)),
        drafts=tuple(map(draft, drafted)),
        second_review_for=second_review_for,
        cautions=file.cautions,
        parts=file.parts,
        context=file.context,
        reasons=file.reasons,
        changed=file.changed,
    )


def draft(drafted: Drafted) -> Draft:
    """A notice as it would leave, or what it lacks."""
    return drafted_of(drafted.location.content_key, drafted.built)


def drafted_of(key: str, built: TakedownRequested | Unfit) -> Draft:
    """The same for one address."""
    if isinstance(built, Unfit):
        faults = tuple(FieldFault(field=fault.field, rule=fault.rule) for fault in built.faults)
        return Draft(content_key=key, faults=faults)
    return Draft(content_key=key, request=built)


def referral_file(sent: Sent) -> ReferralFile:
    """One request as it left."""
    return ReferralFile(
        referral=referral(sent.referral), request=sent.request, chain=tuple(map(referral, sent.chain)), may=sent.may
    )


def decision_answer(made: Made) -> DecisionAnswer:
    """What became of a decision."""
    return DecisionAnswer(
        decision_id=made.decision.decision_id,
        case=summary(made.case),
        awaits_second_review=made.decision.awaits_second_review,
        referrals=tuple(map(referral, made.referrals)),
    )
