"""Percentiles: what stands where there are no values."""

from __future__ import annotations

from assay_contracts import Contract
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at_indexes, shown, spread
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Exchange
from assay_conformance.exchange_views import operation_of, succeeded


@check("PCT-002", kills={"a-percentile-of-nothing-is-a-number"})
def a_percentile_of_no_values_is_as_documented(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Where the count is zero, the percentile is the stated value, or absent where none is stated."""
    declared = operation_of(contract, subject).annotations.get("x-percentile")
    if declared is None:
        raise NotConcerned
    body, reached = succeeded(exchange).json, False
    for entry in (entry for entry in declared if "count" in entry):
        for indexes, count in spread(body, entry["count"]):
            if isinstance(count, bool) or count != 0:
                continue
            reached = True
            stated, wanted = at_indexes(body, entry["at"], indexes), entry.get("whenEmpty", MISSING)
            fine = stated is MISSING or stated is None if wanted is MISSING else stated == wanted and not isinstance(stated, bool)
            if not fine:
                raise Violation(brief(shown(wanted)), brief(shown(stated)), f"{entry['at']} where {entry['count']} is 0")
    if not reached:
        raise NotReached("no percentile was without values")
