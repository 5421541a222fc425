"""What a process says of itself before it has measured anything wakes nobody."""

import subprocess
import sys


def test_agreement_that_was_not_measured_is_no_number() -> None:
    # Other tests measure it, so a process of its own is asked.
    say = "from services.runtime.metrics import REGISTRY; print(REGISTRY.get_sample_value('hub_reviewer_agreement_kappa'))"
    done = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True)
    assert done.stdout == "nan\n"
