"""A text and its score come in; what a person at a terminal reads goes out: marked spans, glosses, bars. Readable without colour."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from schemas.content import NormalisedText
from schemas.scoring import Signal
from schemas.vocabulary import SignalKind
from services.runtime.terminal import harmless, in_one_line
from services.scorer.ports import Score

BAR = 24
SHOWN_SPANS = 12
SHOWN_FROM = 0.05
_STYLES = {SignalKind.CODED_TERM: "bold yellow", SignalKind.INFLUENTIAL_WORDS: "bold red"}
# Marks stand beside colour, so that nothing is lost where there is none.
_MARKS = {SignalKind.CODED_TERM: ("[", "]"), SignalKind.INFLUENTIAL_WORDS: ("<", ">")}
# Brackets that somebody typed would look like marks: those are then doubled, so often at most.
MOST_DOUBLED = 4
# Characters of a long stretch that are quoted from its beginning and its end.
QUOTED = 60

Marks = Mapping[SignalKind, tuple[str, str]]


def shown(texts: Sequence[NormalisedText], score: Score) -> RenderableType:
    """Everything about one score."""
    parts: list[RenderableType] = [Text.assemble(("violence  ", "bold"), *_bar(score.p_violence, "red"))]
    parts += [_facts(score), Text()]
    originals = [harmless(text.original) for text in texts]
    marks = {kind: _unlike(pair, "\n".join(originals)) for kind, pair in _MARKS.items()}
    for number, original in enumerate(originals):
        parts.append(_marked(original, [s for s in score.signals if s.text == number], marks))
    parts += [Text(), *_reasons(originals, score, marks)]
    types = [(name, value) for name, value in score.types.items() if value >= SHOWN_FROM]
    if types:
        parts += [Text(), _table("looks like", types, "red")]
    exempt = [(name, value) for name, value in score.exemptions.items() if name != "none" and value >= SHOWN_FROM]
    if exempt:
        parts += [Text(), _table("may be exempt as", exempt, "green")]
    return Group(*parts)


def _facts(score: Score) -> Text:
    facts = [
        f"said {score.overtness}" if score.overtness != "none" else "no violence said",
        f"read by {score.tier}",
        f"confidence {score.confidence:.0%}",
        f"language {score.language or 'open'}",
    ]
    if score.gang_related.p >= 0.5:
        facts.append(f"gang conflict {score.gang_related.p:.0%}")
    if score.degraded:
        facts.append("degraded")
    return Text(" · ".join(facts), style="dim")


def _bar(value: float, style: str) -> list[tuple[str, str]]:
    filled = round(value * BAR)
    return [("█" * filled, style), ("░" * (BAR - filled), "dim"), (f" {value:6.1%}", "bold")]


def _table(title: str, rows: Iterable[tuple[str, float]], style: str) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row(Text(title, style="bold"), Text())
    for name, value in sorted(rows, key=lambda row: (-row[1], row[0])):
        table.add_row(str(name).replace("_", " "), Text.assemble(*_bar(value, style)))
    return table


def _unlike(pair: tuple[str, str], said: str) -> tuple[str, str]:
    often = next((n for n in range(1, MOST_DOUBLED) if not any(sign * n in said for sign in pair)), MOST_DOUBLED)
    return pair[0] * often, pair[1] * often


def _marked(original: str, signals: list[Signal], marks: Marks) -> Text:
    """The original text with [coded terms] and <weighty words> marked; of overlapping spans the first one stays."""
    made = Text()
    at = 0
    for start, end, kind in _spans(signals):
        if start < at or end <= start:
            continue
        left, right = marks[kind]
        made.append(original[at:start])
        made.append(f"{left}{original[start:end]}{right}", style=_STYLES[kind])
        at = end
    made.append(original[at:])
    return made


def _spans(signals: list[Signal]) -> Iterator[tuple[int, int, SignalKind]]:
    spans = [
        (s.start, s.end, s.kind) for s in signals if s.kind in _MARKS and s.start is not None and s.end is not None
    ]
    # Weighty words are few and stand below by name; a text of nothing but coded terms must not crowd them out.
    chosen = sorted(spans, key=lambda span: span[2] is SignalKind.CODED_TERM)[:SHOWN_SPANS]
    yield from sorted(chosen, key=lambda span: (span[0], -span[1], span[2]))


def _reasons(originals: Sequence[str], score: Score, marks: Marks) -> list[Text]:
    made: list[Text] = []
    for signal in score.signals:
        left, right = marks.get(signal.kind, ("", ""))
        if signal.kind is SignalKind.CODED_TERM:
            made.append(Text(f"{left}{signal.term}{right} can mean: {signal.gloss}"))
        elif signal.kind is SignalKind.INFLUENTIAL_WORDS:
            word = originals[signal.text or 0][signal.start : signal.end]
            made.append(Text(f"{left}{word}{right} without it the log-odds fall by {signal.weight:.2f}"))
        elif signal.kind is SignalKind.STRONGEST_WINDOW:
            made.append(Text(f"strongest: {_stretch(originals, signal)}"))
        elif signal.kind is SignalKind.UNSUPPORTED_LANGUAGE:
            made.append(Text(f"not a language the scorer knows ({score.language}): do not rely on this score"))
    return _once(made)


def _stretch(originals: Sequence[str], signal: Signal) -> str:
    if signal.text is None:
        return "the beginnings of all texts together"
    of = f" of the {signal.role}" if len(originals) > 1 else ""
    if signal.start is None:
        return f"the words{of}, without what stands between them"
    part = originals[signal.text][signal.start : signal.end]
    quoted = part if len(part) <= 2 * QUOTED else f"{part[:QUOTED]} … {part[-QUOTED:]}"
    return f"characters {signal.start} to {signal.end}{of}: {in_one_line(quoted)}"


def _once(lines: list[Text]) -> list[Text]:
    seen: dict[str, Text] = {}
    for line in lines:
        seen.setdefault(line.plain, line)
    return list(seen.values())
