"""Secrets come from files as well as from the environment, for Kafka as for every service."""

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from schemas.topics import MAX_MESSAGE_BYTES
from services.ingest.settings import IngestSettings, Role
from services.referrer.settings import ReferrerSettings
from services.runtime.errors import Fatal
from services.runtime.settings import HubSettings, KafkaSettings, Settings
from services.scorer.settings import ScorerSettings

SHOW = """
from services.ingest.settings import IngestSettings
from services.runtime.settings import KafkaSettings
print(KafkaSettings().sasl_password.get_secret_value(), IngestSettings().author_secret.get_secret_value())
"""


def test_secrets_lie_as_files_in_the_folder_that_is_named(tmp_path: Path) -> None:
    for name, secret in {"kafka_sasl_password": "hush\n", "ingest_author_secret": "a" * 40}.items():
        (tmp_path / name).write_text(secret)
    # The folder is looked up once, when a process begins.
    found = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "HUB_SECRETS_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["hush", "a" * 40]


@pytest.mark.parametrize("given", ["kafka", "kafka:9092", "10.0.0.1:9092, b.example:1", "[::1]:9092,b"])
def test_brokers_are_named_by_host_and_port(given: str) -> None:
    assert KafkaSettings(bootstrap=given).bootstrap == given


@pytest.mark.parametrize("given", ["", "kafka:x", "a:1,,b:1", "a b", "kafka://a:9092", "::1"])
def test_what_names_no_broker_is_refused(given: str) -> None:
    with pytest.raises(Fatal, match=r"KAFKA_BOOTSTRAP: .*write host:port"):
        KafkaSettings(bootstrap=given)


@pytest.mark.parametrize("given", ["h:99999", "h:0", "a:9092,b:65536"])
def test_a_port_that_there_cannot_be_names_no_broker(given: str) -> None:
    with pytest.raises(Fatal, match=r"KAFKA_BOOTSTRAP: .* is no port: write host:port with a port from 1 to 65535$"):
        KafkaSettings(bootstrap=given)


@pytest.mark.parametrize("given", [{}, {"sasl_username": "hub"}, {"sasl_username": "hub", "sasl_password": ""}])
def test_brokers_that_ask_who_comes_are_told_name_and_password(given: dict[str, Any]) -> None:
    with pytest.raises(Fatal, match=r"^KAFKA: .*SASL_SSL needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD$"):
        KafkaSettings(security_protocol="SASL_SSL", **given)


