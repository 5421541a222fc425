"""Lines of JSON, `{id, text}` or `{id, texts}`, come in; a line of JSON with its score, or what is wrong with it, goes out for each."""

import select
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from typing import Any

import orjson

from schemas.content import NormalisedText
from schemas.vocabulary import TextRole
from services.runtime.codec import MAX_NUMBER
from services.runtime.text import normalise
from services.runtime.text_lines import unmarked
from services.scorer.ports import Classifier, Content, Score

# A line longer than this is a file without line ends, not a post.
LONGEST_LINE = 4 * 1024 * 1024
CHUNK = 1 << 16
# A batch ends with the line that brings it here: sixty-four of the longest lines would take gigabytes.
BATCH_BYTES = 1 << 20
# Who sends lines one after the other is given so long for the next one; then what is there is scored.
PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """One readable line: its number from 1, its id as given, and its texts."""

    line: int
    id: str | float | None
    content: Content


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One line that cannot be scored: its number from 1, and why."""

    line: int
    why: str


def lines_of(stream: BufferedIOBase) -> Iterator[bytes]:
    """Every line, and an empty one after those behind which nothing is there yet.

    Of a line that is too long only enough to tell, for a file without line ends may fit into no memory.
    """
    line = bytearray()
    told = True
    while chunk := stream.read1(CHUNK):
        for piece in BytesIO(chunk):
            line += piece[: LONGEST_LINE + 1 - len(line)]
            if piece.endswith(b"\n"):
                yield bytes(line)
                line.clear()
                told = False
        if not told and not _more(stream):
            yield b""
            told = True
    if line:
        yield bytes(line)


def _more(stream: BufferedIOBase) -> bool:
    """Whether there is something to read, the end too; what is not of the operating system need not be waited for."""
    try:
        return bool(select.select([stream], [], [], PAUSE_SECONDS)[0])
    except (OSError, ValueError):
        return True


def score_lines(lines: Iterable[bytes], classifier: Classifier, batch: int) -> Iterator[bytes | Unreadable]:
    """In the order of the lines; blank lines are passed over, and an empty one says to score what was read so far."""
    waiting: list[Asked | Unreadable] = []
    number = size = 0
    for line in unmarked(lines):
        number += bool(line)
        if line.strip():
            waiting.append(read_line(number, line))
            size += len(line)
        if len(waiting) == batch or size >= BATCH_BYTES or not line:
            yield from _scored(waiting, classifier)
            waiting, size = [], 0
    yield from _scored(waiting, classifier)


def read_line(number: int, line: bytes) -> Asked | Unreadable:
    """A line is an object with `text`, a string, or `texts`, a list of `{role, text}`; `id` is a string, a number or null, if anything."""
    if len(line) > LONGEST_LINE:
        return Unreadable(number, f"longer than {LONGEST_LINE} bytes")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as why:
        return Unreadable(number, f"not JSON: {why}")
    if not isinstance(value, dict):
        return Unreadable(number, "not an object")
    parts: Any = value["texts"] if "texts" in value else [{"text": value.get("text")}]
    if fault := _fault(value, parts) or _id_fault(value.get("id")):
        return Unreadable(number, fault)
    try:
        texts = tuple(a_text(part["text"], TextRole(part.get("role", TextRole.BODY))) for part in parts)
    except ValueError:
        return Unreadable(number, f"`role` is not one of {', '.join(TextRole)}")
    # Empty texts stay: a signal names its text by its place among those that were given.
    return Asked(number, value.get("id"), Content(texts))


def _fault(value: dict[str, Any], parts: Any) -> str | None:
    if not isinstance(parts, list) or not all(isinstance(p, dict) and isinstance(p.get("text"), str) for p in parts):
        if "texts" in value:
            return "`texts` is not a list of `{role, text}`, each `text` a string"
        return "`text` is not a string" if "text" in value else "no `text`"
    if not parts:
        return "`texts` is empty"
    if "texts" in value and value.get("text") is not None:
        return "`text` and `texts`: only one of them can be scored"
    return None


def _id_fault(given: Any) -> str | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float | None):
        return "`id` is not a string, a number or null"
    # Whole numbers beyond 64 bits are read as the nearest number of a kind that holds no more digits than the largest exact one.
    if isinstance(given, float) and abs(given) >= MAX_NUMBER:
        return "`id` is a number that is not kept exactly: write it as a string"
    return None


def a_text(original: str, role: TextRole = TextRole.BODY) -> NormalisedText:
    """A text as ingest normalises it."""
    done = normalise(original)
    return NormalisedText(role=role, original=original, normalised=done.text, offsets=done.runs, flags=done.flags)


def _scored(asked: Sequence[Asked | Unreadable], classifier: Classifier) -> Iterator[bytes | Unreadable]:
    scores = iter(classifier.score([one.content for one in asked if isinstance(one, Asked)]))
    for one in asked:
        yield written(one, next(scores)) if isinstance(one, Asked) else one


def written(asked: Asked, score: Score) -> bytes:
    """One result as a line; `score` is p_violence in full precision. Without an id, the number of its line tells whose it is."""
    return orjson.dumps(
        {
            "id": asked.id,
            **({"line": asked.line} if asked.id is None else {}),
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
