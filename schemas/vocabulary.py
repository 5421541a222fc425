"""The closed lists of the contract; the value of each member is what stands on the wire, in labels and in logs."""

from enum import StrEnum


class Kind(StrEnum):
    """What sort of content was observed."""

    POST = "post"
    REPLY = "reply"
    COMMENT = "comment"
    QUOTE = "quote"
    STORY = "story"
    VIDEO = "video"
    AUDIO = "audio"
    MESSAGE = "message"
    PROFILE = "profile"


class Change(StrEnum):
    """What the observation says happened to the content."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"
    RECOUNTED = "recounted"


class TextRole(StrEnum):
    """Where in the content a text stands."""

    BODY = "body"
    TITLE = "title"
    CAPTION = "caption"
    HASHTAGS = "hashtags"
    OCR = "ocr"
    TRANSCRIPT = "transcript"
    ALT = "alt"
    POLL = "poll"


class MediaType(StrEnum):
    """Sort of an attached medium; media are never fetched."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "other"


class ContentFlag(StrEnum):
    """What ingest had to correct or wants a reader to know."""

    PUBLISHED_CLAMPED = "published_clamped"
    EDITED_CLAMPED = "edited_clamped"
    TRUNCATED = "truncated"


class TextFlag(StrEnum):
    """What normalising found in one text."""

    TRUNCATED = "truncated"
    OBFUSCATED = "obfuscated"
    MIXED_SCRIPT = "mixed_script"
    INVISIBLE = "invisible"


class ViolenceType(StrEnum):
    """The violence types, used in scores, policies and requests alike."""

    DIRECT_THREAT = "direct_threat"
    CONDITIONAL_THREAT = "conditional_threat"
    VEILED_THREAT = "veiled_threat"
    INCITEMENT = "incitement"
    RETALIATION_CALL = "retaliation_call"
    TAUNT = "taunt"
    WEAPONS_DISPLAY = "weapons_display"
    WEAPONS_SALE = "weapons_sale"
    GLORIFICATION = "glorification"
    ATTACK_PLANNING = "attack_planning"
    ATTACK_FOOTAGE = "attack_footage"
    RECRUITMENT = "recruitment"


class Exemption(StrEnum):
    """Ways of speaking about violence that are not violence; `none` is the absence of all others."""

    ART_OR_LYRICS = "art_or_lyrics"
    NEWS = "news"
    QUOTATION_OR_COUNTER_SPEECH = "quotation_or_counter_speech"
    GRIEF = "grief"
    VICTIM_ACCOUNT = "victim_account"
    FICTION = "fiction"
    SPORT_OR_GAME = "sport_or_game"
    FIGURE_OF_SPEECH = "figure_of_speech"
    EDUCATION = "education"
    NONE = "none"


class Overtness(StrEnum):
    """Whether violence is said in plain words, in coded ones, or both."""

    OVERT = "overt"
    COVERT = "covert"
    MIXED = "mixed"
    NONE = "none"


class Tier(StrEnum):
    """Which part of the cascade gave the score."""

    LEXICON = "lexicon"
    LINEAR = "linear"
    TRANSFORMER = "transformer"


class SignalKind(StrEnum):
    """What sort of reason a signal is."""

    CODED_TERM = "coded_term"
    INFLUENTIAL_WORDS = "influential_words"
    MODEL = "model"
    MEDIA_HASH = "media_hash"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    STRONGEST_WINDOW = "strongest_window"


class Band(StrEnum):
    """Order of the queue: P1 threat to life, P2 imminent, P3 serious, P4 watch, NONE below the watch floor."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    NONE = "NONE"


class ThreatLevel(StrEnum):
    """Level of a threat to life."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH_UNSPECIFIC = "high_unspecific"
    HIGH_SPECIFIC = "high_specific"


class ContentStatus(StrEnum):
    """What a ranked record means for content that the desk may already have."""

    NEW = "new"
    EDITED = "edited"
    DELETED = "deleted"
    RECOUNTED = "recounted"


class Window(StrEnum):
    """Windows of the boards."""

    HOUR = "1h"
    DAY = "24h"


class Environment(StrEnum):
    """Where a hub runs; it decides replication and retention of topics."""

    LOCAL = "local"
    COMPOSE = "compose"
    PRODUCTION = "production"
