"""Wrong in percentiles."""

from __future__ import annotations

from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers

from assay_mutants.edits import parsed, with_json
from assay_mutants.model import State, http_mutant


@http_mutant(breaks={"PCT-002"})
def a_percentile_of_nothing_is_a_number(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Where there are no values, the percentile is one all the same."""
    rules: list[Any] = [
        rule for item in contract.operations if item.id == exchange.subject for rule in item.annotations.get("x-percentile", ())
    ]
    body = parsed(exchange.answer)
    changed = False
    for rule in (rule for rule in rules if "count" in rule and exchange.answer.succeeded):
        for place, count in list(pointers.matches(body, rule["count"])):
            above, key = pointers.split(place)[:-1], pointers.split(rule["at"])[-1]
            holder = pointers.follow(body, pointers.join(*above))
            if count == 0 and isinstance(holder, dict):
                holder[key], changed = 4_711, True
    return with_json(exchange.answer, body) if changed else exchange.answer
