"""Lines of JSON `{id, text}` come in; one line of JSON with its score, or what is wrong with the line, goes out for each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

from schemas.content import NormalisedText
from schemas.vocabulary import TextRole
from services.runtime.codec import MAX_NUMBER
from services.runtime.text import normalise
from services.runtime.text_lines import unmarked
from services.scorer.ports import Classifier, Content, Score

# A line longer than this is a file without line ends, not a post.
LONGEST_LINE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """One readable line: its id as given, and its texts."""

    id: Any
    content: Content


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One line that cannot be scored: its number from 1, and why."""

    line: int
    why: str


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Every line; of one that is too long only enough to tell, for a file without line ends may fit into no memory."""
    while line := stream.readline(LONGEST_LINE + 1):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)


def score_lines(lines: Iterable[bytes], classifier: Classifier, batch: int) -> Iterator[bytes | Unreadable]:
    """In the order of the lines; blank lines are passed over."""
    waiting: list[Asked | Unreadable] = []
    for number, line in enumerate(unmarked(lines), 1):
        if not line.strip():
            continue
        waiting.append(read_line(number, line))
        if len(waiting) == batch:
            yield from _scored(waiting, classifier)
            waiting = []
    yield from _scored(waiting, classifier)


def read_line(number: int, line: bytes) -> Asked | Unreadable:
    """A line is an object with `text`, a string, or `texts`, a list of `{role, text}`; `id` may be anything."""
    if len(line) > LONGEST_LINE:
        return Unreadable(number, f"longer than {LONGEST_LINE} bytes")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as why:
        return Unreadable(number, f"not JSON: {why}")
    if not isinstance(value, dict):
        return Unreadable(number, "not an object")
    parts = value.get("texts") if "texts" in value else [{"text": value.get("text")}]
    if not isinstance(parts, list) or not all(isinstance(p, dict) and isinstance(p.get("text"), str) for p in parts):
        return Unreadable(number, _fault(value))
    try:
        texts = tuple(a_text(part["text"], TextRole(part.get("role", TextRole.BODY))) for part in parts)
    except ValueError:
        return Unreadable(number, f"`role` is not one of {', '.join(TextRole)}")
    # Whole numbers beyond 64 bits are read as the nearest number of a kind that holds no more digits than the largest exact one.
    if isinstance(value.get("id"), float) and abs(value["id"]) >= MAX_NUMBER:
        return Unreadable(number, "`id` is a number that is not kept exactly: write it as a string")
    if not _can_be_written(value.get("id")):
        return Unreadable(number, "`id` is nested too deeply")
    # Empty texts stay: a signal names its text by its place among those that were given.
    return Asked(value.get("id"), Content(texts))


def _fault(value: dict[str, Any]) -> str:
    if "texts" in value:
        return "`texts` is not a list of `{role, text}`, each `text` a string"
    return "`text` is not a string" if "text" in value else "no `text`"


def _can_be_written(id: Any) -> bool:
    """What is read may be nested deeper than what can be written."""
    try:
        return bool(orjson.dumps({"id": id}))
    except orjson.JSONEncodeError:
        return False


def a_text(original: str, role: TextRole = TextRole.BODY) -> NormalisedText:
    """A text as ingest normalises it."""
    done = normalise(original)
    return NormalisedText(role=role, original=original, normalised=done.text, offsets=done.runs, flags=done.flags)


def _scored(asked: Sequence[Asked | Unreadable], classifier: Classifier) -> Iterator[bytes | Unreadable]:
    scores = iter(classifier.score([one.content for one in asked if isinstance(one, Asked)]))
    for one in asked:
        yield written(one.id, next(scores)) if isinstance(one, Asked) else one


def written(id: Any, score: Score) -> bytes:
    """One result as a line; `score` is p_violence in full precision."""
    return orjson.dumps(
        {
            "id": id,
            "score": score.p_violence,
            "types": dict(score.types),
            "exemptions": dict(score.exemptions),
            "types_calibrated": score.calibrated,
            "overtness": score.overtness,
            "gang_related": score.gang_related.model_dump(mode="json"),
            "signals": [signal.model_dump(mode="json", exclude_none=True) for signal in score.signals],
            "tier": score.tier,
            "language": score.language,
            "confidence": score.confidence,
            "degraded": score.degraded,
        },
        option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS,
    )
