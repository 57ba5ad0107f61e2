"""Certifying the second implementation with the drivers that concern what is tried, and no others: a fraction of the time."""

from __future__ import annotations

from pathlib import Path

from assay_conformance.certifying import Certification, certify
from assay_conformance.run_plan import BESIDE, CHANGING_AFTER_STREAM, CHANGING_BEFORE_STREAM, FULL_PLAN, LONG
from assay_conformance.target_manifest import read_target
from assay_conformance.verdicts import Row, Verdict
from assay_contracts import Contract

from .serving import serving
from .wrongs import OVER_THE_FEED

SEEN_BY = {
    "PAG": "pagination",
    "ORD": "order",
    "FIL": "filter",
    "WIN": "window",
    "DER": "window",
    "CAC": "cache window",
    "TEN": "tenancy",
    "COR": "error_taxonomy error_codes",
    "VER": "error_taxonomy",
    "ERR": "error_codes tenancy faults window",
    "COD": "error_codes",
    "OP-": "operation error_codes faults",
    "SNP": "snapshot",
    "FLT": "faults",
}
"""The drivers whose conversations show whether a clause holds, by the beginning of its id."""
HTTP = tuple(step.name for step in (*BESIDE, *CHANGING_BEFORE_STREAM, *CHANGING_AFTER_STREAM))
FEED = (*(step.name for step in LONG), "faults")


async def tried(contract: Contract, folder: Path, wrong: str = "", *chosen: str, feed: bool = False) -> Certification:
    """The certification of a server that is wrong in one way, without the drivers that cannot see it; or with those that are chosen."""
    feed = feed or wrong in OVER_THE_FEED
    plan = FULL_PLAN.only(chosen or (FEED if feed else HTTP))
    async with serving(wrong, slowness=0.0) as server:
        return await certify(contract, read_target(server.write(folder / "target.toml")), plan=plan)


def beholders(clauses: tuple[str, ...]) -> tuple[str, ...]:
    """The drivers that should see that some of these clauses are broken; all of HTTP where none is known to."""
    return tuple({name for clause in clauses for name in SEEN_BY.get(clause[:3], "").split()}) or HTTP


def failed(result: Certification) -> list[Row]:
    """The promises that are broken, not merely left open."""
    return [row for row in result.outcome.rows if row.verdict is Verdict.FAIL]
