"""Asks twice, so far apart that a time of generation that stands still is seen."""

from __future__ import annotations

import asyncio

from assay_contracts import Operation

from assay_conformance.driver_context import DriverContext
from assay_conformance.generation_terms import generated, longest_age
from assay_conformance.request_plans import allowed_query, annotated, needed_headers

LONGEST_SECONDS = 10.0
"""Where a response may be older, its age by `Date` has to do: a longer pause would be that of the whole run."""
MORE_SECONDS = 4.0
"""What rounding and two clocks need beside the documented age."""


async def drive(context: DriverContext) -> None:
    """Ask each operation whose responses state when they were generated; all of them share one pause."""
    operations = [item for item, _ in annotated(context.contract, "x-cache") if item.method == "GET" and generated(item)]
    longest = max((longest_age(item) / 1_000_000 for item in operations), default=0.0)
    for operation in operations:
        await _ask(context, operation, "a response that states when it was generated")
    if operations:
        await asyncio.sleep(min(longest, LONGEST_SECONDS) + MORE_SECONDS)
    for operation in operations:
        await _ask(context, operation, "a response that states when it was generated, after a pause")


async def _ask(context: DriverContext, operation: Operation, purpose: str) -> None:
    headers = needed_headers(context, operation)
    await context.wire.ask(operation, allowed_query(context, operation), headers=headers, purpose=purpose, expected="accepted")
