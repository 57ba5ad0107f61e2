"""Derived numbers: what follows from other numbers of the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import Contract

from assay_conformance.body_values import at_indexes, shown, spread
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Exchange
from assay_conformance.exchange_views import operation_of, succeeded

DEFAULT_TOLERANCE = 1e-9


@check(
    "DER-001",
    kills={"a-ratio-is-rounded", "a-ratio-is-a-percentage", "a-ratio-is-upside-down", "the-ratio-of-a-bucket-is-that-of-the-whole"},
)
def a_ratio_equals_its_parts(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Each ratio is its numerator by its denominator, where that is not zero."""
    body, reached = succeeded(exchange).json, False
    for rule in _rules(contract, subject, "ratio"):
        for place, value, of, to in _parts(body, rule["value"], rule["ratio"]["of"], rule["ratio"]["to"]):
            if to:
                reached = reached or of > 0
                _expect_near(value, of / to, rule, f"{place} = {brief(of)} / {brief(to)}")
    if not reached:
        raise NotReached("no ratio had parts other than zero")


@check("DER-002", kills={"a-ratio-of-nothing-is-one"})
def a_number_that_rests_on_zero_is_as_documented(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Where the denominator or the base is zero, the number is what the contract says."""
    body, reached = succeeded(exchange).json, False
    for rule in _rules(contract, subject, "ratio"):
        for place, value, _, to in _parts(body, rule["value"], rule["ratio"]["of"], rule["ratio"]["to"]):
            if not to:
                reached = True
                _expect_near(value, rule["ratio"].get("whenZero", 0), rule, f"{place} where {rule['ratio']['to']} is 0")
    for rule in _rules(contract, subject, "zeroWhen"):
        for place, value, base, _ in _parts(body, rule["value"], rule["zeroWhen"], rule["zeroWhen"]):
            if not base:
                reached = True
                _expect_near(value, 0, rule, f"{place} where {rule['zeroWhen']} is 0")
    if not reached:
        raise NotReached("no number rested on zero")


@check("DER-003", kills={"a-number-exceeds-its-bound"})
def a_number_keeps_below_its_bound(exchange: Exchange, contract: Contract, subject: str) -> None:
    """No bounded number exceeds the number that bounds it."""
    body, reached = succeeded(exchange).json, False
    rules = list(_rules(contract, subject, "atMost"))
    if not rules:
        return
    for rule in rules:
        for place, value, bound, _ in _parts(body, rule["value"], rule["atMost"], rule["atMost"]):
            reached = True
            if value > bound + rule.get("tolerance", DEFAULT_TOLERANCE):
                raise Violation(f"at most {brief(bound)}", brief(value), f"{place}, bounded by {rule['atMost']}")
    if not reached:
        raise NotReached("no bounded number was seen")


def _rules(contract: Contract, subject: str, kind: str) -> Iterator[Mapping[str, Any]]:
    declared = operation_of(contract, subject).annotations.get("x-derived")
    if declared is None:
        raise NotConcerned
    return (rule for rule in declared if kind in rule)


def _parts(body: Any, value: str, of: str, to: str) -> Iterator[tuple[str, float, float, float]]:
    """Each value of a pointer with the two numbers that stand beside it, wherever `*` leads."""
    for indexes, found in spread(body, value):
        first, second = at_indexes(body, of, indexes), at_indexes(body, to, indexes)
        if not (_is_number(found) and _is_number(first) and _is_number(second)):
            raise Violation(f"numbers at {value}, {of} and {to}", f"{brief(found)}, {brief(shown(first))} and {brief(shown(second))}")
        yield f"{value} {list(indexes)}" if indexes else value, found, first, second


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _expect_near(value: float, wanted: float, rule: Mapping[str, Any], about: str) -> None:
    if abs(value - wanted) > rule.get("tolerance", DEFAULT_TOLERANCE):
        raise Violation(brief(wanted), brief(value), about)
