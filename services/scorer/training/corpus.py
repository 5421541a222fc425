"""The shared data, the written texts and the lexicon's examples come in; labelled rows, split by source and idiom, go out."""

import gzip
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.runtime.text import normalise
from services.scorer.lexicon import Lexicon
from services.scorer.training.written import Written, read_written

REVIEWED = Path(__file__).parent / "reviewed.toml"
READ_AGAIN = Path(__file__).parent / "read_again.toml"
# One idiom in ten is kept from training, so that coded language is measured on idioms that were never seen.
HELD_OUT_ONE_IN = 10
_EDOS = {"1.1": "direct_threat", "1.2": "incitement"}


@dataclass(frozen=True, slots=True)
class Row:
    """One text with what is known of it; None means that nobody said. `types` and `exemptions` are None where not labelled."""

    id: str
    text: str
    normalised: str
    violence: float | None
    weight: float
    source: str
    dev: bool
    types: frozenset[str] | None = None
    exemptions: frozenset[str] | None = None
    overtness: str | None = None
    gang: bool | None = None
    group: str = ""
    # What the source says, where a second reading may say otherwise.
    labelled: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def plain(text: str) -> str:
    """A text as both tiers read it: normalised, link targets reduced to a word."""
    return normalise(text).text


def shared_rows(folder: Path) -> Iterator[Row]:
    """Every row of the shared data, labelled as its source says or, where it was read again, as it was read."""
    read = reviewed() | read_again()
    for raw in raw_rows(folder):
        yield _shared(raw, read.get(raw["id"], raw["label_violence"]))


def raw_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Every line of the shared data's files, as it stands there."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt") as lines:
            for line in lines:
                yield json.loads(line)


def reviewed() -> dict[str, int | None]:
    """What reading found of rows that their source leaves without a label, by id."""
    found = tomllib.loads(REVIEWED.read_text())["roadman_slang_examples"]
    numbers = {n: 0 for low, high in found["harmless"] for n in range(low, high + 1)} | dict.fromkeys(
        found["violent"], 1
    )
    return {f"roadman_slang_examples:{n}": label for n, label in numbers.items()}


def read_again() -> dict[str, int | None]:
    """What a second reading found of rows whose label did not hold, by id; None where it could not tell."""
    found = tomllib.loads(READ_AGAIN.read_text())
    verdicts: dict[str, int | None] = {"violent": 1, "harmless": 0, "undecided": None}
    return {
        f"{source}:{number}": label
        for verdict, label in verdicts.items()
        for source, numbers in found[verdict].items()
        for number in numbers
    }


def _shared(raw: dict[str, Any], label: int | None) -> Row:
    labels = raw["labels"]
    vector = str(labels.get("vector", ""))[:3]
    types = frozenset[str]() if label == 0 else None
    if label == 1 and vector in _EDOS:
        types = frozenset({_EDOS[vector]})
    return Row(
        id=raw["id"],
        text=raw["text"],
        normalised=plain(raw["text"]),
        violence=label,
        weight=0.6 if raw["source"] == "perspective_wiki_silver" else 1.0,
        source=raw["source"],
        dev=raw["split"] == "dev",
        labelled=raw["label_violence"],
        types=types,
        overtness="none" if label == 0 else None,
        gang=False if label == 0 else None,
        facts=labels,
    )


def written_rows(texts: Iterable[Written]) -> Iterator[Row]:
    """The project's own texts; a whole idiom, or a whole block where none is named, is held out together."""
    for number, text in enumerate(texts):
        group = text.idiom or text.block
        yield Row(
            id=f"written:{number}",
            text=text.text,
            normalised=plain(text.text),
            violence=float(text.violence),
            weight=1.0,
            source="written",
            dev=held_out(group),
            types=text.types,
            exemptions=text.exemptions,
            overtness=text.overtness,
            gang=text.gang,
            group=group,
            facts={"form": text.form, "region": text.region, "overtness": text.overtness, "block": text.block},
        )


def lexicon_rows(lexicon: Lexicon) -> Iterator[Row]:
    """The lexicon's examples of each term in harm and in everyday use."""
    for term in lexicon.terms:
        for sense, examples in term.examples.items():
            for number, example in enumerate(examples):
                harmful = sense == "harmful"
                yield Row(
                    id=f"lexicon:{term.term}:{sense}:{number}",
                    text=example,
                    normalised=plain(example),
                    violence=float(harmful),
                    weight=1.0,
                    source="lexicon",
                    dev=held_out("lexicon " + term.term),
                    # The term's types are possible ones, not all of them those of the example.
                    types=None if harmful else frozenset(),
                    exemptions=None,
                    overtness="covert" if harmful else "none",
                    gang=term.gang if harmful else False,
                    group="lexicon " + term.term,
                )


def held_out(group: str) -> bool:
    """Whether a group of texts is kept from training; the same on every machine."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % HELD_OUT_ONE_IN == 0


def calibrates(row: Row) -> bool:
    """Which half of the held-out rows calibrates; the other half measures the calibration."""
    return row.dev and int(hashlib.sha256(f"half {row.group or row.id}".encode()).hexdigest(), 16) % 2 == 0


_NOT_A_WORD = re.compile(r"[^\w]+")


def fingerprint(normalised: str) -> str:
    """What two texts share that differ in nothing but punctuation and spacing."""
    return _NOT_A_WORD.sub(" ", normalised).strip()


def load(folder: Path, lexicon: Lexicon) -> list[Row]:
    """All rows; a text that stands in train and dev is left in dev alone, a repeated one once."""
    rows = [*written_rows(read_written()), *lexicon_rows(lexicon), *shared_rows(folder)]
    kept: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: not row.dev):
        kept.setdefault(fingerprint(row.normalised), row)
    return list(kept.values())
