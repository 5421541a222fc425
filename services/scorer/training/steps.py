"""The name of a step and how to make its value come in; the value goes out, kept on disk so that it is not made twice."""

import json
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Steps:
    """Runs steps; what a step made lies in `folder` and is not made twice."""

    folder: Path
    console: Console

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """The value of a step, from disk or made now."""
        path = self.folder / f"{name}.pickle"
        if path.exists():
            self.console.print(f"{name}: kept from before")
            with path.open("rb") as kept:
                value: T = pickle.load(kept)  # noqa: S301  written by this program
                return value
        begun = time.monotonic()
        value = make()
        with path.with_suffix(".new").open("wb") as out:
            pickle.dump(value, out)
        path.with_suffix(".new").replace(path)
        self._note(name, round(time.monotonic() - begun))
        return value

    def _note(self, name: str, seconds: int) -> None:
        self.console.print(f"{name}: {seconds:,} s")
        kept = self.folder / "seconds.json"
        spent = json.loads(kept.read_text()) if kept.exists() else {}
        kept.write_text(json.dumps(spent | {name: seconds}) + "\n")
