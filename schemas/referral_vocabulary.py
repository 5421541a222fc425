"""The closed lists of words in a referral: kind, profile, action asked for, category, and the states it can stand in."""

from enum import StrEnum


class RequestKind(StrEnum):
    """What sort of notice leaves."""

    REFERRAL = "referral"
    ART16_NOTICE = "art16_notice"
    TRUSTED_FLAGGER_NOTICE = "trusted_flagger_notice"
    REMOVAL_ORDER = "removal_order"
    CONTENT_REMOVAL_NOTICE = "content_removal_notice"
    WITHDRAWAL = "withdrawal"
    CORRECTION = "correction"


class Profile(StrEnum):
    """Under which rules the notice is written; each has required fields of its own."""

    VOLUNTARY_REFERRAL = "voluntary_referral"
    DSA_ART16 = "dsa_art16"
    TCO_ANNEX1 = "tco_annex1"
    UK_CPA2026_S21 = "uk_cpa2026_s21"


class ContentType(StrEnum):
    """Content types of the DSA statement of reasons."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    SYNTHETIC_MEDIA = "synthetic_media"
    OTHER = "other"


class HashAlgorithm(StrEnum):
    """Hashes that a platform can match."""

    SHA256 = "sha256"
    PDQ = "pdq"
    VPDQ = "vpdq"
    TLSH = "tlsh"
    MD5 = "md5"


class Category(StrEnum):
    """Categories of the DSA statement of reasons that this desk uses."""

    VIOLENCE = "violence"
    ILLEGAL_OR_HARMFUL_SPEECH = "illegal_or_harmful_speech"
    RISK_FOR_PUBLIC_SECURITY = "risk_for_public_security"
    CYBER_VIOLENCE = "cyber_violence"
    PROTECTION_OF_MINORS = "protection_of_minors"


class RequestedAction(StrEnum):
    """What is asked of the platform."""

    REMOVED = "removed"
    DISABLED = "disabled"
    DEMOTED = "demoted"
    AGE_RESTRICTED = "age_restricted"
    LABELLED = "labelled"
    REVIEW_ONLY = "review_only"
    PRESERVE_ONLY = "preserve_only"


class SubjectRole(StrEnum):
    """How the poster seems to stand to the violence."""

    OFFENDER_SUSPECTED = "offender_suspected"
    VICTIM = "victim"
    BYSTANDER = "bystander"
    MEDIA = "media"
    UNKNOWN = "unknown"


class Automation(StrEnum):
    """How much of a decision a machine took."""

    FULLY = "fully"
    PARTIALLY = "partially"
    NOT_AUTOMATED = "not_automated"


class Purpose(StrEnum):
    """Why personal data are processed for this notice."""

    PREVENTION_OF_VIOLENCE = "prevention_of_violence"
    DETECTION_OF_CRIME = "detection_of_crime"


class ReferralStatus(StrEnum):
    """States of a referral."""

    ISSUED = "issued"
    RECEIVED = "received"
    PROCESSING = "processing"
    ACTIONED = "actioned"
    REFUSED_BY_PLATFORM = "refused_by_platform"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"
    REINSTATED = "reinstated"
