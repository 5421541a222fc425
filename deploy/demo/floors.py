"""A policy file comes in; the same with its floors next to zero goes out, so that ordinary life also fills a queue."""

import re
from pathlib import Path

from services.runtime.errors import Fatal

_FLOORS = re.compile(r"(?ms)^\[floors\].*?(?=^\[|\Z)")
_VALUE = re.compile(r"(?m)^(\w+\s*=\s*)[0-9.]+")


def without_floors(policy: Path, folder: Path) -> Path:
    """Write the copy beside other files of the run and give its path. Raises Fatal for a policy that has no floors."""
    text = policy.read_text(encoding="utf-8")
    lowered, found = _FLOORS.subn(lambda section: _VALUE.sub(r"\g<1>0.000001", section.group()), text)
    if not found:
        raise Fatal(f"{policy.name} has no [floors]")
    copy = folder / f"{policy.parents[1].name}-{policy.name}"
    copy.write_text(lowered, encoding="utf-8")
    return copy
