"""Raw logits of the tiers come in, calibrated probabilities go out; the numbers come from one checked file."""

import itertools
import json
import math
from bisect import bisect_right
from functools import cached_property
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.runtime.errors import Fatal
from services.scorer.cascade import labels

Values = NDArray[np.float64]
Positive = Annotated[float, Field(gt=0)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Curve(_Table):
    """A strictly increasing map of log-odds: straight between its knots, with slope `ends` outside, so no two scores fall together."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    ends: Positive = 1.0

    @model_validator(mode="after")
    def _increasing(self) -> Self:
        if len(self.x) != len(self.y) or not self.x:
            raise ValueError("as many x as y")
        for values in (self.x, self.y):
            if any(later <= earlier for earlier, later in itertools.pairwise(values)):
                raise ValueError("x and y must increase")
        return self

    def __call__(self, logit: float) -> float:
        """The calibrated log-odds."""
        at = bisect_right(self.x, logit)
        if at == 0:
            return self.y[0] + self.ends * (logit - self.x[0])
        if at == len(self.x):
            return self.y[-1] + self.ends * (logit - self.x[-1])
        share = (logit - self.x[at - 1]) / (self.x[at] - self.x[at - 1])
        return self.y[at - 1] + share * (self.y[at] - self.y[at - 1])


class Scale(_Table):
    """Integer sums of tier 1 to logits."""

    scales: Annotated[tuple[Positive, ...], Field(min_length=labels.OUTPUTS, max_length=labels.OUTPUTS)]
    biases: Annotated[tuple[float, ...], Field(min_length=labels.OUTPUTS, max_length=labels.OUTPUTS)]


class Blend(_Table):
    """How much of each tier goes into the log-odds of an escalated text; never less than nothing."""

    linear: Annotated[float, Field(ge=0)]
    transformer: Positive
    bias: float


PerHead = Annotated[tuple[float, ...], Field(min_length=labels.SIDE, max_length=labels.SIDE)]
Weights = Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=labels.SIDE, max_length=labels.SIDE)]


class Heads(_Table):
    """Log-odds of every output after the first: how much of each tier goes into them, and what is added."""

    linear: Weights
    transformer: Weights
    bias: PerHead

    def odds(self, linear: Values, transformer: Values | None) -> Values:
        """Calibrated log-odds [outputs after the first] of what tier 1 said, and tier 2 where it was asked."""
        of_linear, of_transformer, bias = self._arrays
        made: Values = of_linear * linear + bias
        return made if transformer is None else made + of_transformer * transformer

    @cached_property
    def _arrays(self) -> tuple[Values, Values, Values]:
        return np.array(self.linear), np.array(self.transformer), np.array(self.bias)


class Calibration(_Table):
    """Everything between raw sums and probabilities."""

    version: str
    linear: Scale
    linear_curve: Curve
    blend: Blend
    blend_curve: Curve
    # Tier-1 logit above which so large a share of the dev stream lies: key "0.10" means one text in ten.
    gates: dict[str, float]
    # The outputs after the first, of texts that tier 1 alone read and of texts that both read.
    linear_heads: Heads
    blend_heads: Heads
    threshold: Annotated[float, Field(gt=0, lt=1)]

    def linear_odds(self, logit: float) -> float:
        """Calibrated log-odds of a text that only tier 1 read."""
        return self.linear_curve(logit)

    def blended_odds(self, linear: float, transformer: float) -> float:
        """Calibrated log-odds of a text that both tiers read."""
        return self.blend_curve(self.blend.linear * linear + self.blend.transformer * transformer + self.blend.bias)


def load_calibration(raw: bytes) -> Calibration:
    """Read and check. Raises Fatal naming the file and the mistake."""
    try:
        return Calibration.model_validate(json.loads(raw))
    except ValidationError as why:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in why.errors(include_url=False))
        raise Fatal(f"model file calibration.json: {faults}") from why
    except ValueError as why:
        raise Fatal(f"model file calibration.json: not JSON: {why}") from why


def probability(odds: float) -> float:
    """Of log-odds; kept off 0 and 1 so that every score keeps its place in the order."""
    odds = min(30.0, max(-30.0, odds))
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))


def probabilities(odds: Values) -> list[float]:
    """Of several log-odds."""
    found: list[float] = (1 / (1 + np.exp(-odds.clip(-30.0, 30.0)))).tolist()
    return found
