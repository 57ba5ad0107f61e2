"""How long lint, the locks and the loading of every contract take: people wait for them. Processor seconds, the best of three.

python benchmarks/lint.py
"""

from __future__ import annotations

import time

from assay_contracts import list_contracts, load_contract
from assay_contracts.contract_folder import find_documents
from assay_contracts.lint import lint_contracts
from assay_contracts.locking import bundle_all, check_lock
from assay_contracts.requirements import check_all_requirements

RUNS = 3
LIMIT = 2.0


def locks() -> None:
    """Bundle every contract and compare it with its lock, and check every frozen requirement set."""
    folder = find_documents()
    check_lock(folder, bundle_all(folder))
    check_all_requirements(folder)


def load() -> None:
    """Read, bundle and parse every contract."""
    for contract in list_contracts():
        load_contract(str(contract))


def main() -> int:
    """Print the figures; 1 when one is above its limit."""
    figures: dict[str, float] = {}
    for name, run in (("lint", lint_contracts), ("locks", locks), ("load", load)):
        times: list[float] = []
        for _ in range(RUNS):
            began = time.process_time()
            run()
            times.append(time.process_time() - began)
        figures[name] = min(times)
        print(f"{name}: {figures[name]:.2f} s, limit {LIMIT} s")
    return int(max(figures.values()) > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
