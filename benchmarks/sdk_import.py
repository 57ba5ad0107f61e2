"""What `import assay_sdk` costs over bare Python, in CPU time of whole processes: python benchmarks/sdk_import.py."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from statistics import median

ROUNDS = 15
LIMIT_MS = 30.0
PROGRAMS = {
    "bare python": "pass",
    "import assay_sdk": "import assay_sdk",
    "with a client": "from assay_sdk import ReliabilityClient",
}


def cpu_ms(program: str) -> float:
    """The CPU time of one process that runs a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def measure() -> dict[str, float]:
    """The median of each program, in interleaved rounds."""
    for program in PROGRAMS.values():
        cpu_ms(program)
    rounds = [{name: cpu_ms(program) for name, program in PROGRAMS.items()} for _ in range(ROUNDS)]
    return {name: round(median(times[name] for times in rounds), 1) for name in PROGRAMS}


def main() -> int:
    """Print the figures as JSON; exit 1 when the import costs more than its limit."""
    found = measure()
    extra = round(found["import assay_sdk"] - found["bare python"], 1)
    print(json.dumps({"cpu_ms": found, "extra_ms": extra, "limit_ms": LIMIT_MS}, indent=2))
    return 0 if extra <= LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
