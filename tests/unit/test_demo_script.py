"""The demo's evening is large, varied and valid."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.demo.script import events, read_lines
from schemas.content import ContentReceived
from services.cli import app
from services.runtime.errors import Fatal
from tests.builders import NOON


def test_every_event_is_a_valid_content_event() -> None:
    values = [ContentReceived.model_validate({**value, "collector": "demo"}) for value in events(NOON)]
    assert len(values) >= 150


def test_the_evening_comes_from_many_platforms() -> None:
    assert len({value["platform"] for value in events(NOON)}) >= 8


def test_events_come_in_the_order_they_happened() -> None:
    times = [value["observed_at"] for value in events(NOON)]
    assert times == sorted(times)


def test_every_event_is_marked_as_a_test() -> None:
    assert all(value["test"] for value in events(NOON))


def test_every_reply_and_edit_names_a_line_that_is_there() -> None:
    lines = read_lines()
    names = {line.content_id for line in lines}
    assert {line.options[key] for line in lines for key in ("reply", "of") if key in line.options} <= names


def test_a_line_with_too_few_fields_is_named(tmp_path: Path) -> None:
    script = tmp_path / "posts.txt"
    script.write_text("5 | x | somebody\n")
    with pytest.raises(Fatal, match="line 1"):
        read_lines(script)


def test_what_cannot_be_published_is_said_before_anything_is_started(tmp_path: Path) -> None:
    recording = tmp_path / "events.jsonl"
    recording.write_text("{}")
    of_no_format = CliRunner().invoke(app, ["demo", "--events", str(recording), "--format", "fax"])
    assert isinstance(of_no_format.exception, Fatal)
    assert CliRunner().invoke(app, ["demo", "--events", str(tmp_path / "none")]).exit_code == 2
