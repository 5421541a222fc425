"""The content-risk policy: a TOML file comes in, a checked frozen value with its digest goes out."""

import math
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from schemas.base import Country
from schemas.vocabulary import Exemption, ViolenceType
from services.runtime.data_file import Table, load
from services.runtime.text import normalise
from services.scorer.phrases import Phrases
from services.scorer.time_words import TimeWord

# In log-odds; larger than what the rounding of published parts can add up to.
JUST_BELOW = 1e-3
PACKAGED = Path(__file__).parent / "data" / "policy.toml"
# Strict: `true` would be a 1, and a text of digits a number.
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Weight = Annotated[float, Field(strict=True, ge=0, le=10)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name} is no time zone; they are named like Europe/London")
    return name


def _lower(name: str) -> str:
    if not name.strip():
        raise ValueError("a name must not be empty: it would be found everywhere")
    if name != name.lower():
        raise ValueError(f"names are compared in lower case: write {name.lower()!r}")
    return name


def _log_odds(floor: float) -> float:
    return math.log(floor / (1 - floor)) if 0 < floor < 1 else math.copysign(math.inf, floor - 0.5)


def _an_exemption(name: Exemption) -> Exemption:
    if name is Exemption.NONE:
        raise ValueError("none says that there is no exemption: it has no weight, and nothing is held for it")
    return name


