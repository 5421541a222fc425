"""A scored content and the stretch that decided come in; the reasons that a person can look up in the original text go out."""

import re
from collections.abc import Sequence

from schemas.content import NormalisedText
from schemas.scoring import Signal
from schemas.vocabulary import SignalKind
from services.runtime.text import to_original
from services.scorer.cascade.language import EVERYDAY
from services.scorer.cascade.readings import Reading, Readings
from services.scorer.cascade.windows import Unit, place

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
    """What decided, if it is not the whole of the only text: a span, all words of one text, or the beginnings of all together."""
    if unit.whole and len(texts) == 1:
        return None
    signal = Signal(kind=SignalKind.STRONGEST_WINDOW, weight=round(odds, 4))
    if unit.number is None:
        return signal
    # Words alone leave no shorter span than the whole text, whose beginning may have nothing to do with them.
    where = place(unit, texts, 0, len(unit.text)) if not (unit.alone and unit.whole) else None
    if where is None:
        return signal.model_copy(update={"text": unit.number, "role": texts[unit.number].role})
    return _placed(signal, texts, where)


def weighty_words(readings: Readings, reading: Reading, *, transformer: bool) -> list[Weighty]:
    """The words whose removal lowers the log-odds most, strongest first, each where it does so most.

    By tier 1 alone where `transformer` is not to be asked; only a reading by tier 2 can ask it.
    """
    text = reading.text
    words = [found for found in _WORD.finditer(text) if _A_WORD.search(found[0])]
    # "am going to" may carry a threat and tells a reviewer nothing: everyday words are named only where there are no others.
    spans = [word.span() for word in words if word[0] not in EVERYDAY] or [word.span() for word in words]
    spans = spans[: LOOKED_AT // len(text)]
    drops = _drops(readings, reading, spans, transformer=False)
    ranked = sorted(zip(drops, spans, strict=True), key=lambda pair: (-pair[0], pair[1]))
    # A word that repeats would leave no room for another one.
    strongest: dict[str, Weighty] = {}
    for drop, (start, end) in ranked:
        strongest.setdefault(text[start:end], (drop, (start, end)))
    ranked = list(strongest.values())
    if transformer:
        asked = [span for _, span in ranked[:ASKED]]
        drops = _drops(readings, reading, asked, transformer=True)
        ranked = sorted(zip(drops, asked, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return [(drop, span) for drop, span in ranked[:NAMED] if drop >= LEAST_DROP]


def word_signals(found: Sequence[Weighty], unit: Unit, texts: Sequence[NormalisedText]) -> list[Signal]:
    """Weighty words of a unit's text, in the original."""
    placed = [(drop, unit.text[start:end], place(unit, texts, start, end)) for drop, (start, end) in found]
    return [
        _placed(Signal(kind=SignalKind.INFLUENTIAL_WORDS, term=term, weight=round(drop, 4)), texts, where)
        for drop, term, where in placed
        if where is not None
    ]


def _drops(readings: Readings, reading: Reading, spans: Sequence[tuple[int, int]], *, transformer: bool) -> list[float]:
    text = reading.text
    full = readings.odds(reading) if transformer else readings.linear_odds(reading)
    rest = readings.without([text[:start] + text[end:] for start, end in spans], transformer=transformer)
    return [full - odds for odds in rest]


def _placed(signal: Signal, texts: Sequence[NormalisedText], where: tuple[int, int, int]) -> Signal:
    """The same with its place in the original: `where` is the number of a text, and a span of it as normalised."""
    number, *span = where
    start, end = to_original(texts[number].offsets, *span)
    return signal.model_copy(update={"text": number, "role": texts[number].role, "start": start, "end": end})
