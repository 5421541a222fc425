"""What is deployed fits the code: compose file, broker settings, dashboards, alerts."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from jgo.env import LockFile
from prometheus_client.metrics import MetricWrapperBase

from deploy.grafana.generate import FOLDER, PIPELINE, documents
from deploy.kafka.jars import LOCK
from deploy.validate import ROOT, compose_faults, dockerfile_faults, missing_files
from services.runtime import metrics
from services.runtime.metrics import REGISTRY
from services.runtime.probes import Health, ProbeServer

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULE_FILES = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["rule_files"]
RULE_TESTS = ("alerts_test.yml", "alerts_days_test.yml", "services_test.yml")
RUNBOOK = ROOT / "deploy" / "runbook.md"
SUFFIXES = ("_total", "_bucket", "_count", "_sum")


def known_metrics() -> set[str]:
    return {name for family in REGISTRY.collect() for name in (family.name, *(family.name + s for s in SUFFIXES))}


def rules() -> list[dict[str, object]]:
    groups = [group for name in RULE_FILES for group in yaml.safe_load((PROMETHEUS / name).read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def test_the_compose_file_follows_its_published_schema() -> None:
    assert [*compose_faults(COMPOSE), *missing_files(COMPOSE)] == []


def test_a_wrong_member_of_a_compose_file_is_found() -> None:
    assert len(compose_faults({"services": {"kafka": {"imagee": "x"}}})) == 1


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    assert dockerfile_faults() == []


def test_the_composed_broker_has_the_settings_of_the_local_one() -> None:
    text = (ROOT / "deploy" / "kafka" / "server.properties").read_text()
    local = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    composed = COMPOSE["services"]["kafka"]["environment"]
    assert {name: composed.get("KAFKA_" + name.upper().replace(".", "_")) for name in local} == local


def test_the_composed_broker_is_the_release_that_is_tested() -> None:
    locked = next(d.version for d in LockFile.load(LOCK).dependencies if d.artifactId == "kafka_2.13")
    assert COMPOSE["services"]["kafka"]["image"] == f"apache/kafka:{locked}"


def test_no_secret_is_sent_to_the_builder_of_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "deploy/secrets" in lines[lines.index("!deploy") + 1 :]


def test_no_secret_is_packaged(tmp_path: Path) -> None:
    # As in the image: neither a repository nor its list of ignored files is there.
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("schemas/base.py", "services/cli.py", "deploy/processes.py", "deploy/secrets/database_password"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    packaged = {file.distribution_path for file in WheelBuilder(str(tmp_path)).recurse_included_files()}
    assert packaged == {"schemas/base.py", "services/cli.py", "deploy/processes.py"}
    packed = {file.distribution_path for file in SdistBuilder(str(tmp_path)).recurse_included_files()}
    assert "deploy/processes.py" in packed
    assert "deploy/secrets/database_password" not in packed


def test_no_service_runs_as_root_or_with_capabilities() -> None:
    ours = [s for s in COMPOSE["services"].values() if s["image"].startswith("referral-hub")]
    assert all(s["cap_drop"] == ["ALL"] and s["read_only"] for s in ours)
    assert "USER 10001" in (ROOT / "deploy" / "Dockerfile").read_text()


def test_the_folder_of_secrets_is_named_where_there_is_one() -> None:
    ours = [s for s in COMPOSE["services"].values() if s["image"].startswith("referral-hub")]
    assert all(("HUB_SECRETS_DIR" in s["environment"]) == ("secrets" in s) for s in ours)


def test_nobody_starts_a_java_again_and_again_to_ask_for_the_brokers_health() -> None:
    asked = COMPOSE["services"]["kafka"]["healthcheck"]["test"]
    assert asked == ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9092"]


@pytest.mark.parametrize("ready", [True, False])
def test_a_service_is_well_where_it_says_that_it_is_ready(ready: bool) -> None:
    health = Health(300.0, started=ready)
    probes = ProbeServer(health, "127.0.0.1", 0)
    probes.start()
    # As docker compose reads it: two dollars stand for one.
    words = [word.replace("$$", "$").replace("9100", str(probes.port)) for word in COMPOSE["x-health"]["test"][1:]]
    done = subprocess.run(words, capture_output=True, check=False, timeout=5)
    probes.stop()
    assert (done.returncode == 0) is ready, done.stderr


def test_the_database_is_well_only_where_services_reach_it() -> None:
    asked = COMPOSE["services"]["database"]["healthcheck"]["test"]
    assert asked[asked.index("pg_isready") :][1:3] == ["-h", "127.0.0.1"]


def test_ports_are_published_on_the_loopback_only() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_dashboard_is_what_its_code_says(name: str) -> None:
    assert (FOLDER / name).read_bytes() == documents()[name], "run `make dashboards`"


@pytest.mark.parametrize("path", ["deploy/prometheus/alerts.yml", "deploy/grafana/dashboards/pipeline.json"])
def test_every_metric_that_is_asked_for_exists(path: str) -> None:
    assert set(re.findall(r"hub_[a-z_]+", (ROOT / path).read_text())) <= known_metrics()


def queries() -> list[str]:
    return [*(str(rule["expr"]) for rule in rules()), *(query for _, query, _, _ in PIPELINE)]


@pytest.mark.parametrize("query", queries())
def test_every_label_that_is_asked_for_exists(query: str) -> None:
    families = {f._name: f._labelnames for f in vars(metrics).values() if isinstance(f, MetricWrapperBase)}
    asked = {re.sub(r"_(total|bucket)$", "", name) for name in re.findall(r"hub_[a-z_]+", query)}
    known = {"instance", "job", "service", "le"}.union(*(families[name] for name in asked))
    # `label_replace` makes the label that it names second.
    known |= set(re.findall(r'label_replace\(\w+, "(\w+)"', query))
    by = {label for group in re.findall(r"\b(?:by|on) \(([^)]+)\)", query) for label in group.split(", ")}
    assert by | set(re.findall(r"[{,]\s?(\w+)=", query)) <= known


def test_prometheus_asks_each_service_that_has_metrics() -> None:
    (scraped,) = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    (asked,) = scraped["dns_sd_configs"]
    probed = {name for name, s in COMPOSE["services"].items() if "/readyz" in str(s.get("healthcheck"))}
    assert f"/dev/tcp/127.0.0.1/{asked['port']} " in str(COMPOSE["x-health"]["test"])
    assert set(asked["names"]) == probed


def test_each_service_that_is_always_there_is_missed_where_it_is_not() -> None:
    (gone,) = (str(rule["expr"]) for rule in rules() if rule["alert"] == "ServiceDown")
    always = {
        n for n, s in COMPOSE["services"].items() if "/readyz" in str(s.get("healthcheck")) and "profiles" not in s
    }
    assert set(re.findall(r'absent\(up{job="hub", service="(\w+)"}\)', gone)) == always


def test_every_alert_names_a_section_of_the_runbook() -> None:
    sections = {
        re.sub(r"[^a-z0-9]+", "-", line[3:].lower()).strip("-")
        for line in RUNBOOK.read_text().splitlines()
        if line.startswith("## ")
    }
    named = {str(rule["annotations"]["runbook"]).partition("#")[2] for rule in rules()}  # type: ignore[index]
    assert named <= sections


def test_every_alert_has_a_rule_test() -> None:
    files = [yaml.safe_load((PROMETHEUS / name).read_text()) for name in RULE_TESTS]
    tested = [test for file in files for test in file["tests"]]
    assert {str(rule["alert"]) for rule in rules()} == {c["alertname"] for t in tested for c in t["alert_rule_test"]}


@pytest.mark.developer
@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), *(("test", "rules", name) for name in RULE_TESTS)],
    ids=" ".join,
)
def test_promtool_finds_nothing_wrong(arguments: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        assert os.environ.get("CI") != "true", "promtool comes with Debian's package prometheus: run `make ci-deps`"
        pytest.skip("promtool comes with Debian's package prometheus: run `make ci-deps`")
    done = subprocess.run([promtool, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
