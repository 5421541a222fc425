"""An address as a collector wrote it comes in, one spelling of the same address goes out, or a refusal."""

import re
from urllib.parse import urlsplit, urlunsplit

from schemas.base import LONGEST_URL
from schemas.reasons import Reason
from services.runtime.errors import Rejected

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Left by sharing buttons; they name the sharer, not the content.
_TRACKING = re.compile(r"(?:utm_[a-z_]+|fbclid|gclid|igshid|igsh)=", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_PLAIN = re.compile(r"https?://(?:[a-z0-9-]+\.)*[a-z0-9-]+/[^\s?#\\\x00-\x1f\x7f-\x9f]*")


def canonical_url(url: str) -> str:
    """Scheme and host in lower case, no default port, no sharing parameters, a path; all else exactly as it was.

    Raises Rejected for an address with credentials, control characters, a host or port that is none, or no room for a path.
    """
    if _PLAIN.fullmatch(url):
        return url
    if _UNSAFE.search(url):
        raise Rejected(Reason.SCHEMA_VIOLATION, "the address holds characters that no URL may hold", "/url")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError as why:
        raise Rejected(Reason.SCHEMA_VIOLATION, "the address has no valid host or port", "/url") from why
    if "@" in parts.netloc:
        raise Rejected(Reason.SCHEMA_VIOLATION, "the address holds credentials", "/url")
    if not host or parts.scheme not in _DEFAULT_PORTS:
        raise Rejected(Reason.SCHEMA_VIOLATION, "an absolute http or https URL is expected", "/url")
    name = f"[{host}]" if ":" in host else host
    netloc = name if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{name}:{port}"
    query = "&".join(part for part in parts.query.split("&") if not _TRACKING.match(part))
    spelt = urlunsplit((parts.scheme, netloc, parts.path or "/", query, parts.fragment))
    if len(spelt) > LONGEST_URL:
        raise Rejected(
            Reason.SCHEMA_VIOLATION, f"with its path the address has more than {LONGEST_URL} characters", "/url"
        )
    return spelt
