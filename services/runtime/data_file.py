"""A TOML file and its model come in; a checked value with the digest of its bytes, or every mistake with its line, goes out."""

import hashlib
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from services.runtime.errors import Fatal

_SECTION = re.compile(r"^\s*(\[\[?)\s*([\w.\"'-]+)\s*\]")
_KEY = re.compile(r"^\s*([\w\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=")
# Python refuses to read a longer one, and does not say where it stands.
_ENDLESS = re.compile(r"[\d_]{4300}")
_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
ADVICE = {
    "extra_forbidden": "there is no such setting: correct its name or remove it",
    "missing": "this setting is missing: add it",
}


class Table(BaseModel):
    """One table of a data file: frozen, and closed to names that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the line it stands in (None where the file cannot be read), the setting, and what to do."""

    line: int | None
    setting: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line is not None else ""
        return f"{where}{self.setting}: {self.message}" if self.setting else f"{where}{self.message}"


T = TypeVar("T", bound=BaseModel)


def checked(model: type[T], path: Path) -> T | list[Mistake]:
    """The file as `model` (its `digest` set to the first 16 hex digits of the file's SHA-256), or every mistake in it."""
    try:
        return checked_bytes(model, path.read_bytes())
    except OSError as why:
        return [unreadable(why)]


def unreadable(why: OSError) -> Mistake:
    """The one mistake of a file that cannot be read."""
    return Mistake(None, "", f"{why.filename or 'the file'} cannot be read: {why.strerror}")


def checked_bytes(model: type[T], raw: bytes) -> T | list[Mistake]:
    """The same for what was read already: a pipe can be read only once."""
    try:
        # Some editors put a byte order mark first.
        text = raw.decode("utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError as why:
        return [Mistake(raw.count(b"\n", 0, why.start) + 1, "", "this is not UTF-8: save the file as UTF-8")]
    except tomllib.TOMLDecodeError as why:
        return [_syntax(str(why), text)]
    except ValueError:
        endless = _ENDLESS.search(text)
        line = text.count("\n", 0, endless.start()) + 1 if endless else None
        return [Mistake(line, "", "this number has too many digits")]
    except RecursionError:
        return [Mistake(None, "", "this is nested too deeply")]
    try:
        return model.model_validate({**table, "digest": hashlib.sha256(raw).hexdigest()[:16]})
    except ValidationError as why:
        lines = lines_of(text)
        return [
            Mistake(
                _line(lines, fault["loc"]), ".".join(map(str, fault["loc"])), ADVICE.get(fault["type"], fault["msg"])
            )
            for fault in why.errors(include_url=False, include_context=False)
        ]


def load(model: type[T], path: Path, what: str) -> T:
    """The file as `model`. Raises Fatal naming the file and every mistake in it."""
    found = checked(model, path)
    if isinstance(found, list):
        raise broken(found, path, what)
    return found


def broken(mistakes: list[Mistake], path: Path, what: str) -> Fatal:
    """What to raise for a file with mistakes."""
    return Fatal(f"{what} {path.name}: {'; '.join(map(str, mistakes))}")


def _syntax(message: str, text: str) -> Mistake:
    place = _TOML_PLACE.search(message)
    line = int(place[1]) if place else text.rstrip("\n").count("\n") + 1
    return Mistake(line, "", f"this is not TOML: {_TOML_PLACE.sub('', message)}")


def lines_of(text: str) -> dict[tuple[str | int, ...], int]:
    """The line on which each table and each setting of a TOML text begins, by its path; tables of an array are numbered."""
    found: dict[tuple[str | int, ...], int] = {}
    seen: Counter[str] = Counter()
    section: tuple[str | int, ...] = ()
    # Only these end a line of TOML; a text may hold other signs that end lines elsewhere.
    for number, line in enumerate(text.split("\n"), 1):
        if header := _SECTION.match(line):
            name = header[2]
            section = _parts(name)
            if header[1] == "[[":
                found.setdefault(section, number)
                section = (*section, seen[name])
                seen[name] += 1
            found.setdefault(section, number)
        elif key := _KEY.match(line):
            names = _parts(key[1])
            for length in range(1, len(names) + 1):
                found.setdefault((*section, *names[:length]), number)
    return found


def _parts(name: str) -> tuple[str | int, ...]:
    """A name of TOML as the path that it is, of names that may stand in quotes."""
    return tuple(part.strip(" \t\"'") for part in name.split("."))


def _line(lines: dict[tuple[str | int, ...], int], place: tuple[str | int, ...]) -> int:
    """The line of a setting, or of the table that should hold it; the first line for the whole file."""
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return 1
