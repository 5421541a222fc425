"""Lines of labels come in; grades by what they name go out."""

from pathlib import Path
from typing import NamedTuple

import orjson

from services.runtime.errors import Fatal
from services.runtime.text_lines import unmarked

WORDS = {"harm": 1.0, "harmful": 1.0, "violence": 1.0, "harmless": 0.0, "none": 0.0, "": 0.0}


class Name(NamedTuple):
    """What a label goes by: a content key, or a platform's id, on any platform where none is said."""

    content_key: str | None
    platform: str | None = None
    content_id: str | None = None


def names_of(content_key: str, platform: str, content_id: str) -> tuple[Name, Name, Name]:
    """Every name by which a label may mean a content."""
    return Name(content_key), Name(None, platform, content_id), Name(None, None, content_id)


def read_labels(path: Path) -> dict[Name, float]:
    """Grades from lines of {content_key, or content_id and perhaps platform; label or grade}. Raises Fatal naming the line."""
    grades: dict[Name, float] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(unmarked(lines), 1):
                if line.strip():
                    name, grade = _label(line, f"{path.name} line {number}")
                    grades[name] = grade
    except OSError as why:
        raise Fatal(f"{path}: {why.strerror}") from why
    return grades


def _label(line: bytes, place: str) -> tuple[Name, float]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as why:
        raise Fatal(f"{place}: not JSON: {why}") from why
    key, platform, name = (value.get(n) for n in Name._fields) if isinstance(value, dict) else (None, None, None)
    if not isinstance(name if key is None else key, str) or not isinstance(platform, str | None):
        raise Fatal(f"{place}: an object with `content_key` or `content_id`, and `label` or `grade` is expected")
    grade = value["label"] if value.get("grade") is None and "label" in value else value.get("grade")
    if isinstance(grade, str) and grade.lower() in WORDS:
        grade = WORDS[grade.lower()]
    if not isinstance(grade, bool | int | float) or not 0 <= grade <= 10:
        raise Fatal(f"{place}: `label` or `grade` must be a number from 0 to 10, true or false, harmful or harmless")
    return (Name(None, platform, name) if key is None else Name(key)), float(grade)
