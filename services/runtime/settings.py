"""Settings: from the environment or files, each with its reason, logged once at start with secrets masked."""

import os
import re
import ssl
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from schemas.vocabulary import Environment
from services.runtime.errors import Fatal

# A name or an address, IPv6 in brackets, and a port where it is not Kafka's own.
_ADDRESS = re.compile(r"([^\s,:\[\]]+|\[[0-9A-Fa-f:.]+\])(:([0-9]{1,5}))?")
LAST_PORT = 65_535


class Settings(BaseSettings):
    """Base of all settings; a service adds its `env_prefix`. Secrets may also lie as files in HUB_SECRETS_DIR."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, secrets_dir=os.environ.get("HUB_SECRETS_DIR"))

    def __init__(self, **values: Any) -> None:
        """From arguments, the environment and files. Raises Fatal naming each that is wrong, without what it holds."""
        try:
            super().__init__(**values)
        except ValidationError as why:
            # Pydantic's own words quote what was given, and that may be a secret.
            faults = [f"{self._named('_'.join(map(str, e['loc'])))}: {e['msg']}" for e in why.errors()]
            raise Fatal("; ".join(faults)) from None
        except SettingsError as why:
            # The library names the field in its words only; what the field holds hangs on the cause, which is left out.
            field = re.search(r'(parsing|getting) value for field "(\w+)"', str(why))
            if field is None:
                raise Fatal(f"HUB_SECRETS_DIR: {why}") from None
            fault = "not JSON" if field[1] == "parsing" else "cannot be read"
            raise Fatal(f"{self._named(field[2])}: {fault}") from None

    def _named(self, field: str) -> str:
        """A field as the environment names it."""
        return f"{self.model_config.get('env_prefix', '')}{field}".upper().rstrip("_")

    def masked(self) -> dict[str, Any]:
        """Effective values for the log: SecretStr stays masked."""
        return self.model_dump(mode="json")


def _addresses(given: str) -> str:
    for each in given.split(","):
        found = _ADDRESS.fullmatch(each.strip())
        if found is None:
            raise ValueError("write host:port, and a comma between several")
        if found[3] is not None and not 1 <= int(found[3]) <= LAST_PORT:
            raise ValueError(f"{found[3]} is no port: write host:port with a port from 1 to {LAST_PORT}")
    return given


def _certificates(file: Path) -> Path:
    try:
        ssl.create_default_context(cafile=file)
    except OSError as why:
        raise ValueError(f"{file} holds no certificates that can be read: {why.strerror or why}") from why
    return file


class KafkaSettings(Settings):
    """How to reach the brokers."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_")

    bootstrap: Annotated[str, AfterValidator(_addresses)] = Field(
        "127.0.0.1:9092", description="Brokers to ask first; more than one survives the loss of one."
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="PLAINTEXT is for loopback only; anything else belongs on SASL_SSL."
    )
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="SCRAM keeps the password off the wire."
    )
    sasl_username: str | None = Field(None, description="One user per service, so that ACLs can tell them apart.")
    sasl_password: SecretStr | None = Field(None, description="From the environment or a file, never from an argument.")
    ssl_cafile: Annotated[Path, AfterValidator(_certificates)] | None = Field(
        None, description="Authority that signed the brokers' certificates."
    )
    request_timeout_seconds: float = Field(
        30.0, gt=0, allow_inf_nan=False, description="Longer than a leader election, shorter than patience."
    )
    send_timeout_seconds: float = Field(
        20.0,
        gt=0,
        allow_inf_nan=False,
        description="An idempotent batch never expires by itself: after this the outcome counts as unknown.",
    )
    session_timeout_seconds: float = Field(
        10.0, gt=0, allow_inf_nan=False, description="A dead consumer's partitions move after this time."
    )
    linger_ms: int = Field(5, ge=0, description="One request is in flight per node: waiting a little fills it.")
    max_batch_bytes: int = Field(
        262_144, ge=16_384, description="Large batches are what makes an idempotent producer fast."
    )

    @model_validator(mode="after")
    def _sasl_is_complete(self) -> "KafkaSettings":
        if self.security_protocol.startswith("SASL") and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"{self.security_protocol} needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
        return self


class HubSettings(Settings):
    """What is the same for every service."""

    model_config = SettingsConfigDict(env_prefix="HUB_")

    environment: Environment = Field(
        Environment.LOCAL,
        description="Decides partitions, replicas and least in-sync replicas of topics; a local hub delivers to this machine only.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Content text is never logged at any level."
    )
    log_format: Literal["json", "console"] = Field("json", description="json for machines, console for a terminal.")
    host: str = Field("127.0.0.1", description="Loopback unless somebody decides otherwise.")
    drain_seconds: float = Field(
        20.0, gt=0, allow_inf_nan=False, description="Shorter than the orchestrator's grace, no shorter than one send."
    )
    stall_seconds: float = Field(
        120.0,
        gt=0,
        allow_inf_nan=False,
        description="Lag above zero and no progress for this long means the consumer is stuck: exit and restart.",
    )