Exempting = Annotated[Exemption, AfterValidator(_an_exemption)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Lower = Annotated[str, AfterValidator(_lower)]


class Cue(StrEnum):
    """What a phrase speaks of."""

    TIME = "time"
    PLACE = "place"
    WEAPON = "weapon"
    POSSESSION = "possession"
    TARGET = "target"
    INTENT = "intent"
    ACT = "act"
    CONDITION = "condition"
    PAST = "past"


Meaning = tuple[Cue, TimeWord | None]


class Floors(Table):
    """From which content risk on content is remembered, and queued."""

    context: Share
    watch: Annotated[float, Field(strict=True, gt=0, lt=1)]

    @model_validator(mode="after")
    def _in_order(self) -> "Floors":
        if self.context > self.watch:
            raise ValueError("context must not lie above watch: what is queued is also remembered")
        return self


class Bands(Table):
    """Lowest content risk per band; P2 also needs imminence."""

    P2: Share
    P3: Share
    bands_imminence: Share


class Violence(Table):
    """How the probability of violence enters."""

    weight: Weight
    bias: Annotated[float, Field(strict=True, ge=-10, le=10)]


class Exempt(Table):
    """Ways of speaking that by themselves never reach the desk, and what overrides that."""

    held: tuple[Exempting, ...]
    probability: Share
    types: Share
    p_violence: Share
    released: Share


class ContextWeights(Table):
    """Weights of what matters only together with violence."""

    imminence: Weight
    threat_to_life: Weight
    gang: Weight
    reach: Weight


class Imminence(Table):
    """How near a time is, and how much time and place say."""

    time: Share
    place: Share
    any_place: Share
    within_a_day: Share
    within_three_days: Share
    within_a_week: Share
    later: Share
    soon: Share

    @model_validator(mode="after")
    def _in_order(self) -> "Imminence":
        if not self.within_a_day >= self.within_three_days >= self.within_a_week >= self.later:
            raise ValueError(
                "within_a_day, within_three_days, within_a_week and later must fall: what is nearer counts more"
            )
        return self


class Life(Table):
    """Factors of a threat to life, and the levels of intent x capability x specificity."""

    intent_unsaid: Share
    intent_said: Share
    conditional: Share
    past: Share
    capability: Share
    capability_named: Share
    specificity: Share
    target: Share
    place: Share
    time: Share
    high: Share
    medium: Share
    low: Share

    @model_validator(mode="after")
    def _in_order(self) -> "Life":
        if not self.low <= self.medium <= self.high:
            raise ValueError("low, medium and high must rise")
        return self


class Zones(Table):
    """Where words of time are read: by a name in the content's place, else by the audience's country, else UTC."""

    places: dict[Lower, Zone]
    countries: dict[Country, Zone]

    @cached_property
    def names(self) -> Phrases[tuple[int, Zone]]:
        """The names of places, each with its number in the list, as the first that is listed counts, and its zone."""
        return Phrases((name, (number, zone)) for number, (name, zone) in enumerate(self.places.items()))


def _as_normalised(phrase: str) -> str:
    if not phrase or (plain := normalise(phrase).text) != phrase:
        raise ValueError(
            f"texts are searched as normalised: write {plain!r}" if phrase else "a phrase must not be empty"
        )
    return phrase


Phrase = Annotated[str, AfterValidator(_as_normalised)]


class Cues(Table):
    """Phrases of the normalised text that speak of time, place, weapons, having one, people, intent, acts, conditions, the past."""

    time: dict[TimeWord, tuple[Phrase, ...]]
    place: tuple[Phrase, ...]
    weapon: tuple[Phrase, ...]
    possession: tuple[Phrase, ...]
    target: tuple[Phrase, ...]
    intent: tuple[Phrase, ...]
    act: tuple[Phrase, ...]
    condition: tuple[Phrase, ...]
    past: tuple[Phrase, ...]
    postcode_areas: frozenset[Lower]


class Policy(Table):
    """How a score becomes a content risk. Weights are log-odds and never negative, so no harmful part can lower the risk."""

    version: Annotated[str, Field(min_length=1)]
    floors: Floors
    bands: Bands
    violence: Violence
    severity: dict[ViolenceType, Weight]
    exemption: dict[Exempting, Weight]
    exempt: Exempt
    context: ContextWeights
    imminence: Imminence
    threat_to_life: Life
    zones: Zones
    cues: Cues
    digest: str = ""

    @cached_property
    def phrases(self) -> Phrases[tuple[Meaning, ...]]:
        """The cue phrases, each with all that it speaks of: `school gates` is a place and a time."""
        meanings: dict[str, list[Meaning]] = {}
        for cue in Cue:
            if cue is not Cue.TIME:
                for phrase in getattr(self.cues, cue.value):
                    meanings.setdefault(phrase, []).append((cue, None))
        for word, phrases in self.cues.time.items():
            for phrase in phrases:
                meanings.setdefault(phrase, []).append((Cue.TIME, word))
        return Phrases((phrase, tuple(found)) for phrase, found in meanings.items())

    @cached_property
    def place_names(self) -> frozenset[str]:
        """The listed places; what is found beside them has a name of its own."""
        return frozenset(self.cues.place)

    @cached_property
    def type_parts(self) -> dict[ViolenceType, tuple[str, float]]:
        """The name of each type's part and its weight."""
        return {name: (f"severity.{name}", self.severity.get(name, 0.0)) for name in ViolenceType}

    @cached_property
    def exemption_parts(self) -> dict[Exemption, tuple[str, float]]:
        """The name of each exemption's part and its weight."""
        return {name: (f"exemption.{name}", self.exemption.get(name, 0.0)) for name in Exemption}

    @cached_property
    def context_logit(self) -> float:
        """The context floor in log-odds."""
        return _log_odds(self.floors.context)

    @cached_property
    def held_logit(self) -> float:
        """The highest log-odds of what is held below the watch floor."""
        return _log_odds(self.floors.watch) - JUST_BELOW

    @cached_property
    def ceiling(self) -> float:
        """The most that everything besides the score can add, in log-odds, at a probability of violence of 1."""
        weights = self.context
        return weights.imminence + weights.threat_to_life + weights.gang + weights.reach


def load_policy(path: Path = PACKAGED) -> Policy:
    """Read and check a policy file. Raises Fatal naming the file and every mistake with its line."""
    return load(Policy, path, "policy")
