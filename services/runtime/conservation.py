"""Conservation: source offsets below the committed one and the endings found for them come in; what is missing goes out. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.runtime.envelope import Source


class Found(StrEnum):
    """An ending as an audit can see it."""

    PUBLISHED = "published"
    DEAD_LETTERED = "dead_lettered"
    DUPLICATE = "duplicate"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class StageAudit:
    """What became of the records of one source topic in one stage."""

    stage: str
    topic: str
    sources: int
    endings: Mapping[Found, int]
    waiting: int
    repeats: int
    missing: tuple[Source, ...]
    doubled: tuple[Source, ...]

    @property
    def gap(self) -> int:
        """Records without an ending, and records with two different ones."""
        return len(self.missing) + len(self.doubled)


# Nearly every record has one ending: the same tuple for all of them is what makes millions fit.
_ONE = {found: (found,) for found in Found}


@dataclass
class Ledgered:
    """Endings collected for one source topic, in the order they were found."""

    endings: dict[Source, tuple[Found, ...]] = field(default_factory=dict)

    def add(self, source: Source, found: Found) -> None:
        """Note one ending of one source record."""
        before = self.endings.get(source)
        self.endings[source] = _ONE[found] if before is None else (*before, found)


def audit_stage(
    stage: str, topic: str, sources: Iterable[Source], committed: Mapping[tuple[str, int], int], found: Ledgered
) -> StageAudit:
    """Join sources with endings. A record at or above the committed offset still waits, whatever became of it so far."""
    counts: Counter[Found] = Counter()
    missing: list[Source] = []
    doubled: list[Source] = []
    total = waiting = repeats = 0
    for source in sources:
        if source.offset >= committed.get((source.topic, source.partition), 0):
            waiting += 1
            continue
        total += 1
        endings = found.endings.get(source)
        if not endings:
            missing.append(source)
            continue
        counts[endings[0]] += 1
        # The same ending twice is a repeat after a crash and harmless; two different endings are not.
        different = len(set(endings))
        repeats += len(endings) - different
        if different > 1:
            doubled.append(source)
    return StageAudit(stage, topic, total, dict(counts), waiting, repeats, tuple(missing), tuple(doubled))
