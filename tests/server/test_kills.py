"""Events come in while processes are killed; benchmarks/kills.py kills fifty."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks/kills.py"


@pytest.mark.slow
def test_acknowledged_events_are_there_once() -> None:
    """Whichever process was killed."""
    command = [sys.executable, str(BENCHMARK), "--kills", "6", "--seconds", "120", "--seed", "2"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)

    assert (ended.returncode, ended.stdout.splitlines()[-1].endswith(": 0 lost, 0 twice, 0 buckets differ from their facts")) == (0, True)
