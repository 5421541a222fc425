"""A takedown request comes in; an XARF 4 report that its published schema accepts goes out, or why there is none. Pure."""

import base64
import hashlib
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import xarf

from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import RequestKind
from services.referrer.profiles import Fault
from services.referrer.requests import Unfit
from services.runtime.codec import encode

SPECIFICATION = "4.2.0"
DESCRIPTION_LIMIT = 1_000
TAG_LIMIT = 20


def xarf_report(request: TakedownRequested) -> dict[str, Any] | Unfit:
    """The report, valid against the schema that the `xarf` library ships.

    XARF 4 has no type for violent content. Its open type is reputation / threat_intelligence, whose `threat_type` is free text:
    the violence type stands there and in the tags. `report_id` is the referral id, so a repeat is the same report.
    """
    if request.kind is RequestKind.WITHDRAWAL:
        # XARF has no word for taking back: whoever read it would take it for a report of a threat.
        return Unfit((Fault("kind", "a withdrawal reports nothing, so there is no XARF report of it"),))
    if request.issuer.email is None:
        return Unfit((Fault("issuer.email", "XARF 4 needs the contact address of the reporter"),))
    host = urlsplit(request.locator.url).hostname or ""
    reporter = {
        "org": request.issuer.authority[:200],
        "contact": request.issuer.email,
        "domain": request.issuer.email.rpartition("@")[2],
    }
    report = {
        "xarf_version": SPECIFICATION,
        "report_id": str(request.referral_id),
        "timestamp": request.content.posted_at.isoformat(),
        "reporter": reporter,
        "sender": reporter,
        "source_identifier": host,
        "category": "reputation",
        "type": "threat_intelligence",
        "threat_type": request.violence_types[0].value if request.violence_types else "violence",
        "url": request.locator.url,
        "domain": host,
        "evidence_source": "researcher_analysis",
        "evidence": [_evidence(request)],
        "confidence": request.risk.calibrated_p,
        "description": request.reasons[:DESCRIPTION_LIMIT],
        "tags": _tags(request),
    }
    faults = tuple(Fault(each.field or "report", f"XARF 4: {each.message}") for each in _validator().validate(report))
    return Unfit(faults) if faults else report


@cache
def _validator() -> xarf.SchemaValidator:
    return xarf.SchemaValidator()


def _evidence(request: TakedownRequested) -> dict[str, Any]:
    body = encode(request)
    return {
        "content_type": "application/json",
        "description": "The takedown request as it left",
        "payload": base64.b64encode(body).decode(),
        "hash": f"sha256:{hashlib.sha256(body).hexdigest()}",
        "size": len(body),
    }


def _tags(request: TakedownRequested) -> list[str]:
    tags = [
        *(f"violence:{each.value}" for each in request.violence_types),
        f"band:{request.risk.band.value.lower()}",
        f"profile:{request.profile.value}",
        f"action:{request.requested_action.value}",
    ]
    return ["test:true", *tags][:TAG_LIMIT] if request.test else tags[:TAG_LIMIT]
