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


@dataclass
class Ledgered:
    """Endings collected for one source topic."""

    endings: dict[Source, Counter[Found]] = field(default_factory=dict)

    def add(self, source: Source, found: Found) -> None:
        """Note one ending of one source record."""
        self.endings.setdefault(source, Counter())[found] += 1


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
        kind = next(iter(endings))
        counts[kind] += 1
        # The same ending twice is a repeat after a crash and harmless; two different endings are not.
        repeats += endings.total() - len(endings)
        if len(endings) > 1:
            doubled.append(source)
    return StageAudit(stage, topic, total, dict(counts), waiting, repeats, tuple(missing), tuple(doubled))
