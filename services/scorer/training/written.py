"""The project's own written texts come in as files; labelled rows go out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "written"


@dataclass(frozen=True, slots=True)
class Written:
    """One text as its author meant it; `block` names the lines that were written together, `idiom` what they turn on."""

    text: str
    violence: bool
    types: frozenset[str]
    exemptions: frozenset[str]
    overtness: str
    gang: bool
    region: str
    form: str
    idiom: str
    block: str

    @property
    def file(self) -> str:
        """The name of the file that holds it."""
        return self.block.partition(":")[0]


def read_written(folder: Path = FOLDER) -> list[Written]:
    """All written texts, by file and line. Raises ValueError naming file and line of a mistake."""
    return [row for path in sorted(folder.glob("*.txt")) for row in _read(path)]


def _read(path: Path) -> Iterator[Written]:
    header: dict[str, str] | None = None
    block = 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("@ "):
            header = dict(member.split("=", 1) for member in line[1:].split())
            block += 1
        elif line.strip() and not line.startswith("# "):
            if header is None:
                raise ValueError(f"{path.name}:{number}: a text before the first header")
            yield _row(line, header, f"{path.stem}:{block}")


def _row(line: str, header: dict[str, str], block: str) -> Written:
    def names(key: str) -> frozenset[str]:
        return frozenset(name for name in header.get(key, "").split(",") if name)

    return Written(
        text=line.replace("\\n", "\n"),
        violence=header["violence"] == "1",
        types=names("types"),
        exemptions=names("exemptions") - {"none"},
        overtness=header.get("overtness", "none"),
        gang=header.get("gang") == "1",
        region=header.get("region", "any"),
        form=header.get("form", "post"),
        idiom=header.get("idiom", ""),
        block=block,
    )
