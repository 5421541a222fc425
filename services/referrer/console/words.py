"""Values of closed lists come in; the words that a person reads go out."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.review import Decision, ReasonCode
from schemas.vocabulary import Band
from services.referrer.notices import WORDS

BANDS: Mapping[str, str] = MappingProxyType(
    {
        Band.P1.value: "threat to life",
        Band.P2.value: "imminent",
        Band.P3.value: "serious",
        Band.P4.value: "watch",
        Band.NONE.value: "below the watch floor",
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "dsa_art16": "DSA Art. 16 notice",
        "tco_annex1": "TCO removal order (Annex I)",
        "uk_cpa2026_s21": "UK CPA 2026 s.21 notice",
        "voluntary_referral": "Voluntary referral (platform terms)",
        "art16_notice": "Art. 16 notice",
        "p_violence": "probability of violence",
        "ocr": "text in picture",
        "minor_suspected": "the subject may be a minor",
        "art_or_lyrics": "art or lyrics",
    }
)
# The key that opens each decision; shown on the page, and switched off there as well.
DECISION_KEYS: Mapping[Decision, str] = MappingProxyType(
    {Decision.APPROVE: "a", Decision.REFUSE: "r", Decision.ESCALATE: "e", Decision.DEFER: "d"}
)
DECISION_WORDS: Mapping[Decision, tuple[str, str]] = MappingProxyType(
    {
        Decision.APPROVE: ("Approve", "The notice leaves for every address that is ticked."),
        Decision.REFUSE: ("Refuse", "Nothing leaves; the case is closed."),
        Decision.ESCALATE: ("Escalate", "A lead decides."),
        Decision.DEFER: ("Defer", "The case waits until somebody takes it up again."),
    }
)
DONE: Mapping[str, str] = MappingProxyType(
    {
        "approved": "Approved.",
        "refused": "Refused; nothing leaves.",
        "escalated": "Escalated; a lead decides.",
        "deferred": "Deferred.",
        "proposed": "Approved by you; a second, different reviewer has to agree before anything leaves.",
        "withdrawn": "Withdrawn; the platform is told under the same reference.",
        "corrected": "Corrected; the new notice stands in the place of the earlier one.",
        "released": "Given back to the queue.",
        "handed_over": "Handed over.",
        "nothing_left": "Nothing waits for you.",
        "signed_out": "You are signed out.",
    }
)


def label(value: object) -> str:
    """A value of a closed list, for a person."""
    text = str(getattr(value, "value", value))
    return LABELS.get(text, text.replace("_", " ").replace(".", ": "))


def sentence(value: object) -> str:
    """The same with a capital at its beginning."""
    text = label(value)
    return text[:1].upper() + text[1:]


def reason_hint(code: ReasonCode) -> str:
    """What a reason code says in a notice; empty for one that leads to none."""
    return WORDS.get(code, "")
