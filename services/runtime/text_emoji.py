"""A text under way in, the same with each emoji as its name out; where names would make it too long, as many names as there is room for."""

from collections.abc import Iterator

from services.runtime import text_tables as tables
from services.runtime.text_map import Edit, Work


def name_emoji(work: Work) -> None:
    """Each emoji becomes its name between spaces; of more than two equal ones in a row two stay."""
    if not tables.MAYBE_EMOJI.search(work.text):
        return
    edits: list[Edit] = []
    same = grown = 0
    for start, end, name in _emoji(work.text):
        same = same + 1 if edits and edits[-1][1] == start and edits[-1][2] == name else 1
        if same > 2:
            edits[-1] = (edits[-1][0], end, name)
            continue
        edits.append((start, end, name))
        grown += len(name)
        if grown > work.limit and not work.sparing:
            break
    if edits:
        work.replace(_afforded(work, edits) if work.sparing else edits)


def _emoji(text: str) -> Iterator[Edit]:
    table = tables.emoji_table()
    done = 0
    for found in tables.MAYBE_EMOJI.finditer(text):
        start = found.start()
        sequence = _longest(table, text, start) if start >= done else None
        if sequence is not None:
            done = start + len(sequence)
            yield start, done, table.names[sequence]


def _longest(table: tables.Emoji, text: str, start: int) -> str | None:
    """The longest emoji that begins at `start`."""
    candidates = (text[start : start + length] for length in table.lengths.get(text[start], ()))
    return next((sequence for sequence in candidates if sequence in table.names), None)


def _afforded(work: Work, edits: list[Edit]) -> list[Edit]:
    """What there is room for is named, each emoji once before any a second time; the others part words, as one space a stretch."""
    room = work.room + sum(work.growth * (end - start) - 1 for start, end, _ in edits)
    named: set[int] = set()
    for at in _rarest_first(edits):
        cost = len(edits[at][2]) - 1
        if cost <= room:
            room -= cost
            named.add(at)
    work.room = room
    made: list[Edit] = []
    for at, (start, end, name) in enumerate(edits):
        if at in named:
            made.append((start, end, name))
        elif made and made[-1][1:] == (start, " "):
            made[-1] = (made[-1][0], end, " ")
        else:
            made.append((start, end, " "))
    return made


def _rarest_first(edits: list[Edit]) -> list[int]:
    """Where each name stands first, in order, and then where one stands again."""
    seen: set[str] = set()
    first: list[int] = []
    again: list[int] = []
    for at, (_, _, name) in enumerate(edits):
        (again if name in seen else first).append(at)
        seen.add(name)
    return first + again
