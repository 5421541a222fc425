"""Settings of the scorer, each with its reason."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.runtime.settings import Settings
from services.scorer.lexicon import PACKAGED as PACKAGED_LEXICON
from services.scorer.policy import PACKAGED as PACKAGED_POLICY


class ScorerSettings(Settings):
    """SCORER_… in the environment."""

    model_config = SettingsConfigDict(env_prefix="SCORER_", extra="ignore", frozen=True)

    group: str = Field("hub-scorer", description="Consumer group; all scorers of one hub share it.")
    probes_port: int = Field(9102, ge=0, le=65_535, description="Metrics and probes; 0 picks a free port.")
    policy_file: Path = Field(PACKAGED_POLICY, description="Content-risk policy; its digest stands in every result.")
    lexicon_file: Path = Field(PACKAGED_LEXICON, description="Coded terms; its digest stands in every result.")
    batch: int = Field(
        256, ge=1, le=1_024, description="Large enough to fill a produce request, small enough to score in 100 ms."
    )
    batch_within_seconds: float = Field(0.02, gt=0, description="How long a record may wait for company.")
    buffer: int = Field(512, ge=64, le=4_096, description="Records held in memory before the fetcher pauses.")
    send_attempts: int = Field(
        3, ge=1, description="How often a batch is sent before the process gives up and restarts."
    )
