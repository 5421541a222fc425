"""The written evening comes in; content events with times counted back from now go out, in the order they happened."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from services.runtime.errors import Fatal

POSTS = Path(__file__).parent / "posts.txt"
FIELDS = 6
COUNTS = ("views", "likes", "shares", "replies")
DEFAULT_FOLLOWERS = 150


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the written evening."""

    number: int
    minutes: float
    platform: str
    author: str
    kind: str
    text: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def content_id(self) -> str:
        """The platform's id: an edit, a deletion or a recount has that of the line it is of."""
        return self.options.get("of") or self.options.get("name") or f"demo-{self.number}"


def read_lines(path: Path = POSTS) -> list[Line]:
    """Read the script. Raises Fatal naming the line that is not well-formed."""
    lines = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        parts = [part.strip() for part in raw.split("|", FIELDS - 1)]
        if len(parts) != FIELDS:
            raise Fatal(f"{path.name} line {number}: {FIELDS} fields separated by | are expected")
        minutes, platform, author, kind, options, text = parts
        pairs = dict(option.split("=", 1) for option in options.split())
        lines.append(Line(number, float(minutes), platform, author, kind, text.replace("\\n", "\n"), pairs))
    return sorted(lines, key=lambda line: -line.minutes)


def events(now: datetime, path: Path = POSTS) -> list[dict[str, Any]]:
    """The evening as ContentReceived values, oldest first; `test` marks them, so no real receiver can ever get a request."""
    lines = read_lines(path)
    authors = {line.content_id: line.author for line in lines if "of" not in line.options}
    return [_event(line, now, authors) for line in lines]


def _event(line: Line, now: datetime, authors: dict[str, str]) -> dict[str, Any]:
    seen = now - timedelta(minutes=line.minutes)
    change = line.options.get("change", "created")
    value: dict[str, Any] = {
        "schema_version": "1",
        "event_id": f"demo-{line.number}",
        "platform": line.platform,
        "content_id": line.content_id,
        "change": change,
        "published_at": (seen - timedelta(seconds=40)).isoformat(),
        "observed_at": seen.isoformat(),
        "test": True,
    }
    if change == "deleted":
        return value
    if change == "edited":
        value["edited_at"] = (seen - timedelta(seconds=20)).isoformat()
    counts = {name: int(line.options[name]) for name in COUNTS if name in line.options}
    reply = line.options.get("reply")
    return value | {
        "url": f"https://{line.platform}.example/{line.author.replace(' ', '_')}/{line.content_id}",
        "kind": line.kind,
        "author": {
            "id": f"{line.platform}:{line.author}",
            "handle": line.author,
            "followers": int(line.options.get("followers", DEFAULT_FOLLOWERS)),
        },
        "texts": [{"role": line.options.get("role", "body"), "text": line.text, "language": "en"}],
        **({"engagement": counts} if counts else {}),
        **({"relation": {"in_reply_to": _reference(reply, line, authors)}} if reply else {}),
    }


def _reference(reply: str, line: Line, authors: dict[str, str]) -> dict[str, str]:
    author = authors.get(reply)
    return {"content_id": reply, **({"author_id": f"{line.platform}:{author}"} if author else {})}
