"""The content-risk policy: a TOML file comes in, a checked frozen value with its digest goes out."""

import hashlib
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.vocabulary import Exemption, ViolenceType
from services.runtime.errors import Fatal
from services.scorer.phrases import Phrases

PACKAGED = Path(__file__).parent / "data" / "policy.toml"
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=10)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Floors(_Table):
    """From which content risk on content is remembered, and queued."""

    context: Share
    watch: Share


class Bands(_Table):
    """Lowest content risk per band; P2 also needs imminence."""

    P2: Share
    P3: Share
    bands_imminence: Share


class Violence(_Table):
    """How the probability of violence enters."""

    weight: Weight
    bias: Annotated[float, Field(ge=-10, le=10)]


class ContextWeights(_Table):
    """Weights of what matters only together with violence."""

    imminence: Weight
    gang: Weight
    reach: Weight


class LifeLevels(_Table):
    """Thresholds on intent x capability x specificity."""

    high: Share
    medium: Share
    low: Share


class Cues(_Table):
    """Phrases of the normalised text that speak of time, place, weapon, victim and intent."""

    time: tuple[str, ...]
    place: tuple[str, ...]
    weapon: tuple[str, ...]
    victim: tuple[str, ...]
    intent: tuple[str, ...]


class Policy(_Table):
    """How a score becomes a content risk. Weights are log-odds and never negative, so no harmful part can lower the risk."""

    version: str
    floors: Floors
    bands: Bands
    violence: Violence
    severity: dict[ViolenceType, Weight]
    exemption: dict[Exemption, Weight]
    context: ContextWeights
    threat_to_life: LifeLevels
    cues: Cues
    digest: str = ""

    @cached_property
    def phrases(self) -> Phrases[str]:
        """The cue phrases, each with the name of its list."""
        cues = self.cues.model_dump()
        return Phrases((phrase, name) for name, phrases in cues.items() for phrase in phrases)


def load_policy(path: Path = PACKAGED) -> Policy:
    """Read and check a policy file. Raises Fatal naming the file and the mistake."""
    try:
        raw = path.read_bytes()
        table = tomllib.loads(raw.decode())
        return Policy.model_validate({**table, "digest": hashlib.sha256(raw).hexdigest()[:16]})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise Fatal(f"policy {path.name}: {why}") from why
    except ValidationError as why:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in why.errors(include_url=False))
        raise Fatal(f"policy {path.name}: {faults}") from why
