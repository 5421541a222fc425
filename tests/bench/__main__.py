"""`make bench`: every benchmark in turn on this machine; one table each, with the aim beside the number."""

import importlib
import sys

from rich.console import Console

from tests.bench.rows import show

TITLES = {
    "normaliser": "Normaliser, one core",
    "content_risk": "Content risk, one core",
    "shell": "Scorer shell",
    "door": "HTTP door",
    "context": "Context at scale",
    "scorer": "Scorer and its peers",
    "road": "Whole road",
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; returns 2 for a name that is none."""
    if unknown := set(names) - TITLES.keys():
        sys.stderr.write(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(TITLES)}\n")
        return 2
    console = Console(stderr=True)
    for name in names or TITLES:
        with console.status(f"measuring: {TITLES[name]}"):
            rows = importlib.import_module(f"tests.bench.{name}").run()
        show(TITLES[name], rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
