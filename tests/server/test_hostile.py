"""Hostile requests of every kind, a few of each; benchmarks/hostile.py sends ten thousand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks/hostile.py"


@pytest.mark.slow
def test_hostile_requests_are_rejected_and_tell_nothing() -> None:
    """Nothing unhandled, leaked, believed or read in two ways, and the server is well afterwards."""
    command = [sys.executable, str(BENCHMARK), "--requests", "280", "--slow", "0", "--seed", "3"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)

    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "0 wrong"), ended.stderr