def test_a_file_of_certificates_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(Fatal, match=rf"^KAFKA_SSL_CAFILE: .*{name} holds no certificates"):
            KafkaSettings(security_protocol="SSL", ssl_cafile=tmp_path / name)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (KafkaSettings, "KAFKA_REQUEST_TIMEOUT_SECONDS"),
        (KafkaSettings, "KAFKA_SEND_TIMEOUT_SECONDS"),
        (KafkaSettings, "KAFKA_SESSION_TIMEOUT_SECONDS"),
        (HubSettings, "HUB_DRAIN_SECONDS"),
        (HubSettings, "HUB_STALL_SECONDS"),
        (IngestSettings, "INGEST_BODY_SECONDS"),
        (IngestSettings, "INGEST_COMMIT_SECONDS"),
        (IngestSettings, "INGEST_MAX_RATIO"),
        (ScorerSettings, "SCORER_BATCH_WITHIN_SECONDS"),
    ],
)
def test_a_bound_without_end_is_refused(settings: type[Settings], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would switch off what it guards."""
    monkeypatch.setenv("INGEST_AUTHOR_SECRET", "s" * 40)
    monkeypatch.setenv(name, "inf")
    with pytest.raises(Fatal, match=f"^{name}: Input should be a finite number$"):
        settings()


@pytest.mark.parametrize(("settings", "name"), [(IngestSettings, "INGEST_GROUP"), (ScorerSettings, "SCORER_GROUP")])
def test_a_group_without_a_name_is_refused(
    settings: type[Settings], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INGEST_AUTHOR_SECRET", "s" * 40)
    monkeypatch.setenv(name, "")
    with pytest.raises(Fatal, match=f"^{name}: .*at least 1 character"):
        settings()


def test_a_setting_that_is_wrong_is_named_as_the_environment_names_it() -> None:
    with pytest.raises(Fatal, match=r"HUB_LOG_LEVEL: .*; HUB_DRAIN_SECONDS: "):
        HubSettings(log_level="INFO", drain_seconds=0)


def test_a_door_must_not_take_what_the_broker_refuses() -> None:
    with pytest.raises(Fatal, match=r"INGEST_MAX_EVENT_BYTES: .*less than or equal"):
        IngestSettings(author_secret=SecretStr("s" * 40), max_event_bytes=MAX_MESSAGE_BYTES)


def test_a_door_must_have_room_for_a_body_that_it_allows() -> None:
    with pytest.raises(Fatal, match="INGEST_MAX_BYTES_IN_FLIGHT has no room"):
        IngestSettings(author_secret=SecretStr("s" * 40), max_inflated_bytes=2_000, max_bytes_in_flight=1_999)


@pytest.mark.parametrize("name", ["max_body_bytes", "max_inflated_bytes"])
def test_a_door_must_have_room_for_an_event_that_it_allows(name: str) -> None:
    given: dict[str, Any] = {name: 1_999, "max_event_bytes": 2_000}
    with pytest.raises(Fatal, match=f"INGEST_{name.upper()} has no room .*: raise it to 2000, or lower that"):
        IngestSettings(author_secret=SecretStr("s" * 40), **given)


@pytest.mark.parametrize("role", ["all", "door"])
def test_a_door_and_its_probes_need_a_port_each(role: Role) -> None:
    with pytest.raises(Fatal, match="INGEST_PROBES_PORT is the same as INGEST_DOOR_PORT"):
        IngestSettings(author_secret=SecretStr("s" * 40), role=role, probes_port=8080, door_port=8080)


def test_a_worker_has_no_door_whose_port_its_probes_could_take() -> None:
    assert IngestSettings(author_secret=SecretStr("s" * 40), role=Role.WORKER, probes_port=8080).probes_port == 8080


def test_a_rotation_to_the_same_secret_is_none() -> None:
    """Both pseudonyms would come of one secret, and whoever has the old one would have the new."""
    secret = "plain-secret-of-thirty-two-characters"
    with pytest.raises(Fatal, match="INGEST_PREVIOUS_AUTHOR_SECRET is the same as INGEST_AUTHOR_SECRET") as refused:
        IngestSettings(
            author_secret=SecretStr(secret),
            previous_author_secret=SecretStr(f"{secret}\n"),
            previous_author_secret_id="k0",
        )
    assert secret not in "".join(traceback.format_exception(refused.value))


def test_what_is_wrong_is_said_without_the_secrets_beside_it() -> None:
    secret = "plain-secret-of-thirty-two-characters"
    with pytest.raises(Fatal, match="needs its id") as refused:
        IngestSettings(author_secret=secret, previous_author_secret=secret)
    assert secret not in "".join(traceback.format_exception(refused.value))


def test_a_setting_that_cannot_be_parsed_is_named_without_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERRER_OIDC_ROLES", "not-json-but-private")
    with pytest.raises(Fatal, match=r"^REFERRER_OIDC_ROLES: not JSON$") as refused:
        ReferrerSettings()
    assert "private" not in "".join(traceback.format_exception(refused.value))


def test_a_folder_of_secrets_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Fatal, match=r"^HUB_SECRETS_DIR: .*must reference a directory"):
        HubSettings(_secrets_dir=tmp_path / "file")


@pytest.mark.parametrize(
    ("process", "name"),
    [
        ("ingest", "INGEST_BATCH"),
        ("ingest", "HUB_STALL_SECONDS"),
        ("scorer", "SCORER_BATCH"),
        ("referrer", "REFERRER_BATCH"),
        ("referrer", "KAFKA_SEND_TIMEOUT_SECONDS"),
        ("referrer.delivery_app", "REFERRER_DELIVERY_SECONDS"),
        ("referrer.delivery_app", "HUB_DRAIN_SECONDS"),
    ],
)
def test_a_process_with_a_wrong_setting_says_so_in_one_line_and_ends(process: str, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"services.{process}"],
        env={**os.environ, "INGEST_AUTHOR_SECRET": "s" * 40, name: "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (1, "", 1)
    assert f"{name}: " in done.stdout
