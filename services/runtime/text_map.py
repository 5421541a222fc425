"""A text and its edits in, the edited text with the map back to the original out: the bookkeeping of the text normaliser."""

from collections.abc import Iterable, Sequence

from schemas.vocabulary import TextFlag

Run = tuple[int, int, int]
Edit = tuple[int, int, str]
# `(length, start, end, single)`: so many normalised characters stand for `original[start:end]`, one by one if single, else
# together. A plain tuple, because every edit makes several.
Segment = tuple[int, int, int, bool]


def identity(length: int) -> tuple[Run, ...]:
    """The runs of a text that normalising left as it was."""
    return ((0, 0, length), (length, length, 0)) if length else ((0, 0, 0),)


def coarser(runs: Sequence[Run], least: int) -> tuple[Run, ...]:
    """The same map in fewer runs: those shorter than `least` characters stand together until there are so many."""
    made: list[Run] = []
    for n, o, length in runs[:-1]:
        if length >= least:
            made.append((n, o, length))
        elif not made or made[-1][2] or n - made[-1][0] >= least:
            made.append((n, o, 0))
    return (*made, runs[-1])


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


class Work:
    """A text under way, and the segments that lead back to the original.

    One that grows beyond `growth` times its length and `slack` is to be undone anew, `sparing`: then no character becomes more than
    `growth` of them, and of the names of emoji only so many are written that it stays within that bound.
    """

    def __init__(self, text: str, length: int, growth: int, slack: int, *, sparing: bool = False) -> None:
        self.text = text
        self.length = length
        self.growth = growth
        self.room = slack
        self.limit = growth * length + slack
        self.sparing = sparing
        self.segments = [(length, 0, length, True)] if length else []
        self.flags: set[TextFlag] = {TextFlag.TRUNCATED} if sparing else set()

    @property
    def outgrown(self) -> bool:
        """Whether it is longer than it may be."""
        return len(self.text) > self.limit

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

    def runs(self) -> tuple[Run, ...]:
        """The run-length map, as `NormalisedText` describes it."""
        found: list[Run] = []
        position = begun = done = 0
        # Whether the segment before stands one by one; a text begins like behind such a one, with nothing to continue.
        one_by_one = True
        for length, start, end, single in self.segments:
            if single and one_by_one and found and start == done:
                n, o, before = found[-1]
                found[-1] = (n, o, before + length)
            elif single or one_by_one or start != begun:
                if not one_by_one and start > done:
                    found.append((position, done, 0))
                found.append((position, start, length if single else 0))
            position += length
            begun, done, one_by_one = start, end, single
        if not one_by_one and done < self.length:
            found.append((position, done, 0))
        return (*found, (position, self.length, 0))


def _remapped(segments: list[Segment], edits: list[Edit]) -> list[Segment]:
    rest = segments[::-1]
    made: list[Segment] = []
    at = 0
    for start, end, new in edits:
        made += _take(rest, start - at)
        gone = _take(rest, end - start)
        if new:
            made.append((len(new), gone[0][1], gone[-1][2], False))
        at = end
    return made + rest[::-1]


def _take(rest: list[Segment], wanted: int) -> list[Segment]:
    """Take segments of `wanted` characters in all from a stack whose next segment lies on top."""
    taken: list[Segment] = []
    while wanted > 0:
        length, start, end, single = segment = rest.pop()
        if length > wanted:
            middle = start + wanted
            rest.append((length - wanted, middle if single else start, end, single))
            segment = (wanted, start, middle if single else end, single)
        taken.append(segment)
        wanted -= length
    return taken
