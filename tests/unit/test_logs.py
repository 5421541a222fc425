"""What a log for people looks like where no person reads it."""

import subprocess
import sys

# A process of its own: logging is set up for a whole process.
LOGGED = "from services.runtime.logs import configure; configure('info', 'console', 'collect').warning('away', why='refused')"


def test_a_log_for_people_has_no_colours_where_it_goes_to_no_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", LOGGED], capture_output=True, text=True, check=True)
    assert "why=refused" in done.stdout
    assert "\x1b" not in done.stdout
