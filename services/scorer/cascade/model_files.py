"""A folder of model files comes in; their bytes go out, each checked against the manifest, or Fatal names the file that is wrong."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from services.runtime.errors import Fatal

PACKAGED = Path(__file__).parent.parent / "data" / "model"
MANIFEST = "manifest.json"
LINEAR, HEADS, ENCODER, VOCABULARY, CALIBRATION = (
    "linear.i16",
    "heads.i8",
    "encoder.onnx",
    "vocabulary.txt",
    "calibration.json",
)
FILES = (LINEAR, HEADS, ENCODER, VOCABULARY, CALIBRATION)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Verified bytes by file name; `digest` identifies all but the calibration, which has its own."""

    contents: dict[str, bytes]
    digest: str
    calibration_digest: str


def load_model_files(folder: Path = PACKAGED) -> ModelFiles:
    """Read every file of the manifest and compare its SHA-256. Raises Fatal naming a file that is missing or differs."""
    expected = _manifest(folder)
    contents = {name: _verified(folder / name, expected[name]) for name in FILES}
    identity = "".join(expected[name] for name in FILES if name != CALIBRATION)
    return ModelFiles(contents, hashlib.sha256(identity.encode()).hexdigest()[:16], expected[CALIBRATION][:16])


def _manifest(folder: Path) -> dict[str, str]:
    try:
        table = json.loads((folder / MANIFEST).read_bytes())
        return {name: str(table["files"][name]) for name in FILES}
    except OSError as why:
        raise Fatal(f"model file {folder / MANIFEST}: {why.strerror}") from why
    except (ValueError, KeyError, TypeError) as why:
        raise Fatal(f"model file {folder / MANIFEST} cannot be read: {why}") from why


def _verified(path: Path, expected: str) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as why:
        raise Fatal(f"model file {path}: {why.strerror}") from why
    found = hashlib.sha256(raw).hexdigest()
    if found != expected:
        raise Fatal(
            f"model file {path} is not the one of the manifest, or {MANIFEST} was changed: its SHA-256 is {found}, "
            f"there stands {expected}"
        )
    return raw


def write_manifest(folder: Path, about: dict[str, str]) -> None:
    """Describe the files of a folder as they are now; `about` says what they were made with."""
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    table = {"about": about, "files": digests}
    (folder / MANIFEST).write_text(json.dumps(table, indent=2, sort_keys=True) + "\n")
