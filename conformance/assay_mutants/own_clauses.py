"""Wrong in what a contract's own clauses speak of."""

from __future__ import annotations

from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_conformance.own_clauses import own_clauses
from assay_contracts import Contract
from assay_contracts.json_types import is_list, is_mapping

from assay_mutants.edits import GONE, parsed, with_json
from assay_mutants.model import HttpMutant, State


def derive_own_clauses(contract: Contract) -> tuple[HttpMutant, ...]:
    """One mutant for each clause with an expression: the responses that it reads have other numbers and words, never the same twice."""
    return tuple(
        HttpMutant(f"the-responses-of-{clause.id.lower()}-are-shaken", "*", frozenset({clause.id}), _shaker(clause.id), origin="derived")
        for clause in own_clauses(contract)
    )


def _shaker(clause: str) -> Any:
    def shake(exchange: Exchange, contract: Contract, state: State) -> Response:
        body = parsed(exchange.answer)
        if exchange.purpose != f"a response that {clause} reads" or body is GONE:
            return exchange.answer
        return with_json(exchange.answer, _shaken(body, state))

    return shake


def _shaken(value: Any, state: State) -> Any:
    """The value with each number and each word another one."""
    if is_mapping(value):
        return {name: _shaken(part, state) for name, part in value.items()}
    if is_list(value):
        return [_shaken(part, state) for part in value]
    state["count"] = count = state.get("count", 0) + 1
    if isinstance(value, bool) or value is None:
        return value
    return value + 1000 + 17 * count * count if isinstance(value, int | float) else f"{value}-{count}"
