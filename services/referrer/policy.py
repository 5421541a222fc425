"""The context policy: a TOML file comes in, a checked frozen value with its digest goes out."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from schemas.vocabulary import Exemption
from services.runtime.data_file import Table, load

PACKAGED = Path(__file__).parent / "data" / "policy.toml"
# Strict: `true` would be a 1, and a text of digits a number.
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Weight = Annotated[float, Field(strict=True, ge=0, le=10)]
Scale = Annotated[float, Field(strict=True, gt=0, le=100)]
Days = Annotated[int, Field(strict=True, ge=1, le=365)]
Bound = Annotated[int, Field(strict=True, ge=1, le=10_000)]
DAY = 86_400_000_000


class Floors(Table):
    """From which risk on content is remembered, and queued."""

    context: Share
    watch: Share

    @model_validator(mode="after")
    def _in_order(self) -> "Floors":
        if self.context > self.watch:
            raise ValueError("context must not lie above watch: what is queued is also remembered")
        return self


class Bands(Table):
    """Lowest risk per band; P2 also needs imminence."""

    P2: Share
    P3: Share
    bands_imminence: Share


class Gate(Table):
    """How much of the context counts for content that says little itself."""

    full: Annotated[float, Field(strict=True, gt=0, le=1)]


class Exempt(Table):
    """When content is an exemption and nothing else."""

    names: tuple[Exemption, ...]
    probability: Share
    types: Share


class Emphasis(Table):
    """How a remembered content risk enters a sum."""

    power: Annotated[float, Field(strict=True, ge=1, le=4)]


class Window(Table):
    """A saturating sum over remembered content of the last days."""

    days: Days
    weight: Weight
    scale: Scale

    @property
    def length(self) -> int:
        """Length in microseconds."""
        return self.days * DAY


class Escalation(Table):
    """Somebody, an answer, now this."""

    days: Days
    weight: Weight

    @property
    def length(self) -> int:
        """Length in microseconds."""
        return self.days * DAY


class Copies(Window):
    """Copies and near-copies, and how near is near."""

    bits: Annotated[int, Field(strict=True, ge=0, le=20)]
    pdq_bits: Annotated[int, Field(strict=True, ge=0, le=64)]


class Burst(Table):
    """Several authors on one name or place."""

    hours: Annotated[int, Field(strict=True, ge=1, le=48)]
    weight: Weight
    scale: Scale
    authors: Annotated[int, Field(strict=True, ge=2, le=1_000)]

    @property
    def length(self) -> int:
        """Length in microseconds."""
        return self.hours * DAY // 24


class ReachSpeed(Table):
    """How fast it spreads."""

    weight: Weight
    full: Annotated[int, Field(strict=True, ge=1)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=1_440)]


class GroupWeight(Table):
    """Names that a desk has listed."""

    weight: Weight
    types: Share


class Bounds(Table):
    """What bounds the work that hostile input can cause."""

    total: Weight
    chosen: Annotated[int, Field(strict=True, ge=1, le=256)]
    pairs: Bound
    media: Annotated[int, Field(strict=True, ge=1, le=64)]
    subjects: Annotated[int, Field(strict=True, ge=1, le=64)]
    observations: Annotated[int, Field(strict=True, ge=2, le=1_000)]
    recompute: Bound


class ContextPolicy(Table):
    """How what is remembered raises a risk."""

    version: Annotated[str, Field(min_length=1)]
    floors: Floors
    bands: Bands
    gate: Gate
    exempt: Exempt
    emphasis: Emphasis
    author: Annotated[tuple[Window, ...], Field(min_length=1, max_length=6)]
    pair: Window
    thread: Window
    escalation: Escalation
    copies: Copies
    burst: Burst
    reach_speed: ReachSpeed
    group: GroupWeight
    bounds: Bounds
    digest: str = ""

    @field_validator("bands")
    @classmethod
    def _bands_are_queued(cls, bands: Bands, info: ValidationInfo) -> Bands:
        floors = info.data.get("floors")
        if floors is not None and floors.watch > bands.P3:
            raise ValueError(
                "P3 must not lie below watch: what lies below it is in no band, so raise P3 or lower watch"
            )
        return bands

    @field_validator("author")
    @classmethod
    def _windows_differ(cls, windows: tuple[Window, ...]) -> tuple[Window, ...]:
        days = [window.days for window in windows]
        if len(set(days)) < len(days):
            raise ValueError("each window needs another number of days: their parts are named by it")
        return windows


def load_policy(path: Path = PACKAGED) -> ContextPolicy:
    """Read and check a policy file. Raises Fatal naming the file and every mistake with its line."""
    return load(ContextPolicy, path, "policy")
