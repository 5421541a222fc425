"""A text and its edits in, the edited text with the map back to the original out: the bookkeeping of the text normaliser."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.vocabulary import TextFlag

Run = tuple[int, int, int]
Edit = tuple[int, int, str]


def identity(length: int) -> tuple[Run, ...]:
    """The runs of a text that normalising left as it was."""
    return ((0, 0, length), (length, length, 0)) if length else ((0, 0, 0),)


def to_original(runs: Iterable[Run], start: int, end: int) -> tuple[int, int]:
    """The span of original characters that the normalised span `[start, end)` stands for.

    `0 <= start <= end <= len(normalised)`; an empty span gives an empty one.
    """
    table = list(runs)
    first = _run_at(table, start)
    n, o, length = table[first]
    low = o + (start - n if length else 0)
    if end <= start:
        return low, low
    last = _run_at(table, end - 1)
    n, o, length = table[last]
    return low, o + end - n if length else table[last + 1][1]


def _run_at(table: list[Run], position: int) -> int:
    """Index of the run that holds a normalised position: the last one that begins at or before it."""
    low, high = 0, len(table)
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle][0] <= position:
            low = middle
        else:
            high = middle
    return low


class Segment(NamedTuple):
    """`length` normalised characters that stand for `original[start:end]`, one by one if `single`, else together."""

    length: int
    start: int
    end: int
    single: bool


class Work:
    """A text under way, which may grow to `limit` characters, and the segments that lead back to the original."""

    def __init__(self, text: str, length: int, limit: int) -> None:
        self.text = text
        self.length = length
        self.limit = limit
        self.segments = [Segment(length, 0, length, True)] if length else []
        self.flags: set[TextFlag] = set()

    def replace(self, edits: list[Edit]) -> None:
        """Apply ordered edits `(start, end, new)`; equal lengths map one to one, others map as a block."""
        pieces: list[str] = []
        at = 0
        for start, end, new in edits:
            pieces += (self.text[at:start], new)
            at = end
        self.text = "".join((*pieces, self.text[at:]))
        uneven = [edit for edit in edits if len(edit[2]) != edit[1] - edit[0]]
        if uneven:
            self.segments = _remapped(self.segments, uneven)

    def cut(self) -> None:
        """Drop what lies beyond the limit, and say so."""
        if len(self.text) <= self.limit:
            return
        self.text = self.text[: self.limit]
        self.segments = _take(self.segments[::-1], self.limit)
        self.flags.add(TextFlag.TRUNCATED)

    def runs(self) -> tuple[Run, ...]:
        """The run-length map, as `NormalisedText` describes it."""
        found: list[Run] = []
        position = done = 0
        before: Segment | None = None
        for segment in self.segments:
            if before is None or not _continues(before, segment):
                if before is not None and not before.single and segment.start > done:
                    found.append((position, done, 0))
                found.append((position, segment.start, segment.length if segment.single else 0))
            elif segment.single:
                n, o, length = found[-1]
                found[-1] = (n, o, length + segment.length)
            position += segment.length
            done = segment.end
            before = segment
        if before is not None and not before.single and done < self.length:
            found.append((position, done, 0))
        return (*found, (position, self.length, 0))


def _continues(before: Segment, segment: Segment) -> bool:
    if segment.single:
        return before.single and before.end == segment.start
    return not before.single and before.start == segment.start


def _remapped(segments: list[Segment], edits: list[Edit]) -> list[Segment]:
    rest = segments[::-1]
    made: list[Segment] = []
    at = 0
    for start, end, new in edits:
        made += _take(rest, start - at)
        gone = _take(rest, end - start)
        if new:
            made.append(Segment(len(new), gone[0].start, gone[-1].end, False))
        at = end
    return made + rest[::-1]


def _take(rest: list[Segment], length: int) -> list[Segment]:
    """Take segments of `length` characters in all from a stack whose next segment lies on top."""
    taken: list[Segment] = []
    while length > 0:
        segment = rest.pop()
        if segment.length > length:
            middle = segment.start + length
            head, tail = (segment.end, segment.start) if not segment.single else (middle, middle)
            rest.append(Segment(segment.length - length, tail, segment.end, segment.single))
            segment = Segment(length, segment.start, head, segment.single)
        taken.append(segment)
        length -= segment.length
    return taken
