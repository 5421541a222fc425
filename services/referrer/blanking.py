"""A fact that has to stay after its author was erased comes in; the same fact without anything that the author said or is goes out. Pure.

Which notices keep their address: those with legal force (every profile but the voluntary referral), because the duty to account
for an order or a notice under the law is bound to the exact address (GDPR Art. 17(3)(b) and (e)). All else is blanked in them too.
"""

from schemas.content import AuthorFacts
from schemas.outcome import TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.referral_parts import GangRelation, LocatorExtra, Subject
from schemas.referral_vocabulary import Profile, RequestKind
from schemas.scoring import ContentRanked, GangRelated
from services.referrer.request_successors import taken_back

ERASED = "erased"
ERASED_URL = "https://erased.invalid/"


def keeps_address(request: TakedownRequested) -> bool:
    """Whether law wants the address of this notice kept."""
    return request.profile is not Profile.VOLUNTARY_REFERRAL


def blank_content(ranked: ContentRanked) -> ContentRanked:
    """An observation of which only ids, times, counts and scores are left."""
    content = ranked.content.model_copy(
        update={
            "event_id": ERASED, "content_id": ERASED, "url": None, "author_key": None, "previous_author_key": None,
            "author": AuthorFacts(), "pair_keys": (), "thread_key": None, "similarity": None, "texts": (), "media": (),
            "in_reply_to_key": None, "quotes_key": None, "place": None, "tags": (),
        }
    )  # fmt: skip
    gang = GangRelated(p=ranked.scored.gang_related.p)
    scored = ranked.scored.model_copy(update={"signals": (), "gang_related": gang})
    return ranked.model_copy(update={"content": content, "scored": scored, "parts": (), "reasons": ()})


def blank_request(request: TakedownRequested) -> TakedownRequested:
    """A notice that still says when what was asked of whom, on which ground, and how it was decided; or that it is taken back."""
    kept = keeps_address(request)
    locator = request.locator if kept else request.locator.model_copy(update={"url": ERASED_URL})
    return request.model_copy(
        update={
            "locator": locator.model_copy(update={"extra": LocatorExtra()}),
            "content": request.content.model_copy(update={"excerpt": ""}),
            "spans": (),
            "gang_related": GangRelation(related=request.gang_related.related),
            "reasons": taken_back(request.review.reason_code) if _takes_back(request) else ERASED,
            "facts": ERASED,
            "necessity_note": None if request.necessity_note is None else ERASED,
            "risk": request.risk.model_copy(update={"components": ()}),
            "subject": Subject(minor_suspected=request.subject.minor_suspected, role=request.subject.role),
        }
    )


def is_blank(request: TakedownRequested) -> bool:
    """Whether a notice asks for something that nobody can find any more: its author was erased before it got away.

    A withdrawal asks for nothing and names by its id what it takes back, so it can always be delivered.
    """
    erased = request.subject.author_key is None and request.reasons == request.facts == ERASED
    return erased and not _takes_back(request)


def _takes_back(request: TakedownRequested) -> bool:
    return request.kind is RequestKind.WITHDRAWAL


def blank_outcome(outcome: TakedownOutcome) -> TakedownOutcome:
    """A report without the words in which the platform may have quoted the content."""
    ground = outcome.decision_ground
    if ground is not None:
        ground = ground.model_copy(update={"text": None, "url": None})
    return outcome.model_copy(update={"decision_ground": ground, "unable_reason": None})
