"""A command that is told to end leaves nothing of what it read behind; one that cannot write says so."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.scorer.policy import PACKAGED

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


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of a shell in a folder, `hub` being this one."""
    words = [sys.executable, "-c", "from services.cli import main; main()"]
    script = f'hub() {{ {shlex.join(words)} "$@"; }}\n{line}'
    env = os.environ | {"SCORER_CLASSIFIER": "lexicon", "PYTHONPATH": str(Path.cwd())}
    return subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, env=env, check=False)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("hub score --classifier lexicon <&-", "standard input is closed"),
        ("hub rank - <&-", "standard input is closed"),
        ("hub score --classifier lexicon < events.jsonl >&-", "standard output is closed: send it to /dev/null"),
        ("hub rank events.jsonl >&-", "standard output is closed: send it to /dev/null"),
    ],
)
def test_a_closed_stream_is_said_in_one_line(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "events.jsonl").write_text('{"id": 1, "text": "a"}\n')
    done = shell(line, tmp_path)
    assert done.returncode == 1
    assert [said.startswith(f"hub: {why}") for said in done.stderr.splitlines() if said] == [True]


def test_a_command_that_reads_no_input_does_not_ask_for_one(tmp_path: Path) -> None:
    done = shell("hub score --classifier lexicon --explain 'he has a shank' <&-", tmp_path)
    assert (done.returncode, "he has a [shank]" in done.stdout) == (0, True)


def test_what_is_opened_does_not_take_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """Whatever warns on standard error would have written into the ranking."""
    (tmp_path / "script.py").write_text(
        "import sys, os, services.cli as cli\n"
        "cli.app = lambda: sys.exit(os.open('events.jsonl', os.O_RDONLY) < 3)\n"
        "cli.main()\n"
    )
    (tmp_path / "events.jsonl").write_text("")
    assert shell(f"{shlex.quote(sys.executable)} script.py <&- 2>&-", tmp_path).returncode == 0


@pytest.mark.parametrize(
    "line",
    [
        "hub rank - --output events.svg < events.svg",
        f"hub rank - --against {shlex.quote(str(PACKAGED))} --plot events.svg < events.svg",
    ],
)
def test_events_that_come_from_a_file_by_standard_input_are_not_written_over(tmp_path: Path, line: str) -> None:
    (tmp_path / "events.svg").write_text("{}\n")
    done = shell(line, tmp_path)
    assert (done.returncode, done.stderr) == (1, "hub: events.svg is read, too: write to another file\n")
    assert (tmp_path / "events.svg").read_text() == "{}\n"


@pytest.mark.parametrize(
    "line",
    [
        "hub rank - --labels /dev/stdin < events.jsonl",
        "cat events.jsonl | hub rank /dev/stdin --labels /dev/stdin",
    ],
)
def test_standard_input_is_not_read_for_two_things(tmp_path: Path, line: str) -> None:
    (tmp_path / "events.jsonl").write_text("{}\n")
    done = shell(line, tmp_path)
    assert (done.returncode, done.stderr) == (
        1, "hub: the events and --labels come from standard input, which can be read only once: name a file\n",
    )  # fmt: skip


def test_labels_alone_may_come_from_standard_input(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text("")
    done = shell('echo \'{"content_id": "a", "label": 1}\' | hub rank events.jsonl --labels /dev/stdin', tmp_path)
    assert (done.returncode, "labels that name nothing here" in done.stdout) == (0, True)


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
