"""Conservation: source offsets below the committed one and the endings found for them come in; what is missing goes out. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.runtime.envelope import Source


class Found(StrEnum):
    """An ending as an audit can see it."""

    PUBLISHED = "published"
    DEAD_LETTERED = "dead_lettered"
    DUPLICATE = "duplicate"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Removed:
    """Offsets of one partition that Kafka removed, the end not among them."""

    topic: str
    partition: int
    begin: int
    end: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.begin} to {self.end - 1}"

    def __len__(self) -> int:
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class StageAudit:
    """What became of the records of one source topic in one stage.

    `unread` was removed before it was read; of `untold` nobody can say, because the group has committed nothing there.
    """

    stage: str
    topic: str
    sources: int
    endings: Mapping[Found, int]
    waiting: int
    repeats: int
    missing: tuple[Source, ...]
    doubled: tuple[Source, ...]
    unread: tuple[Removed, ...] = ()
    untold: tuple[Removed, ...] = ()

    @property
    def gap(self) -> int:
        """Records without an ending, records with two different ones, and offsets that were removed unread."""
        return len(self.missing) + len(self.doubled) + sum(map(len, self.unread))


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


def with_removed(
    audit: StageAudit, begins: Mapping[tuple[str, int], int], committed: Mapping[tuple[str, int], int]
) -> StageAudit:
    """The same with what lay before the beginnings of its topic's logs. These must be as old as the committed offsets, or older."""
    unread: list[Removed] = []
    untold: list[Removed] = []
    for (topic, partition), begin in sorted(begins.items()):
        at = committed.get((topic, partition))
        if topic == audit.topic and begin > (at or 0):
            (untold if at is None else unread).append(Removed(topic, partition, at or 0, begin))
    return replace(audit, unread=tuple(unread), untold=tuple(untold))
