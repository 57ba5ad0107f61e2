"""Wrong in percentiles."""

from __future__ import annotations

from collections.abc import Callable
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


@http_mutant(breaks={"PCT-001"})
def a_percentile_is_overstated(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What is called a percentile lies far above it."""
    return _changed(exchange, contract, lambda place, seen: seen * 3 + 1)


@http_mutant(breaks={"PCT-001"})
def new_values_do_not_move_a_percentile(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Values are counted, but the percentile stays what it was at first."""
    return _changed(exchange, contract, lambda place, seen: state.setdefault((exchange.subject, place), seen))


def _changed(exchange: Exchange, contract: Contract, change: Callable[[str, Any], Any]) -> Response:
    """The answer with each percentile changed that has values; the change is given its place and value."""
    rules: list[Any] = [
        rule for item in contract.operations if item.id == exchange.subject for rule in item.annotations.get("x-percentile", ())
    ]
    body, changed = parsed(exchange.answer), False
    for rule in rules if exchange.answer.succeeded else ():
        for place, seen in list(pointers.matches(body, rule["at"])):
            holder = pointers.follow(body, pointers.join(*pointers.split(place)[:-1]))
            if isinstance(holder, dict) and isinstance(seen, int | float) and not isinstance(seen, bool):
                new = change(place, seen)
                changed = changed or new != seen
                holder[pointers.last(rule["at"])] = new
    return with_json(exchange.answer, body) if changed else exchange.answer
