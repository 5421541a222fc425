"""Settings of ingest, each with its reason."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import AwareDatetime, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from schemas.topics import MAX_MESSAGE_BYTES
from services.ingest.identity import MINIMUM_SECRET, Pseudonyms, Secret
from services.runtime.errors import Fatal
from services.runtime.settings import Settings

# The broker refuses more; the rest of its limit is for key, headers and framing.
LARGEST_EVENT = MAX_MESSAGE_BYTES - 16_384


class Role(StrEnum):
    """Which part of ingest this process is."""

    ALL = "all"
    DOOR = "door"
    WORKER = "worker"


class IngestSettings(Settings):
    """INGEST_… in the environment; secrets may also lie as files in the folder that HUB_SECRETS_DIR names."""

    model_config = SettingsConfigDict(env_prefix="INGEST_")

    role: Role = Field(
        Role.ALL, description="One process serves a small hub; a large one scales door and worker apart."
    )
    group: str = Field(
        "hub-ingest", min_length=1, description="Consumer group; all ingest workers of one hub share it."
    )
    probes_port: int = Field(9101, ge=0, le=65_535, description="Metrics and probes; 0 picks a free port.")

    author_secret: SecretStr = Field(description="Keys the pseudonyms of authors; whoever has it can test guesses.")
    author_secret_id: str = Field("k1", pattern=r"^[a-z0-9]{1,16}$", description="Stands in front of every pseudonym.")
    previous_author_secret: SecretStr | None = Field(
        None, description="During a rotation: both pseudonyms are emitted."
    )
    previous_author_secret_id: str | None = Field(None, pattern=r"^[a-z0-9]{1,16}$", description="Id of that one.")
    previous_author_secret_until: AwareDatetime | None = Field(
        None,
        description="End of the rotation, about 30 days after its beginning; observations from later have one key.",
    )

    batch: int = Field(256, ge=1, le=2_000, description="Large enough to fill a request, small enough to stop within.")
    send_attempts: int = Field(
        3, ge=1, description="How often a batch is sent before the process gives up and restarts."
    )
    commit_seconds: float = Field(
        0.5,
        gt=0,
        allow_inf_nan=False,
        description="Commits cost a round trip; what lies between is repeated after a kill.",
    )
    memory: int = Field(
        200_000, ge=0, description="Recent observation ids remembered for a day against repeats, about 150 bytes each."
    )

    door_host: str = Field("127.0.0.1", description="Loopback unless somebody decides otherwise.")
    door_port: int = Field(8080, ge=1, le=65_535, description="Where collectors post.")
    keys_file: Path = Field(
        Path("ingest-keys.json"), description="Hashed API keys, written by `hub keys`; read again when it changes."
    )
    max_events: int = Field(
        500, ge=1, le=10_000, description="Events a request may hold: bounds the answer and the wait."
    )
    max_event_bytes: int = Field(
        262_144,
        ge=1_024,
        le=LARGEST_EVENT,
        description="The largest honest event is a transcript of 40,000 characters.",
    )
    max_body_bytes: int = Field(4_194_304, ge=1_024, description="Bytes on the wire, before decompression.")
    max_inflated_bytes: int = Field(16_777_216, ge=1_024, description="Bytes after decompression.")
    max_ratio: float = Field(
        100.0, ge=2, allow_inf_nan=False, description="Honest JSON shrinks 5 to 30 times; a bomb thousands of times."
    )
    body_seconds: float = Field(
        15.0, gt=0, allow_inf_nan=False, description="A whole body must arrive in this time; slow senders hold memory."
    )
    max_requests: int = Field(64, ge=1, description="Requests at work at once; more are asked to come again.")
    max_bytes_in_flight: int = Field(67_108_864, ge=1_024, description="Bodies held at once in all; bounds the memory.")

    @model_validator(mode="after")
    def _rotation_is_complete(self) -> "IngestSettings":
        given = (self.previous_author_secret is None, self.previous_author_secret_id is None)
        if given[0] != given[1]:
            raise ValueError("a previous author secret needs its id, and the id its secret")
        if self.previous_author_secret_id == self.author_secret_id:
            raise ValueError("the previous author secret must have another id than the current one")
        previous = self.previous_author_secret
        if previous is not None and _bare(previous) == _bare(self.author_secret):
            raise ValueError(
                "INGEST_PREVIOUS_AUTHOR_SECRET is the same as INGEST_AUTHOR_SECRET: give the old secret there, "
                "or leave it and its id out"
            )
        return self

    @model_validator(mode="after")
    def _a_body_fits(self) -> "IngestSettings":
        if self.max_inflated_bytes > self.max_bytes_in_flight:
            raise ValueError("INGEST_MAX_BYTES_IN_FLIGHT has no room for one body of INGEST_MAX_INFLATED_BYTES")
        for name in ("max_body_bytes", "max_inflated_bytes"):
            if getattr(self, name) < self.max_event_bytes:
                raise ValueError(
                    f"INGEST_{name.upper()} has no room for one event of INGEST_MAX_EVENT_BYTES: "
                    f"raise it to {self.max_event_bytes}, or lower that"
                )
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> "IngestSettings":
        if self.role is not Role.WORKER and self.probes_port == self.door_port:
            raise ValueError("INGEST_PROBES_PORT is the same as INGEST_DOOR_PORT: give one of them another port")
        return self

    def pseudonyms(self) -> Pseudonyms:
        """The secrets in use. Raises Fatal when one is too short to be one."""
        current = _secret(self.author_secret_id, self.author_secret)
        previous = None
        if self.previous_author_secret is not None and self.previous_author_secret_id is not None:
            previous = _secret(self.previous_author_secret_id, self.previous_author_secret)
        until: datetime | None = self.previous_author_secret_until
        return Pseudonyms(current, previous, until)


def _bare(value: SecretStr) -> bytes:
    return value.get_secret_value().strip().encode()


def _secret(name: str, value: SecretStr) -> Secret:
    raw = _bare(value)
    if len(raw) < MINIMUM_SECRET:
        raise Fatal(f"the author secret {name} has {len(raw)} characters; {MINIMUM_SECRET} are the least")
    return Secret(name, raw)
