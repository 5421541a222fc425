"""Items of a recording or a stream come in, batches go to the door at a chosen rate, and what became of them is counted."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from aiolimiter import AsyncLimiter

from schemas.door import DoorAnswer, ItemVerdict, Verdict
from services.ingest.recordings import Item

Publish = Callable[[Sequence[bytes]], Awaitable[DoorAnswer]]
# A stream has no end; whoever sees so many refusals knows what is wrong.
REFUSALS_KEPT = 50
# Well inside what the door takes in one request.
BATCH_BYTES = 2 * 1024 * 1024


@dataclass
class Tally:
    """What became of everything so far; the first refusals with the places of their items."""

    counts: Counter[Verdict] = field(default_factory=Counter)
    refused: list[tuple[str, ItemVerdict]] = field(default_factory=list)

    def add(self, items: Sequence[Item], answer: DoorAnswer) -> None:
        """Take in the door's answer on these items."""
        self.counts.update(verdict.verdict for verdict in answer.items)
        refused = [one for one in answer.items if one.verdict is Verdict.REJECTED]
        room = REFUSALS_KEPT - len(self.refused)
        self.refused += [(items[verdict.index].place, verdict) for verdict in refused[:room]]

    def __str__(self) -> str:
        return " ".join(f"{verdict.value}={self.counts[verdict]}" for verdict in Verdict)


def batches(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Items in batches of at most so many, and of at most so many bytes unless one alone has more."""
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) == most or size + len(item.body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.body)
    if batch:
        yield batch


async def replay(
    items: Iterable[Item], publish: Publish, *, rate: float, batch: int, done: Callable[[int], None]
) -> Tally:  # fmt: skip
    """Publish all items, no more than `rate` of them a second; `done` hears how many after each batch. Raises Fatal."""
    tally = Tally()
    most = max(1, min(batch, int(rate)))
    limiter = AsyncLimiter(most, most / rate)
    for part in batches(items, most):
        await limiter.acquire(len(part))
        tally.add(part, await publish([item.body for item in part]))
        done(len(part))
    return tally
