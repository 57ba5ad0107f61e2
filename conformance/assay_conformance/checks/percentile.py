"""Percentiles: that of the values which were received, and what stands where there are none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson
from assay_contracts import Contract
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at_indexes, shown, spread
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Evidence, Exchange, SentValues
from assay_conformance.exchange_views import operation_of, succeeded
from assay_conformance.percentile_terms import Stated, bounds, is_recomputable, sources_of, stated_percentiles

ROUNDING = 0.000000001


@check("PCT-001", kills={"a-percentile-is-overstated", "new-values-do-not-move-a-percentile"})
def a_percentile_is_that_of_the_values(evidence: Evidence, contract: Contract, subject: str) -> None:
    """With known values among those that it is computed from, it lies where its definition puts it."""
    declared = operation_of(contract, subject).annotations.get("x-percentile")
    if declared is None:
        raise NotConcerned
    runs = [item for item in evidence.of(SentValues) if item.subject == subject]
    for place, rule in enumerate(declared):
        own = [item for item in runs if item.rule == place]
        if is_recomputable(rule) and not own:
            raise NotReached(f"no values were sent for {rule['at']}")
        for run in own:
            _expect_percentiles(rule, run)


def _expect_percentiles(rule: Mapping[str, Any], run: SentValues) -> None:
    """Judge each percentile for which values were sent; raises `NotReached` where one cannot be judged and none is wrong."""
    sources, unreached = sources_of(rule), list[str]()
    bodies = [(sent.subject, _parsed(sent)) for sent in run.accepted if sent.answer.succeeded]
    after = stated_percentiles(rule, run.after.answer.json)
    unused = set(sources)
    for key, before in stated_percentiles(rule, run.before.answer.json).items():
        values = [
            (source, value)
            for source in sources
            for subject, body in bodies
            if subject == source.operation
            for value in source.values(before.item, body)
        ]
        unused -= {source for source, _ in values}
        now = after.get(key)
        if not values:
            continue
        if before.count is None or now is None or now.count != before.count + len(values):
            unreached.append(f"{rule['count']} went from {before.count} to {now and now.count} with {len(values)} values more")
        elif not _judged(rule, before, now, [value for _, value in values], run):
            unreached.append(f"too few values were sent to know {rule['at']}")
    unreached.extend(f"no values at {source.at} were accepted for {rule['at']}" for source in unused)
    if unreached:
        raise NotReached(unreached[0])


def _judged(rule: Mapping[str, Any], before: Stated, now: Stated, values: list[float], run: SentValues) -> bool:
    """Whether the values say where the percentile is; raises `Violation` where it is not there."""
    low, high = bounds(rule, before, values)
    if math.isinf(low) or math.isinf(high):
        return False
    slack = ROUNDING * max(1.0, abs(low), abs(high))
    stated = now.value
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not low - slack <= stated <= high + slack:
        wanted = brief(low) if low == high else f"{brief(low)} to {brief(high)}"
        raise Violation(wanted, brief(shown(stated)), f"{rule['at']} after {len(values)} known values")
    return True


def _parsed(sent: Exchange) -> Any:
    return orjson.loads(sent.request.body or "null")


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
