"""Recorded answers of real platforms, where they lie on this machine: HUB_DATA_DIR, else `../shared/data` beside the repository."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("HUB_DATA_DIR", Path(__file__).parents[2] / "shared" / "data")) / "events"
JETSTREAM = ("bluesky_jetstream_v1_firehose_slice.jsonl", "bluesky_jetstream_v1_golden.jsonl")

needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no recorded events here: set HUB_DATA_DIR to the folder that holds events/"
)


def recording(name: str) -> bytes:
    """The bytes of one recorded file."""
    return (FOLDER / name).read_bytes()
