"""A command that is told to end leaves nothing of what it read behind; one that cannot write says so."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE_SECONDS = 60.0


def test_a_ranking_told_to_end_removes_its_temporary_database(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "from services.cli import main; main()", "rank", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(tmp_path), "SCORER_CLASSIFIER": "lexicon"},
    ) as ranking:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not list(tmp_path.glob("hub-rank-*/*")):
            assert time.monotonic() < deadline, "it never began"
            time.sleep(0.05)
        ranking.send_signal(signal.SIGTERM)
        assert ranking.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
    assert not list(tmp_path.glob("hub-rank-*"))


def hub(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from services.cli import main; main()", *words]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=os.environ | env, check=False
    )


def test_a_terminal_that_knows_no_more_than_ascii_gets_the_rest_as_marks() -> None:
    done = hub("score", "--classifier", "lexicon", "--explain", "he has a shank \U0001f52a", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "he has a [shank] [?]" in done.stdout


def test_a_score_leaves_nothing_behind_and_reports_to_nobody(tmp_path: Path) -> None:
    """The runtime of the model keeps a diary for its maker under HOME, and sends it, unless it is told not to."""
    done = hub(
        "score", "--explain", "text", HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path), ORT_DISABLE_TELEMETRY="0"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("name", ["", "notes.txt"])
@pytest.mark.parametrize("words", [("db", "status"), ("people", "list")])
def test_what_is_no_database_is_said_in_one_line(tmp_path: Path, name: str, words: tuple[str, str]) -> None:
    (tmp_path / "notes.txt").write_text("buy milk")
    done = hub(*words, REFERRER_DATABASE_URL=f"sqlite:///{tmp_path / name}")
    assert done.returncode == 1
    assert done.stderr.startswith("hub: the database: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
@pytest.mark.parametrize("words", [["score"], ["score", "--explain", "text"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_score_that_cannot_be_written_is_said_in_one_line(words: list[str], unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from services.cli import main; main()", *words, "--classifier", "lexicon"],
            input=b'{"id": 1, "text": "text"}\n',
            stdout=full,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            check=False,
        )
    assert (done.returncode, done.stderr.decode().splitlines()[-1]) == (1, "hub: the output: No space left on device")
    assert b"Traceback" not in done.stderr
    assert b"ignored" not in done.stderr


def test_a_name_in_brackets_is_shown_as_it_is(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'hub.db'}"
    assert hub("people", "add", "rev-1", "--name", "[/b] Ada [red]", REFERRER_DATABASE_URL=database).returncode == 0

    shown = hub("people", "list", REFERRER_DATABASE_URL=database, COLUMNS="120")

    assert (shown.returncode, "[/b] Ada [red]" in shown.stdout) == (0, True)
