"""Certifies the reference server again and again, with other data each time: a clean server must never be found wanting.

    python benchmarks/repeat.py --runs 20
    python benchmarks/repeat.py --runs 20 --json

Exit 0 when every run is certified, 1 otherwise. Times are wall-clock seconds of the whole command, start of the database included.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def certify(seed: int, contract: str) -> dict[str, object]:
    """One certification with one data seed: whether it was certified, how long it took, and what stood in the way."""
    with tempfile.TemporaryDirectory() as out:
        command = [str(Path(sys.executable).with_name("assay")), "certify", "reference", "--contract", contract]
        began = time.perf_counter()
        run = subprocess.run(
            [*command, "--seed", str(seed), "--out", out, "--quiet"], capture_output=True, text=True, timeout=300, check=False
        )
        took = time.perf_counter() - began
        certificate = Path(out) / "certificate.json"
        content = json.loads(certificate.read_text())["predicate"] if certificate.exists() else {}
    # The exit code alone would praise a command that did nothing.
    certified = run.returncode == 0 and content.get("verdict") == "certified"
    counts = content.get("counts", {})
    return {
        "seed": seed,
        "certified": certified,
        "seconds": round(took, 2),
        "counts": counts,
        "said": run.stdout[-2000:] + run.stderr[-500:],
    }


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="how many seeds (default 20)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default 1)")
    parser.add_argument("--contract", default="reliability@1.0.0")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    for seed in range(options.first, options.first + options.runs):
        row = certify(seed, options.contract)
        rows.append(row)
        if not options.json:
            print(
                f"seed {seed:4}  {'certified' if row['certified'] else 'NOT CERTIFIED'}  {row['seconds']:6} s  {row['counts']}", flush=True
            )
            if not row["certified"]:
                print(row["said"])
    times = [float(str(row["seconds"])) for row in rows]
    certified = sum(bool(row["certified"]) for row in rows)
    summary = {"runs": len(rows), "certified": certified, "median_seconds": statistics.median(times), "slowest_seconds": max(times)}
    print(json.dumps({"summary": summary, "runs": rows} if options.json else summary))
    return 0 if certified == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
