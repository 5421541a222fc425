"""The dev split of the shared data comes in; its texts as posts of as many authors, mixed at 1 % harm, go out. The same ones every time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from services.scorer.training.corpus import raw_rows

HARM = 0.01
SEED = 5


def labelled(folder: Path, read_again: Mapping[str, int | None] = {}) -> list[list[dict[str, Any]]]:
    """Mixes of posts with their grades: the labels of the sources, but for rows that were read again.

    The harmless posts stand in every mix, each harmful one in one of them: all harm is looked for and no mix holds more than 1 %.
    """
    rows: dict[int, list[str]] = {0: [], 1: []}
    for row in raw_rows(folder / "training"):
        label = read_again.get(row["id"], row["label_violence"])
        if row["split"] == "dev" and label in rows and row["text"].strip():
            rows[label].append(row["text"])
    harmful = Random(SEED).sample(rows[1], len(rows[1]))
    mixes = -(-len(harmful) // round(len(rows[0]) * HARM / (1 - HARM)))
    return [_mixed(harmful[n::mixes], rows[0]) for n in range(mixes)]


def around(mix: Sequence[Mapping[str, Any]], harmful: int, others: int) -> list[Mapping[str, Any]]:
    """So many harmless posts of a mix that `harmful` of them, these and `others` together are 1 %."""
    wanted = round(harmful / HARM) - others
    return [row for row in mix if row["grade"] == 0][:wanted]


def _mixed(harmful: Sequence[str], harmless: Sequence[str]) -> list[dict[str, Any]]:
    marked = [(text, 1.0) for text in harmful] + [(text, 0.0) for text in harmless]
    Random(SEED).shuffle(marked)
    end = datetime.fromisoformat("2026-06-05T22:00:00+00:00")
    return [
        {"grade": grade, "event": _post(number, text, end - timedelta(seconds=8 * number))}
        for number, (text, grade) in enumerate(marked)
    ]


def _post(number: int, text: str, at: datetime) -> dict[str, Any]:
    return {
        "schema_version": "1",
        "event_id": f"dev-{number}",
        "collector": "scenario",
        "platform": "x",
        "content_id": f"dev-{number}",
        "url": f"https://x.example/{number}",
        "kind": "post",
        "author": {"id": f"x:{number}"},
        "texts": [{"text": text}],
        "published_at": at.isoformat(),
        "observed_at": at.isoformat(),
    }
