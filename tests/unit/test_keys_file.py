"""The keys file is written whole, read again when it changes, and survives a bad moment."""

import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.ingest.adapters.keys_file import KeysFile
from services.ingest.cli import create_key, keys
from services.ingest.credentials import Keyring, new_key
from services.runtime.errors import Fatal
from tests.builders import NOON


def keyring(*names: str) -> Keyring:
    return Keyring(keys=tuple(new_key(name, ("*",), 100, 2_000_000, NOON)[1] for name in names))


def after_a_second(file: KeysFile) -> Keyring:
    """What the door sees once it looks again."""
    time.sleep(1.05)
    return file.current()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    KeysFile(tmp_path / "keys.json").write(keyring("a"))
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="hub keys create"):
        KeysFile(tmp_path / "keys.json").read()


def test_a_change_is_noticed_within_about_a_second(tmp_path: Path) -> None:
    file = KeysFile(tmp_path / "keys.json")
    file.write(keyring("a"))
    before = file.current()
    file.write(keyring("a", "b"))
    assert (len(before.keys), len(after_a_second(file).keys)) == (1, 2)


def test_a_file_that_breaks_leaves_the_last_good_keys(tmp_path: Path) -> None:
    file = KeysFile(tmp_path / "keys.json")
    file.write(keyring("a"))
    before = file.current()
    (tmp_path / "keys.json").write_text("{")
    assert after_a_second(file) == before


def test_a_file_that_goes_leaves_the_last_good_keys(tmp_path: Path) -> None:
    file = KeysFile(tmp_path / "keys.json")
    file.write(keyring("a"))
    before = file.current()
    (tmp_path / "keys.json").unlink()
    assert after_a_second(file) == before


def test_a_key_is_made_listed_and_revoked_by_command(tmp_path: Path) -> None:
    run, file = CliRunner(), str(tmp_path / "keys.json")
    key = run.invoke(keys, ["create", "desk", "--file", file, "--platform", "bluesky"]).output.strip()
    grant = KeysFile(tmp_path / "keys.json").read().owner(key)
    assert grant is not None
    assert (grant.collector, grant.platforms) == ("desk", ("bluesky",))
    assert grant.id in run.invoke(keys, ["list", "--file", file], env={"COLUMNS": "120"}).output
    assert run.invoke(keys, ["revoke", grant.id, "--file", file]).exit_code == 0
    assert KeysFile(tmp_path / "keys.json").read().owner(key) is None


def test_a_second_key_leaves_the_first(tmp_path: Path) -> None:
    file = str(tmp_path / "keys.json")
    for name in ("a", "b"):
        CliRunner().invoke(keys, ["create", name, "--file", file])
    assert [grant.collector for grant in KeysFile(tmp_path / "keys.json").read().keys] == ["a", "b"]


def test_keys_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    # A lock belongs to the opening of a file, so threads stand for processes.
    with ThreadPoolExecutor(8) as makers:
        list(makers.map(lambda number: create_key(f"c{number}", file), range(40)))
    assert len(KeysFile(file).read().keys) == 40


def test_a_place_where_no_keys_can_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Fatal, match=r"keys file keys\.json: "):
        create_key("desk", tmp_path / "file" / "keys.json")


def test_an_unknown_key_is_not_revoked(tmp_path: Path) -> None:
    KeysFile(tmp_path / "keys.json").write(keyring("a"))
    done = CliRunner().invoke(keys, ["revoke", "00000000", "--file", str(tmp_path / "keys.json")])
    assert isinstance(done.exception, Fatal)


def test_a_name_that_is_none_is_said_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(keys, ["create", "NOT A NAME", "--file", str(tmp_path / "keys.json")])
    assert isinstance(done.exception, Fatal)
    assert "collector" in str(done.exception)


def test_a_platform_that_no_content_names_is_refused(tmp_path: Path) -> None:
    """A key for `Bluesky` could publish nothing, and nobody would say why."""
    done = CliRunner().invoke(keys, ["create", "desk", "--platform", "Bluesky", "--file", str(tmp_path / "keys.json")])
    assert isinstance(done.exception, Fatal)
    assert "small letters" in str(done.exception)
    assert not (tmp_path / "keys.json").exists()


def test_the_ids_of_keys_stand_whole_on_a_narrow_terminal(tmp_path: Path) -> None:
    file = KeysFile(tmp_path / "keys.json")
    file.write(keyring("a-collector-with-a-long-name"))
    listed = CliRunner().invoke(keys, ["list", "--file", str(tmp_path / "keys.json")], env={"COLUMNS": "40"})
    assert file.read().keys[0].id in listed.output
