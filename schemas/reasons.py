"""Why a record could not be used: one closed list for the dead-letter header, the metric label, the log word and the HTTP body."""

from enum import StrEnum


class Reason(StrEnum):
    """Reason of a rejection; the text tells a collector what to do about it."""

    EMPTY_VALUE = "empty_value"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    UNKNOWN_VERSION = "unknown_version"
    SCHEMA_VIOLATION = "schema_violation"
    OBSERVED_IN_FUTURE = "observed_in_future"
    PLATFORM_NOT_ALLOWED = "platform_not_allowed"
    UNKNOWN_FORMAT = "unknown_format"
    FORMAT_VIOLATION = "format_violation"
    UNKNOWN_REFERRAL = "unknown_referral"
    IMPOSSIBLE_MOVE = "impossible_move"
    OUTPUT_TOO_LARGE = "output_too_large"
    UNPROCESSABLE = "unprocessable"


ADVICE: dict[Reason, str] = {
    Reason.EMPTY_VALUE: "Send a JSON object as the value; to say that content is gone send change=deleted.",
    Reason.NOT_UTF8: "Encode the value as UTF-8 without a byte order mark.",
    Reason.NOT_JSON: "Send one well-formed JSON document.",
    Reason.TOO_DEEP: "Nest the document less deeply.",
    Reason.TOO_LARGE: "Send smaller events; cut texts before sending.",
    Reason.NUMBER_OUT_OF_RANGE: "Send finite numbers of at most 2^53.",
    Reason.UNKNOWN_VERSION: "Send schema_version 1 or 1.x, or upgrade the hub.",
    Reason.SCHEMA_VIOLATION: "Correct the member that the pointer names.",
    Reason.OBSERVED_IN_FUTURE: "Set the collector's clock; observed_at lies more than an hour ahead.",
    Reason.PLATFORM_NOT_ALLOWED: "Use a credential that is allowed this platform, or ask for it.",
    Reason.UNKNOWN_FORMAT: "Name one of the formats listed at /openapi.json.",
    Reason.FORMAT_VIOLATION: "Send the platform's own shape as the platform published it.",
    Reason.UNKNOWN_REFERRAL: "Name a referral id that this hub issued.",
    Reason.IMPOSSIBLE_MOVE: "Report a status that can follow the present one.",
    Reason.OUTPUT_TOO_LARGE: "The record grew past the broker's limit; cut its texts.",
    Reason.UNPROCESSABLE: "The record made its handler fail; keep it for the developers and replay it after the fix.",
}
