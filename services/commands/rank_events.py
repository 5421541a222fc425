"""Lines of a file or a stream come in, observations as ingest normalises them go out; what is unusable is named by its line."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import BinaryIO

from schemas.content import ContentNormalised, ContentReceived
from schemas.vocabulary import Change
from services.ingest.formats.common import MAXIMUM_DEPTH, Convert, Ignored, Result, Seen
from services.ingest.formats.table import FORMATS
from services.ingest.identity import Pseudonyms, Secret
from services.ingest.normalise import check_clock, normalise
from services.ingest.recordings import items, of_line
from services.runtime.codec import load, parse, read
from services.runtime.errors import Rejected
from services.runtime.text_lines import unmarked

HUB = "hub"
# Pseudonyms of a backtest leave it no more than names do: the same ones every time make two runs comparable.
SECRET = Secret("rank", b"a backtest has no secrets to keep")


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something in the input that no service would have taken, and where it stands."""

    place: str
    why: str


def observations(
    stream: BinaryIO, format_name: str, advance: Callable[[int], None], now: datetime | None = None
) -> Iterator[ContentNormalised | Unusable | Ignored]:
    """Normalised observations in the order of the input, and what is none. `advance` hears how many bytes were read.

    JSON lines are read one at a time, whatever their number; recordings in a platform's envelope are read whole.
    """
    convert = FORMATS.get(format_name)
    seen = Seen("backtest", now or datetime.now(UTC))
    pseudonyms = Pseudonyms(SECRET)
    for place, body in _bodies(stream, advance):
        try:
            results = _results(body, convert, seen)
        except Rejected as why:
            yield Unusable(place, _said(why))
            continue
        for result in results:
            if isinstance(result, Ignored):
                yield result
                continue
            try:
                if isinstance(result, Rejected):
                    raise result
                check_clock(result, seen.at)
                yield normalise(_seen_when_said(result, seen), pseudonyms)
            except Rejected as why:
                yield Unusable(place, _said(why))


def _seen_when_said(event: ContentReceived, seen: Seen) -> ContentReceived:
    """Content whose recording does not say when it was seen, as though it was seen at once.

    Seen today, "tonight" would be over in every recording, and the ranking of a file another one each day.
    """
    if event.observed_at != seen.at or event.change is Change.DELETED:
        return event
    return event.model_copy(update={"observed_at": min(event.edited_at or event.published_at, seen.at)})


def _results(body: bytes, convert: Convert | None, seen: Seen) -> list[Result]:
    if convert is None:
        return [read(ContentReceived, parse(body))]
    return convert(parse(body, MAXIMUM_DEPTH), seen)


def _said(why: Rejected) -> str:
    return f"{why.reason.value}: {why.detail}" + (f" ({why.pointer})" if why.pointer else "")


def _bodies(stream: BinaryIO, advance: Callable[[int], None]) -> Iterator[tuple[str, bytes]]:
    """Places and bodies: one per line where the first line is a whole JSON object, else what a recording holds."""
    begun: list[bytes] = []
    for line in unmarked(stream):
        begun.append(line)
        advance(len(line))
        if line.strip():
            break
    if not begun or _is_object(begun[-1]):
        yield from _lines(begun, stream, advance)
        return
    rest = stream.read()
    advance(len(rest))
    yield from ((item.place, item.body) for item in items(b"".join([*begun, rest])))


def _lines(begun: list[bytes], stream: Iterable[bytes], advance: Callable[[int], None]) -> Iterator[tuple[str, bytes]]:
    def rest() -> Iterator[bytes]:
        for line in stream:
            advance(len(line))
            yield line

    for number, line in enumerate(chain(begun, rest()), 1):
        if line.strip():
            yield from ((item.place, item.body) for item in of_line(number, line))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(load(line), dict)
    except Rejected:
        return False
