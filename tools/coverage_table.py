"""Which part of each package the tests reach: a table from the JSON report of coverage.

python tools/coverage_table.py COVERAGE.json
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any


@dataclass(frozen=True, slots=True)
class Reach:
    """How many statements there are, and how many of them ran."""

    statements: int = 0
    covered: int = 0

    def __add__(self, other: Reach) -> Reach:
        return Reach(self.statements + other.statements, self.covered + other.covered)

    @property
    def percent(self) -> float:
        """The part that ran; all of nothing is 100."""
        return 100 * self.covered / self.statements if self.statements else 100.0


def by_package(report: dict[str, Any]) -> dict[str, Reach]:
    """The reach of each package: the folder below a room (`sdk/assay_sdk/wire.py` is of `assay_sdk`). Generated code is left out."""
    found: defaultdict[str, Reach] = defaultdict(Reach)
    for name, file in report["files"].items():
        parts = PurePosixPath(name.replace("\\", "/")).parts
        package = next((part for part in parts if part.startswith("assay_")), parts[0])
        if "generated" not in parts:
            found[package] += Reach(file["summary"]["num_statements"], file["summary"]["covered_lines"])
    return dict(sorted(found.items()))


def rows(packages: dict[str, Reach]) -> Iterator[str]:
    """The table, its last row the sum."""
    yield f"{'package':<22} {'statements':>10} {'covered':>8} {'%':>6}"
    for name, reach in [*packages.items(), ("all", _sum(packages.values()))]:
        yield f"{name:<22} {reach.statements:>10} {reach.covered:>8} {reach.percent:>6.1f}"


def _sum(reaches: Iterable[Reach]) -> Reach:
    return sum(reaches, start=Reach())


def main(arguments: list[str]) -> int:
    """Print the table; 2 where the report is not named."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    print(*rows(by_package(json.loads(Path(arguments[0]).read_bytes()))), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
