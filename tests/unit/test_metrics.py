"""What a process says of itself before it has measured anything wakes nobody."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["hub_reviewer_agreement_kappa", "hub_conservation_gap"])
def test_what_was_not_measured_is_no_number(name: str) -> None:
    # Other tests measure it, so a process of its own is asked.
    say = f"from services.runtime.metrics import REGISTRY; print(REGISTRY.get_sample_value('{name}'))"
    done = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True)
    assert done.stdout == "nan\n"
