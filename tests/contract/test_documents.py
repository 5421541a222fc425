"""What the documents name is there: commands and their options, settings, make targets, files."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from deploy.validate import ROOT
from services.cli import app
from services.ingest.settings import IngestSettings
from services.referrer.cli_protection import aging_out
from services.referrer.delivery_app import DeliverySettings
from services.referrer.settings import ReferrerSettings
from services.runtime.settings import HubSettings, KafkaSettings
from services.scorer.settings import ScorerSettings

DOCUMENTS = ("README.md", "CHANGELOG.md", "deploy/runbook.md", "docs/lifecycle.md", "tests/scenarios/README.md")
SETTINGS = (HubSettings, KafkaSettings, IngestSettings, ScorerSettings, ReferrerSettings, DeliverySettings)
# Read before there are settings, or by commands alone.
OTHERS = {"HUB_SECRETS_DIR", "HUB_KEY", "HUB_DOOR", "HUB_LOCAL_DIR"}
# Read by tests and by what judges the ranking.
OF_TESTS = {"HUB_DATA_DIR"}
SETTING = re.compile(r"\b(?:HUB|KAFKA|INGEST|SCORER|REFERRER)_[A-Z0-9_]*[A-Z0-9]\b")
HUB = typer.main.get_command(app)
MADE_LATER = {"deploy/secrets/grafana_password"}


def said(name: str) -> str:
    return (ROOT / name).read_text()


def code(text: str) -> Iterator[str]:
    """Lines of blocks, and what stands between backticks, be it over the end of a line."""
    blocks = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    for block in blocks.findall(text):
        yield from block.splitlines()
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", blocks.sub("", text)))


def commands(name: str) -> list[str]:
    """Each `hub …` of a document, as far as the shell would give it to the command."""
    found = (re.search(r"(?:^|exec (?:-T )?\w+ |\$\()(hub [a-z].*)", line) for line in code(said(name)))
    return [re.split(r"\s+[#<>]\s?|\)|\s\|\s", match[1])[0].rstrip() for match in found if match]


def faults(command: str) -> list[str]:
    """What of a command the program does not know."""
    words = shlex.split(re.sub(r"[\[\]]", " ", command).replace("|", " "))[1:]
    at: Any = HUB
    while words and hasattr(at, "commands"):
        if words[0] not in at.commands:
            return [f"hub {words[0]}"]
        at = at.commands[words.pop(0)]
    known = {option for each in at.params for option in (*each.opts, *each.secondary_opts)}
    return [f"{at.name} {word}" for word in words if word.startswith("--") and word.split("=")[0] not in known]


def known_settings() -> set[str]:
    return (
        OTHERS
        | OF_TESTS
        | {
            f"{each.model_config.get('env_prefix', '')}{field}".upper()
            for each in SETTINGS
            for field in each.model_fields
        }
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_and_option_that_is_named_exists(name: str) -> None:
    assert [fault for command in commands(name) for fault in faults(command)] == []


def test_commands_are_found_and_wrong_ones_too() -> None:
    assert {"hub score", "hub rank events.jsonl"} <= set(commands("README.md"))
    assert "hub keys list" in commands("deploy/runbook.md")
    assert faults("hub dlq replay --dry-run --new") == ["replay --new"]
    assert faults("hub scoar") == ["hub scoar"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_setting_that_is_named_exists(name: str) -> None:
    assert set(SETTING.findall(said(name))) <= known_settings()


def test_the_readme_names_each_setting_that_no_class_of_settings_holds() -> None:
    read = (path.read_text() for folder in ("services", "deploy") for path in (ROOT / folder).rglob("*.py"))
    names = {name for text in read for name in re.findall(r"(?:envvar=|environ(?:\.get\(|\[))\"(HUB_\w+)", text)}
    assert names == OTHERS
    assert names <= set(SETTING.findall(said("README.md")))


def test_the_runbook_says_how_long_topics_keep_what_was_erased() -> None:
    (told,) = re.findall(r"Topics cannot be edited: (.*?);", said("deploy/runbook.md"), re.DOTALL)
    assert re.findall(r"within (\d+)", told) == re.findall(r"within (\d+)", aging_out())


def test_every_make_target_sets_up_the_environment_that_it_uses() -> None:
    """As the Makefile's first line says: on a clean checkout nothing is installed yet."""
    rules = re.findall(r"^([a-z][a-z-]*):([^\n#]*).*\n((?:\t.*\n)+)", said("Makefile"), re.MULTILINE)
    needs = {name: asked.split() for name, asked, recipe in rules if re.search(r"\$\((?:BIN|COMPILE)\)", recipe)}
    assert len(needs) > 15
    assert [name for name, asked in needs.items() if "setup" not in asked] == []


@pytest.mark.parametrize("target", ["model", "eval"])
def test_without_labelled_texts_a_model_is_neither_made_nor_judged(target: str, tmp_path: Path) -> None:
    asked = ["make", "--no-print-directory", target, f"DATA={tmp_path}"]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(asked, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"no *.jsonl.gz in {tmp_path}: say DATA=FOLDER" in done.stderr


def test_every_setting_of_the_compose_file_exists() -> None:
    services = yaml.safe_load(said("docker-compose.yml"))["services"].values()
    ours = (each["environment"] for each in services if each["image"].startswith("referral-hub"))
    assert {name for environment in ours for name in environment} <= known_settings()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_that_is_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", said("Makefile"), re.MULTILINE))
    named = [match for line in code(said(name)) if (match := re.match(r"make((?: [a-z-]+)*)", line))]
    assert {target for match in named for target in match[1].split()} <= targets


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_is_named_is_there(name: str) -> None:
    text = said(name)
    folder = (ROOT / name).parent
    linked = {target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target}
    written = {word for word in code(text) if re.fullmatch(r"(?:deploy|docs|schemas|services|tests)/[\w./-]+", word)}
    assert [each for each in sorted(linked) if not (folder / each).exists()] == []
    assert [each for each in sorted(written - MADE_LATER) if not (ROOT / each).exists()] == []
