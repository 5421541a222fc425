"""A text and its edits in, the edited text with the map back to the original out: the bookkeeping of the text normaliser."""

from collections.abc import Iterable

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


class Work:
    """A text under way, which may grow to `limit` characters.

    `starts` and `ends` give each character's original span once a length has changed; None means one to one.
    """

    def __init__(self, text: str, length: int, limit: int) -> None:
        self.text = text
        self.length = length
        self.limit = limit
        self.starts: list[int] | None = None
        self.ends: list[int] = []
        self.flags: set[TextFlag] = set()

    def replace(self, edits: list[Edit]) -> None:
        """Apply ordered edits `(start, end, new)`; equal lengths map one to one, others map as a block."""
        if all(len(new) == end - start for start, end, new in edits):
            self.text = self._spliced(edits)
            return
        if self.starts is None:
            self.starts, self.ends = list(range(self.length)), list(range(1, self.length + 1))
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, end, new in edits:
            same = len(new) == end - start
            starts += self.starts[at : end if same else start]
            ends += self.ends[at : end if same else start]
            if not same and new:
                starts += [self.starts[start]] * len(new)
                ends += [self.ends[end - 1]] * len(new)
            at = end
        text = self._spliced(edits)
        self.starts, self.ends = starts + self.starts[at:], ends + self.ends[at:]
        self.text = text

    def _spliced(self, edits: list[Edit]) -> str:
        pieces: list[str] = []
        at = 0
        for start, end, new in edits:
            pieces += (self.text[at:start], new)
            at = end
        return "".join((*pieces, self.text[at:]))

    def cut(self) -> None:
        """Drop what lies beyond the limit, and say so."""
        if len(self.text) <= self.limit:
            return
        self.text = self.text[: self.limit]
        self.flags.add(TextFlag.TRUNCATED)
        if self.starts is not None:
            del self.starts[self.limit :], self.ends[self.limit :]

    def runs(self) -> tuple[Run, ...]:
        """The run-length map, as `NormalisedText` describes it."""
        if self.starts is None:
            return identity(self.length)
        found: list[Run] = []
        position, total, done = 0, len(self.starts), 0
        while position < total:
            start, end = self.starts[position], self.ends[position]
            if found and start > done and found[-1][2] == 0:
                found.append((position, done, 0))
            stop = position + 1
            if end - start == 1 and not (stop < total and self.starts[stop] == start):
                while stop < total and self.starts[stop] == start + stop - position == self.ends[stop] - 1:
                    if stop + 1 < total and self.starts[stop + 1] == self.starts[stop]:
                        break
                    stop += 1
                found.append((position, start, stop - position))
            else:
                while stop < total and self.starts[stop] == start:
                    stop += 1
                found.append((position, start, 0))
            done = self.ends[stop - 1]
            position = stop
        if found and found[-1][2] == 0 and done < self.length:
            found.append((total, done, 0))
        return (*found, (total, self.length, 0))
