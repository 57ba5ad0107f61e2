"""Wrong in numbers that follow from others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers

from assay_mutants.edits import becoming, edited, raised
from assay_mutants.model import State, http_mutant


def _rules(exchange: Exchange, contract: Contract, kind: str) -> Iterator[Mapping[str, Any]]:
    if exchange.answer.status == 200:
        for operation in contract.operations:
            if operation.id == exchange.subject:
                yield from (rule for rule in operation.annotations.get("x-derived", ()) if kind in rule)


def _changed(exchange: Exchange, contract: Contract, kind: str, change: Callable[[Any], Any]) -> Response:
    answer = exchange.answer
    for rule in _rules(exchange, contract, kind):
        answer = edited(answer, rule["value"], change, "all")
    return answer


@http_mutant(breaks={"DER-001"})
def a_ratio_is_rounded(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Ratios have two decimals."""
    return _changed(exchange, contract, "ratio", lambda seen: round(seen, 2))


@http_mutant(breaks={"DER-001"})
def a_ratio_is_a_percentage(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Ratios go from 0 to 100."""
    return _changed(exchange, contract, "ratio", lambda seen: seen * 100)


@http_mutant(breaks={"DER-001"})
def a_ratio_is_upside_down(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The denominator is divided by the numerator."""
    return _changed(exchange, contract, "ratio", lambda seen: 1 / seen if seen else 0)


@http_mutant(breaks={"DER-001"})
def the_ratio_of_a_bucket_is_that_of_the_whole(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Every bucket has the ratio of the whole."""
    answer = exchange.answer
    rules = list(_rules(exchange, contract, "ratio"))
    whole = next((pointers.follow(answer.json, rule["value"]) for rule in rules if "*" not in rule["value"]), None)
    for rule in rules:
        if "*" in rule["value"] and whole is not None:
            answer = edited(answer, rule["value"], lambda _: whole, "all")
    return answer


@http_mutant(breaks={"DER-002"})
def a_ratio_of_nothing_is_one(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Where there is nothing to divide, the ratio is 1."""
    return _changed(exchange, contract, "ratio", lambda seen: 1 if seen == 0 else seen)


@http_mutant(breaks={"DER-003"})
def a_number_exceeds_its_bound(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A bounded number is a little larger than its bound."""
    answer = exchange.answer
    for rule in _rules(exchange, contract, "atMost"):
        bound = pointers.follow(answer.json, rule["atMost"])
        if isinstance(bound, int | float):
            answer = edited(answer, rule["value"], becoming(bound + 1))
    return answer


@http_mutant(breaks={"DER-004"})
def a_sum_is_one_too_large(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Something is counted twice."""
    return _changed(exchange, contract, "sum", raised(1))


@http_mutant(breaks={"DER-005"})
def a_last_number_is_one_too_large(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The end is not that of the last item."""
    return _changed(exchange, contract, "last", raised(1))


@http_mutant(breaks={"DER-006"})
def a_mean_is_one_too_large(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The mean is of other numbers."""
    return _changed(exchange, contract, "mean", raised(1))
