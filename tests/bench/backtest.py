"""A number of invented content events comes in; how long `hub rank` takes over them, and its memory and disk, goes out as a table.

`make bench-rank`, or `python -m tests.bench.backtest --events 100000 --classifier cascade`. The posts are pairs of the project's
own written texts, as many violent ones as asked for, by few people who say much and many who say little.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import psutil
from rich.progress import track

from services.scorer.settings import ClassifierChoice
from services.scorer.training.written import read_written
from tests.bench.rows import Row, show

PLATFORMS = ("x", "tiktok", "instagram", "youtube", "reddit", "bluesky")
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = 30


def events(count: int, violent_share: float, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Posts of a month in the order of time."""
    dice = Random(seed)
    written = read_written()
    violent = [row.text for row in written if row.violence]
    harmless = [row.text for row in written if not row.violence]
    authors = max(10, count // 8)
    for number in range(count):
        at = BEGIN + timedelta(days=DAYS * number / count)
        first = dice.choice(violent if dice.random() < violent_share else harmless)
        platform, name = dice.choice(PLATFORMS), f"b{number}"
        yield {
            "schema_version": "1", "event_id": name, "collector": "bench", "platform": platform, "content_id": name, "kind": "post",
            "url": f"https://{platform}.example/{name}", "author": {"id": f"a{int(authors * dice.random() ** 2)}"},
            "texts": [{"role": "body", "text": f"{first} {dice.choice(harmless)}"}],
            "published_at": at.isoformat(), "observed_at": (at + timedelta(minutes=1)).isoformat(),
        }  # fmt: skip


@dataclass
class Measured:
    """What one run of the command took."""

    seconds: float = 0.0
    memory: int = 0
    disk: int = 0


def watched(command: list[str], environment: dict[str, str], scratch: Path) -> Measured:
    """Run it, and look twice a second at its memory and at what it put aside. Raises CalledProcessError."""
    found, begun = Measured(), time.perf_counter()
    with subprocess.Popen(command, env=environment) as running:
        process = psutil.Process(running.pid)
        while running.poll() is None:
            found.memory = max(found.memory, process.memory_info().rss)
            found.disk = max(found.disk, _size(scratch))
            time.sleep(0.5)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)
    found.seconds = time.perf_counter() - begun
    return found


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # a journal that has just gone
            continue
    return total


def main() -> None:
    """Invent, rank, show."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=1_000_000)
    asked.add_argument("--violent", type=float, default=0.02, help="share of posts that hold a violent text")
    asked.add_argument("--classifier", type=ClassifierChoice, default=ClassifierChoice.LEXICON)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        scratch = folder / "scratch"
        scratch.mkdir()
        with (folder / "events.jsonl").open("wb") as out:
            for event in track(events(options.events, options.violent), "inventing", options.events):
                out.write(orjson.dumps(event) + b"\n")
        command = [str(Path(sys.executable).parent / "hub"), "rank", str(out.name), "--output", str(folder / "ranked")]
        environment = {**os.environ, "SCORER_CLASSIFIER": options.classifier.value, "TMPDIR": str(scratch)}
        took = watched(command, environment, scratch)
        with (folder / "ranked").open("rb") as ranked:
            lines = sum(1 for _ in ranked)
    if not 0 < lines <= options.events:
        sys.exit(f"{lines} ranked lines cannot come of {options.events} events")
    how = f"{options.events:,} events, {options.classifier.value} classifier"
    show(
        "Backtest",
        [
            Row("time", took.seconds / 60, "minutes", how=how),
            Row("events", options.events / took.seconds, "a second"),
            Row("memory", took.memory / 2**20, "MiB", how="most"),
            Row("database put aside", took.disk / 2**20, "MiB", how="most; removed at the end"),
            Row("ranked lines", lines, "lines"),
        ],
    )


if __name__ == "__main__":
    main()
