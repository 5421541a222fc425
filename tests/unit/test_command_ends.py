"""A command that is told to end leaves nothing of what it read behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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
