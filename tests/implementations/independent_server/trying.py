"""Certifying the second implementation with the drivers that concern what is tried, and no others: a fraction of the time."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path

from assay_conformance import certifying
from assay_conformance.certifying import Certification, certify
from assay_conformance.target import read_target
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
HTTP = (*certifying.BESIDE, *certifying.CHANGING)
FEED = (*certifying.LONG, "faults")


@contextlib.contextmanager
def drivers(*chosen: str) -> Generator[None]:
    """These drivers alone."""
    kept = (certifying.BESIDE, certifying.LONG, certifying.CHANGING)
    certifying.BESIDE = tuple(name for name in kept[0] if name in chosen)
    certifying.LONG = tuple(name for name in kept[1] if name in chosen)
    # The error codes have nothing that changes the target, so that they stand for a driver that is left out.
    certifying.CHANGING = tuple(name if name in chosen else "error_codes" for name in kept[2])
    try:
        yield
    finally:
        certifying.BESIDE, certifying.LONG, certifying.CHANGING = kept


async def tried(contract: Contract, folder: Path, wrong: str = "", *chosen: str, feed: bool = False) -> Certification:
    """The certification of a server that is wrong in one way, without the drivers that cannot see it; or with those that are chosen."""
    feed = feed or wrong in OVER_THE_FEED
    with drivers(*(chosen or (FEED if feed else HTTP))):
        async with serving(wrong, slowness=0.0) as server:
            return await certify(contract, read_target(server.write(folder / "target.toml")))


def beholders(clauses: tuple[str, ...]) -> tuple[str, ...]:
    """The drivers that should see that some of these clauses are broken; all of HTTP where none is known to."""
    return tuple({name for clause in clauses for name in SEEN_BY.get(clause[:3], "").split()}) or HTTP


def failed(result: Certification) -> list[Row]:
    """The promises that are broken, not merely left open."""
    return [row for row in result.outcome.rows if row.verdict is Verdict.FAIL]
