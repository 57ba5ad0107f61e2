"""The feed against a server with faults of every kind, as the benchmark injects them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HARNESS = Path(__file__).parents[2] / "benchmarks" / "feed_faults.py"


def test_no_change_is_lost_given_twice_or_taken_back() -> None:
    """Under at least fifteen kinds of faults, and the state is the server's in the end."""
    found = subprocess.run([sys.executable, str(HARNESS), "--runs", "3", "--faults", "400"], capture_output=True, text=True, check=False)
    runs = [json.loads(line) for line in found.stdout.splitlines()]

    assert (found.returncode, len(runs)) == (0, 3), found.stdout + found.stderr
    assert all(run["faults"] == 400 and run["kinds"] >= 15 for run in runs)
    assert {run[name] for run in runs for name in ("lost", "twice", "unordered", "steps_back", "wrong_state")} == {0}
