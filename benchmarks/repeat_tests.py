"""Run the tests again and again: in random order, and beside a program that keeps every core busy. Prints a row as each run ends.

python benchmarks/repeat_tests.py [--random 5] [--busy 2] [PYTEST ARGUMENTS]
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the tests: how, with which seed, how it ended (pytest's exit code and last line), and its seconds."""

    kind: str
    seed: int
    code: int
    summary: str
    seconds: float


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy with another program for as long as the block runs."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def run_tests(kind: str, arguments: list[str]) -> Run:
    """Run the tests once in the order of a new seed, which its row names so that a failure can be repeated."""
    seed = random.randrange(2**32)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", f"--randomly-seed={seed}", *arguments]
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    lines = done.stdout.strip().splitlines()
    run = Run(kind, seed, done.returncode, lines[-1] if lines else "", time.monotonic() - begin)
    print(f"{run.kind:<13} {run.seed:>10} {run.code:>4} {run.seconds:>7.0f}  {run.summary}", flush=True)
    return run


def main() -> int:
    """Run everything asked for and print a row as each run ends; 0 where every run passed, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--random", type=int, default=5, help="runs in random order")
    parser.add_argument("--busy", type=int, default=2, help="runs in random order with every core kept busy")
    options, arguments = parser.parse_known_args()
    print(f"{'run':<13} {'seed':>10} {'exit':>4} {'seconds':>7}  summary", flush=True)
    runs = [run_tests("random order", arguments) for _ in range(options.random)]
    for _ in range(options.busy):
        with busy_cores():
            runs.append(run_tests("busy cores", arguments))
    return int(any(run.code for run in runs))


if __name__ == "__main__":
    sys.exit(main())
