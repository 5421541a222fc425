"""What every platform format shares: the moment of seeing, what is ignored, and careful access to foreign JSON."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from schemas.base import HttpUrl
from schemas.content import ContentReceived
from schemas.reasons import Reason
from services.runtime.codec import read
from services.runtime.errors import Rejected

MAXIMUM_ID = 200
MAXIMUM_COUNT = 2**53
# A platform's answer may hold a whole conversation: each reply of Reddit's lies five levels below what it answers.
MAXIMUM_DEPTH = 100
# Of one item; a body has room for millions, each with a verdict that is a hundred times its size.
MAXIMUM_EVENTS = 10_000
# As many as the contract takes; platforms may allow more.
MEMBERS: Mapping[str, int] = {"texts": 64, "media": 64, "tags": 100}
_WORDS: Mapping[type[Any], str] = {dict: "an object", list: "an array", str: "a text"}


@dataclass(frozen=True, slots=True)
class Seen:
    """Who handed the payload in, when, and read from which server; what a payload says of time and server itself goes before."""

    collector: str
    at: datetime
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Well-formed, and nothing that the hub has a use for; `what` is a word of the format."""

    what: str


Result = ContentReceived | Ignored | Rejected
Convert = Callable[[Any, Seen], list[Result]]


def fault(detail: str, pointer: str = "") -> Rejected:
    """The refusal of a payload that is not of its format."""
    return Rejected(Reason.FORMAT_VIOLATION, detail, pointer)


def event(seen: Seen, values: Mapping[str, Any]) -> ContentReceived:
    """A content event from its members; those that are None are left out. Raises Rejected where the contract is not met."""
    present = {name: value for name, value in values.items() if value is not None}
    present["event_id"] = str(present["event_id"])[:MAXIMUM_ID]
    present |= {name: present[name][:most] for name, most in MEMBERS.items() if name in present}
    try:
        return read(ContentReceived, {"collector": seen.collector, "observed_at": seen.at, **present})
    except Rejected as why:
        raise Rejected(Reason.FORMAT_VIOLATION, f"{why.pointer or 'the event'}: {why.detail}") from why


def each(convert: Callable[[Any], Result], values: Iterable[Any]) -> list[Result]:
    """Every value converted; one that is not of its format spoils no other. Raises Rejected for more than MAXIMUM_EVENTS."""
    results: list[Result] = []
    for value in values:
        if len(results) == MAXIMUM_EVENTS:
            raise Rejected(Reason.TOO_LARGE, f"an item may hold {MAXIMUM_EVENTS} events")
        try:
            results.append(convert(value))
        except Rejected as why:
            results.append(why)
    return results


def member(value: Any, *path: str) -> Any:
    """The member at a path of names; None where something on the way is missing or no object."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def need(value: Any, kind: type[Any], *path: str) -> Any:
    """The member at a path, of that kind. Raises Rejected with its pointer."""
    found = member(value, *path)
    if not isinstance(found, kind) or (kind is str and not found):
        raise fault(f"{_WORDS.get(kind, kind.__name__)} is expected", "/" + "/".join(path))
    return found


def text(value: Any, *path: str) -> str | None:
    """The text at a path; None for an empty or absent one, and for anything that is no text."""
    found = member(value, *path)
    return found if isinstance(found, str) and found.strip() else None


def count(value: Any, *path: str) -> int | None:
    """The count at a path, also where the platform writes it as text; None where it is hidden, negative or none."""
    found = member(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 16:
        found = int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= MAXIMUM_COUNT else None


def items(value: Any, *path: str) -> Iterator[Any]:
    """The members of the array at a path; none where there is no array."""
    found = member(value, *path)
    return iter(found if isinstance(found, list) else [])


def moment(raw: Any, pointer: str = "") -> datetime:
    """An RFC 3339 text or Unix seconds as an aware moment; a text without a zone counts as UTC. Raises Rejected."""
    try:
        if isinstance(raw, str):
            at = datetime.fromisoformat(raw)
            return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            return datetime.fromtimestamp(raw, UTC)
    except (ValueError, OverflowError, OSError) as why:
        raise fault("a time is expected", pointer) from why
    raise fault("a time is expected", pointer)


def when(raw: Any) -> datetime | None:
    """The moment, or None where there is none that can be read: for times that the platform may leave out."""
    try:
        return moment(raw)
    except Rejected:
        return None


_URL: TypeAdapter[str] = TypeAdapter(HttpUrl)


def web_address(raw: Any) -> str | None:
    """An absolute http(s) URL as the contract takes it; None for anything else."""
    try:
        return _URL.validate_python(raw)
    except ValidationError:
        return None


def host_of(url: Any) -> str | None:
    """Host of an address, and port if any, in lower case and ASCII; None where there is none."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        name = host.encode("idna").decode() if host else None
    except ValueError:
        return None
    return name if name is None or port is None else f"{name}:{port}"


def language(raw: Any) -> str | None:
    """A language tag as the contract takes it; None for anything else."""
    if not isinstance(raw, str):
        return None
    head, *rest = raw.replace("_", "-").split("-")
    if not (head.isascii() and head.isalpha() and 2 <= len(head) <= 3):
        return None
    return "-".join((head, *(part for part in rest if part.isascii() and part.isalnum() and len(part) <= 8)))[
        :35
    ].rstrip("-")


def body(words: str | None, role: str = "body", tongue: str | None = None) -> list[dict[str, Any]]:
    """One text of the contract, or none for empty words."""
    if not words or not words.strip():
        return []
    return [{"role": role, "text": words, "language": tongue} if tongue else {"role": role, "text": words}]
