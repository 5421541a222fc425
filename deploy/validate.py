"""`make validate`: compose file and Dockerfile come in; every fault that shows without a Docker engine goes out."""

import subprocess
import sys
from importlib.metadata import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import yaml

ROOT = Path(__file__).parent.parent


def compose_faults(compose: dict[str, Any]) -> list[str]:
    """What the published compose schema says against the file."""
    # The package that carries the schema has a command of its own that needs another click; its data need no import.
    carried = next(f for f in files("check-jsonschema") or [] if f.name == "compose-spec.json")
    validator = jsonschema_rs.validator_for(orjson.loads(carried.locate().read_bytes()))  # type: ignore[attr-defined]
    return [f"{'/'.join(map(str, fault.instance_path))}: {fault.message}" for fault in validator.iter_errors(compose)]


def missing_files(compose: dict[str, Any]) -> list[str]:
    """Folders and build files that the compose file names and that are not there; secrets are made by `make secrets`."""
    mounts = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    builds = [s["build"]["dockerfile"] for s in compose["services"].values() if "build" in s]
    return [f"{name} is not there" for name in sorted({*mounts, *builds}) if not (ROOT / name).exists()]


def dockerfile_faults() -> list[str]:
    """What hadolint says against the Dockerfile."""
    done = subprocess.run(  # noqa: S603  our own tool on our own file
        [str(Path(sys.executable).parent / "hadolint"), "--no-color", str(ROOT / "deploy" / "Dockerfile")],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.removeprefix(f"{ROOT}/") for line in done.stdout.splitlines()]


def main() -> int:
    """Print the faults; 1 if there are any."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    faults = [*compose_faults(compose), *missing_files(compose), *dockerfile_faults()]
    sys.stdout.write("\n".join([*faults, f"{len(faults)} faults in docker-compose.yml and deploy/Dockerfile"]) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
