"""The main job: events go in at the door, a takedown request that a reviewer approved comes out, and every promise on the way is kept."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from deploy.demo.cli import publish
from deploy.demo.people import Plan, only_the_top
from deploy.demo.run import check
from deploy.demo.stack import Stack
from schemas.door import Verdict
from services.ingest.recordings import items

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]
DATA = Path(os.environ.get("HUB_DATA_DIR", "../shared/data")) / "events"
RECORDINGS = {
    "bluesky_jetstream_v1_firehose_slice.jsonl": "bluesky-jetstream",
    "mastodon_statuses.json": "mastodon",
    "youtube_comment_threads_page1.json": "youtube",
    "reddit_listing_comments.json": "reddit",
}
LAST_LINE = re.compile(
    r"accepted=\d+ normalised=\d+ scored=\d+ ranked=\d+ cases=\d+ takedowns=\d+ outcomes=\d+ ignored=\d+ "
    r"dead_lettered=\d+ duplicates=\d+ gap=0 seconds=\d+\.\d"
)


def test_the_demo_keeps_every_promise_and_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "hub"), "demo", "--check", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "80"})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    lines = done.stdout.splitlines()
    totals = dict(pair.split("=") for pair in lines[-1].split())
    assert LAST_LINE.fullmatch(lines[-1])
    assert int(totals["accepted"]) >= 150
    assert int(totals["takedowns"]) >= 3
    assert max(map(len, lines[:-1])) <= 80
    assert left_running(tmp_path) == []


def left_running(folder: Path) -> list[str]:
    """Command lines of processes that have the folder in their environment or arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words and process.name != str(os.getpid()):
            found.append(words[:200].decode(errors="replace"))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_demo_that_is_told_to_stop_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    command = [str(Path(sys.executable).parent / "hub"), "demo", "--folder", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while "starting scorer" not in running.stdout.readline():
            assert running.poll() is None
        running.send_signal(number)
        running.communicate(timeout=60)
    assert left_running(tmp_path) == []


@pytest.mark.skipif(not DATA.is_dir(), reason="the recordings are not there: HUB_DATA_DIR names their folder")
def test_recordings_of_four_platforms_go_all_the_way(tmp_path: Path) -> None:
    begun = time.monotonic()
    published: Counter[Verdict] = Counter()
    with Stack(tmp_path, lambda _: None, everything=True) as stack:
        for name, format_name in RECORDINGS.items():
            recorded = list(items((DATA / name).read_bytes()))
            published += asyncio.run(publish(stack, recorded, format_name, 5_000.0, lambda _: None)).counts
        done = check(stack, published, Plan(only_the_top), lambda _: None, begun)
    assert done.faults == ()
    assert (done.totals.gap, done.totals.takedowns) == (0, 1)
    assert done.totals.accepted >= 40
