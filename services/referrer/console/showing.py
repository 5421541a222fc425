"""What a case holds comes in; pieces that a page can show without trusting them go out. Pure; escaping is the templates' part."""

import itertools
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from schemas.content import NormalisedText
from schemas.scoring import Contribution, Signal
from schemas.vocabulary import SignalKind

# Joins emoji, and choosing between text and picture: harmless and common.
HARMLESS = frozenset({"\u200d", "\ufe0e", "\ufe0f"})
KEPT = frozenset({"\n", "\t"})
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
FILLERS = frozenset({"\u115f", "\u1160", "\u3164", "\uffa0", "\u034f"})
LINK_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: plain, marked with what it means, or the name of a character that nobody would see."""

    text: str
    kind: str = "plain"
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a risk: its contribution in log-odds and where its bar lies, in percent of the width."""

    name: str
    value: float
    contribution: float
    start: float
    length: float


def hidden(character: str) -> bool:
    """Whether a character is one that changes a text without being seen."""
    if character in HARMLESS or character in KEPT:
        return False
    return character in FILLERS or unicodedata.category(character) in HIDDEN_CATEGORIES


def named(character: str) -> str:
    """How a hidden character is shown."""
    return f"U+{ord(character):04X}"


def visible(text: str) -> str:
    """A text on one line, hidden characters by their names."""
    return "".join(f"[{named(c)}]" if hidden(c) or c in KEPT else c for c in text)


def pieces(text: NormalisedText, number: int, signals: Iterable[Signal]) -> list[Piece]:
    """The original text cut where a reason begins or ends; a gloss stands at the end of its reason."""
    length = len(text.original)
    spans = [span for signal in signals if (span := _span(signal, number, length)) is not None]
    cuts = sorted({0, length, *(edge for start, end, _ in spans for edge in (start, end))})
    found: list[Piece] = []
    for start, end in itertools.pairwise(cuts):
        over = [signal for a, b, signal in spans if a <= start and end <= b]
        kind = "plain" if not over else "coded" if any(s.kind is SignalKind.CODED_TERM for s in over) else "words"
        ending = [signal.gloss for _, b, signal in spans if b == end and signal.gloss]
        found += _cut(text.original[start:end], kind, "; ".join(dict.fromkeys(ending)))
    return found


def _span(signal: Signal, number: int, length: int) -> tuple[int, int, Signal] | None:
    if (
        signal.text != number
        or signal.start is None
        or signal.end is None
        or signal.kind is SignalKind.STRONGEST_WINDOW
    ):
        return None
    start, end = min(signal.start, length), min(signal.end, length)
    return (start, end, signal) if start < end else None


def _cut(text: str, kind: str, gloss: str) -> list[Piece]:
    """One stretch, its hidden characters as pieces of their own; the gloss goes to the last one."""
    found: list[Piece] = []
    run = ""
    for character in text:
        if hidden(character):
            if run:
                found.append(Piece(run, kind))
                run = ""
            found.append(Piece(named(character), "hidden"))
        else:
            run += character
    if run:
        found.append(Piece(run, kind))
    if gloss and found:
        last = found[-1]
        found[-1] = Piece(last.text, last.kind, gloss)
    return found


def bars(parts: Sequence[Contribution]) -> list[Bar]:
    """Parts of a risk as bars left and right of a middle line, all in one measure."""
    largest = max((abs(part.contribution) for part in parts), default=0.0) or 1.0
    found = []
    for part in parts:
        length = 50.0 * abs(part.contribution) / largest
        start = 50.0 if part.contribution >= 0 else 50.0 - length
        found.append(Bar(part.name, part.value, part.contribution, round(start, 2), round(length, 2)))
    return found


def probability(log_odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))


def link_of(url: str | None) -> str | None:
    """An address that a page may link to; None for every scheme that could do something, and for what hides characters."""
    if url is None or any(hidden(c) or c in KEPT for c in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme.lower() in LINK_SCHEMES and parts.hostname else None


def ago(at: datetime, now: datetime) -> str:
    """How long something is past, or to come, in the largest unit that fits."""
    seconds = (now - at).total_seconds()
    size = abs(seconds)
    if size < 60:
        return "now" if seconds >= 0 else "in under 1 min"
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if size >= length:
            text = f"{int(size // length)} {name}"
            break
    if name == "h" and (minutes := int(size % 3_600 // 60)):
        text += f" {minutes:02d}"
    return text if seconds >= 0 else f"in {text}"


def past(at: datetime, now: datetime) -> str:
    """The same in a sentence: when it was, or will be."""
    said = ago(at, now)
    return "just now" if said == "now" else said if said.startswith("in ") else f"{said} ago"


def moment(at: datetime) -> str:
    """A moment in full."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
