"""A written story comes in; content events in the order they were seen, and what a desk expects of their ranking, go out."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DEFAULT_END = datetime.fromisoformat("2026-06-05T22:00:00+01:00")
COUNTS = ("views", "likes", "shares", "replies")
UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
BANDS = frozenset({"P1", "P2", "P3", "P4", "NONE"})
_AGE = re.compile(r"(?:\d+[dhms])+")
_PIECE = re.compile(r"(\d+)([dhms])")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing a desk expects: `kind` is before, band, unlisted or copies."""

    kind: str
    name: str
    other: str = ""
    bands: frozenset[str] = frozenset()
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of content, as it was written."""

    number: int
    age: timedelta
    platform: str
    author: str
    kind: str
    options: dict[str, str]
    text: str

    @property
    def content_id(self) -> str:
        """The platform's id: an edit, a deletion or a recount has that of the line it is of."""
        return self.options.get("of") or self.options.get("name") or f"line-{self.number}"


@dataclass
class Story:
    """A whole story."""

    name: str
    about: str = ""
    context: bool = False
    ends: datetime = DEFAULT_END
    lines: list[Line] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        """ContentReceived values, oldest first."""
        return [event for line in sorted(self.lines, key=lambda line: -line.age) for event in self._events(line)]

    def _events(self, line: Line) -> Iterator[dict[str, Any]]:
        times = int(line.options.get("times", "1"))
        if times == 1:
            yield self._event(line, line.content_id, line.author, line.text)
            return
        for number in range(1, times + 1):
            text = line.text.replace("{n}", str(number))
            yield self._event(line, f"{line.content_id}-{number}", f"{line.author}_{number}", text)

    def _event(self, line: Line, content_id: str, author: str, text: str) -> dict[str, Any]:
        options = line.options
        seen = self.ends - line.age
        claimed = self.ends - age(options["published"]) if "published" in options else seen - timedelta(seconds=20)
        change = options.get("change", "created")
        value: dict[str, Any] = {
            "schema_version": "1",
            "event_id": f"{self.name}-{line.number}-{content_id}",
            "collector": "scenario",
            "platform": line.platform,
            "content_id": content_id,
            "change": change,
            "published_at": claimed.isoformat(),
            "observed_at": seen.isoformat(),
        }
        if change == "deleted":
            return value
        if change == "edited":
            value["edited_at"] = (seen - timedelta(seconds=10)).isoformat()
        followers = {"followers": int(options["followers"])} if "followers" in options else {}
        value |= {
            "url": f"https://{line.platform}.example/{author.replace(' ', '_')}/{content_id}",
            "kind": line.kind,
            "author": {"id": f"{line.platform}:{author}", "handle": author, **followers},
            "texts": [{"role": options.get("role", "body"), "text": text}] if text else [],
        }
        if counts := {name: int(options[name]) for name in COUNTS if name in options}:
            value["engagement"] = counts
        if "sha256" in options:
            value["media"] = [{"type": "video", "sha256": hashlib.sha256(options["sha256"].encode()).hexdigest()}]
        if relation := self._relation(line):
            value["relation"] = relation
        if "place" in options:
            value["place"] = options["place"].replace("_", " ")
        if "country" in options:
            value["audience_country"] = options["country"]
        return value

    def _relation(self, line: Line) -> dict[str, Any]:
        relation: dict[str, Any] = {}
        if reply := line.options.get("reply"):
            relation["in_reply_to"] = self._reference(line, reply)
            relation["thread"] = self._reference(line, self._root(reply))
        if quoted := line.options.get("quotes"):
            relation["quotes"] = self._reference(line, quoted)
        if mentioned := line.options.get("mentions"):
            relation["mentions"] = [{"author_id": f"{line.platform}:{name}"} for name in mentioned.split(",")]
        return relation

    def _reference(self, line: Line, name: str) -> dict[str, str]:
        author = next(known.author for known in self.lines if known.options.get("name") == name)
        return {"content_id": name, "author_id": f"{line.platform}:{author}"}

    def _root(self, name: str) -> str:
        known = next(line for line in self.lines if line.options.get("name") == name)
        return self._root(known.options["reply"]) if "reply" in known.options else name


def age(text: str) -> timedelta:
    """`3d4h` as a duration. Raises ValueError."""
    if not _AGE.fullmatch(text):
        raise ValueError(f"{text!r} is no time: write 3d4h, 40m or 30s")
    return timedelta(seconds=sum(int(number) * UNITS[unit] for number, unit in _PIECE.findall(text)))


def read_story(path: Path) -> Story:
    """Read one story. Raises ValueError naming file and line."""
    story = Story(path.stem)
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            _take(story, number, raw.strip())
        except ValueError as why:
            raise ValueError(f"{path.name} line {number}: {why}") from why
    named = {line.options["name"] for line in story.lines if "name" in line.options}
    wanted = {n for e in story.expectations for n in (e.name, e.other) if n}
    wanted |= {line.options[key] for line in story.lines for key in ("reply", "quotes", "of") if key in line.options}
    if unknown := {name for name in wanted - named if name.rpartition("-")[0] not in named}:
        raise ValueError(f"{path.name}: no line is named {', '.join(sorted(unknown))}")
    return story


def _take(story: Story, number: int, raw: str) -> None:
    if raw.startswith("#"):
        story.about = f"{story.about} {raw[1:].strip()}".strip()
    elif raw.startswith("context:"):
        story.context = raw.removeprefix("context:").split("#")[0].strip() == "yes"
    elif raw.startswith("ends:"):
        story.ends = datetime.fromisoformat(raw.removeprefix("ends:").split("#")[0].strip())
    elif raw.count("|") >= 5:
        before, platform, author, kind, options, text = (part.strip() for part in raw.split("|", 5))
        pairs = dict(option.split("=", 1) for option in options.split())
        line = Line(number, age(before), platform, author, kind, pairs, text.replace("\\n", "\n"))
        story.lines.append(line)
    elif raw:
        story.expectations.append(_expectation(raw.split("#", maxsplit=1)[0].split()))


def _expectation(words: list[str]) -> Expectation:
    match words:
        case [name, ">", other]:
            return Expectation("before", name, other=other)
        case [name, "in", *bands] if bands and BANDS.issuperset(bands):
            return Expectation("band", name, bands=frozenset(bands))
        case [name, "unlisted"]:
            return Expectation("unlisted", name)
        case [name, "copies", number] if number.isdecimal():
            return Expectation("copies", name, copies=int(number))
    raise ValueError(
        "neither content (six fields) nor an expectation: `a > b`, `a in P1 P2`, `a unlisted`, `a copies 3`"
    )


def stories(folder: Path = FOLDER) -> list[Story]:
    """Every story of the folder, by name."""
    return [read_story(path) for path in sorted(folder.glob("*.story"))]
