"""The functional suite comes in as files; functions with their cases go out, and with scores, which of them hold their floor."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "functions"
# Texts of an author who knew nothing of the project, in the form of the written ones.
BLIND = Path(__file__).parent / "blind"


class Function(BaseModel):
    """One thing that a scorer must do, its written cases, and the share of them that it must get right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    describes: str
    expect: Literal["violent", "not_violent"]
    floor: Annotated[float, Field(gt=0, le=1)]
    cases: Annotated[tuple[str, ...], Field(min_length=25)]


class Verdict(BaseModel):
    """How one function came out: the share of right cases at the threshold, and the cases that went wrong."""

    model_config = ConfigDict(frozen=True)

    function: Function
    right: float
    wrong: tuple[tuple[str, float], ...]

    @property
    def holds(self) -> bool:
        """Whether the floor holds."""
        return self.right >= self.function.floor


def read_suite(folder: Path = FOLDER) -> list[Function]:
    """All functions, by file and place."""
    tables = [tomllib.loads(path.read_text()) for path in sorted(folder.glob("*.toml"))]
    return [Function.model_validate(entry) for table in tables for entry in table["function"]]


def judge(functions: Sequence[Function], scores: Mapping[str, float], threshold: float) -> list[Verdict]:
    """One verdict a function; a case is right when it lies on its side of the threshold."""
    made = []
    for function in functions:
        violent = function.expect == "violent"
        wrong = [(case, scores[case]) for case in function.cases if (scores[case] >= threshold) != violent]
        made.append(Verdict(function=function, right=1 - len(wrong) / len(function.cases), wrong=tuple(wrong)))
    return made
