"""Settings of the scorer, each with its reason."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.runtime.settings import Settings
from services.scorer.cascade.model_files import PACKAGED as PACKAGED_MODEL
from services.scorer.lexicon import PACKAGED as PACKAGED_LEXICON
from services.scorer.policy import PACKAGED as PACKAGED_POLICY


class ClassifierChoice(StrEnum):
    """What scores: the trained cascade, or coded terms alone."""

    CASCADE = "cascade"
    LEXICON = "lexicon"


class Share(StrEnum):
    """The share of a stream that tier 2 reads: the calibration names a gate for each, and all needs none."""

    ALL = "1.00"
    HALF = "0.50"
    QUARTER = "0.25"
    TENTH = "0.10"
    TWENTIETH = "0.05"


class ScorerSettings(Settings):
    """SCORER_… in the environment."""

    model_config = SettingsConfigDict(env_prefix="SCORER_", extra="ignore", frozen=True)

    group: str = Field("hub-scorer", min_length=1, description="Consumer group; all scorers of one hub share it.")
    probes_port: int = Field(9102, ge=0, le=65_535, description="Metrics and probes; 0 picks a free port.")
    policy_file: Path = Field(PACKAGED_POLICY, description="Content-risk policy; its digest stands in every result.")
    lexicon_file: Path = Field(PACKAGED_LEXICON, description="Coded terms; its digest stands in every result.")
    classifier: ClassifierChoice = Field(
        ClassifierChoice.CASCADE, description="The lexicon alone starts faster and needs no model, but orders poorly."
    )
    model_folder: Path = Field(PACKAGED_MODEL, description="Model files; each is compared with the manifest at start.")
    tier2_share: Share = Field(Share.QUARTER, description="Share of posts that tier 2 reads while idle.")
    tier2_runs: int = Field(
        32,
        ge=1,
        le=1_024,
        description="Most new texts of a batch that tier 2 reads: as batches fill up, the gate tightens and says so. "
        "Naming the weighty words of a violent one takes up to five runs more.",
    )
    tier2_threads: int = Field(1, ge=1, le=64, description="Threads for tier 2; one core serves one.")
    again_most: int = Field(
        2_000,
        ge=0,
        le=100_000,
        description="Degraded results that wait in memory to be scored in full, the highest content risk first; 64 MiB at most.",
    )
    again_above: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Content risk above which a degraded result waits: of those below it, none reached the context floor in full.",
    )
    again_after_seconds: float = Field(
        0.1,
        gt=0,
        le=60,
        description="No batch for this long, and less than one behind, is time to score again; one content at a time.",
    )
    remembered: int = Field(20_000, ge=1, le=1_000_000, description="Texts whose scores are kept for reposts.")
    batch: int = Field(
        256,
        ge=1,
        le=1_024,
        description="Large enough to fill a produce request, small enough to score within a second.",
    )
    batch_within_seconds: float = Field(
        0.02, gt=0, allow_inf_nan=False, description="How long a record may wait for company."
    )
    buffer: int = Field(
        512, ge=64, le=4_096, description="Records fetched at once; up to three times as many are held in memory."
    )
    send_attempts: int = Field(
        3, ge=1, description="How often a batch is sent before the process gives up and restarts."
    )
