"""A scored content and its strongest stretch come in; the reasons that a person can look up in the original text go out."""

import re
from collections.abc import Sequence

from schemas.content import NormalisedText
from schemas.scoring import Signal
from schemas.vocabulary import SignalKind
from services.runtime.text import to_original
from services.scorer.cascade.language import EVERYDAY
from services.scorer.cascade.readings import Reading, Readings
from services.scorer.cascade.windows import Unit

# Below this a text has nothing to explain.
EXPLAINED_FROM = 0.2
# Tier 2 is asked about these many words, the ones that matter most to tier 1 first: it costs one run each.
ASKED = 5
NAMED = 3
LEAST_DROP = 0.05
# Characters that tier 1 reads to find them; text without spaces could ask for thousands of times its own length.
LOOKED_AT = 1 << 16
_WORD = re.compile(r"[^\W_](?:[\w'*-]*\w)?|\S")
_A_WORD = re.compile(r"\w")

# How much the log-odds fall without a word, and where it stands in the normalised text.
Weighty = tuple[float, tuple[int, int]]


def window_signal(unit: Unit, texts: Sequence[NormalisedText], odds: float) -> Signal | None:
    """Where the strongest stretch stands, if it is not the whole of the only text."""
    if unit.number is None or (unit.whole and len(texts) == 1):
        return None
    start, end = to_original(texts[unit.number].offsets, unit.start, unit.end)
    return Signal(
        kind=SignalKind.STRONGEST_WINDOW,
        text=unit.number,
        role=texts[unit.number].role,
        start=start,
        end=end,
        weight=round(odds, 4),
    )


def weighty_words(readings: Readings, reading: Reading, *, transformer: bool) -> list[Weighty]:
    """The words whose removal lowers the log-odds most, strongest first; by tier 1 alone where `transformer` is not to be asked."""
    text = reading.text
    words = [found for found in _WORD.finditer(text) if _A_WORD.search(found[0])]
    # "am going to" may carry a threat and tells a reviewer nothing: everyday words are named only where there are no others.
    spans = [word.span() for word in words if word[0] not in EVERYDAY] or [word.span() for word in words]
    spans = spans[: LOOKED_AT // len(text)]
    drops = _drops(readings, reading, spans, transformer=False)
    ranked = sorted(zip(drops, spans, strict=True), key=lambda pair: (-pair[0], pair[1]))
    if transformer and reading.transformer is not None:
        asked = [span for _, span in ranked[:ASKED]]
        drops = _drops(readings, reading, asked, transformer=True)
        ranked = sorted(zip(drops, asked, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return [(drop, span) for drop, span in ranked[:NAMED] if drop >= LEAST_DROP]


def word_signals(found: Sequence[Weighty], unit: Unit, texts: Sequence[NormalisedText]) -> list[Signal]:
    """Weighty words of a unit's text, in the original."""
    number = unit.number
    return [] if number is None else [_word(unit, texts[number], number, drop, span) for drop, span in found]


def _drops(readings: Readings, reading: Reading, spans: Sequence[tuple[int, int]], *, transformer: bool) -> list[float]:
    text = reading.text
    full = readings.odds(reading) if transformer else readings.linear_odds(reading)
    rest = readings.without([text[:start] + text[end:] for start, end in spans], transformer=transformer)
    return [full - odds for odds in rest]


def _word(unit: Unit, text: NormalisedText, number: int, drop: float, span: tuple[int, int]) -> Signal:
    start, end = to_original(text.offsets, unit.start + span[0], unit.start + span[1])
    return Signal(
        kind=SignalKind.INFLUENTIAL_WORDS,
        text=number,
        role=text.role,
        start=start,
        end=end,
        term=unit.text[span[0] : span[1]],
        weight=round(drop, 4),
    )
