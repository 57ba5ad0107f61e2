"""Own clauses: what a contract promises in an expression of its own."""

from __future__ import annotations

from typing import Any

from assay_contracts import Contract

from assay_conformance.body_values import written
from assay_conformance.check import Check, NotConcerned, NotReached, Violation, brief
from assay_conformance.evidence import ClauseResponses, Exchange
from assay_conformance.exchange_views import date_of, success_of
from assay_conformance.own_clauses import ExpressionMalformed, OwnClause, evaluate, own_clauses


def checks_of_own_clauses(contract: Contract) -> tuple[Check, ...]:
    """A check for each clause of a contract that has an expression."""
    return tuple(_check_of(clause) for clause in own_clauses(contract))


def _check_of(clause: OwnClause) -> Check:
    def the_expression_of_the_contract_is_true(responses: ClauseResponses, contract: Contract, subject: str) -> None:
        """The expression that the contract gives is true of the responses."""
        if responses.clause != clause.id:
            raise NotConcerned
        found = _value(clause, responses, responses.first)
        if found is not True and _moved(responses):
            found = _value(clause, responses, responses.again)
        if found is not True:
            raise Violation(f"true: {brief(clause.holds, 200)}", brief(found), ", ".join(item.id for item in responses.first))

    return Check(
        clause.id, the_expression_of_the_contract_is_true, ClauseResponses, frozenset({f"the-responses-of-{clause.id.lower()}-are-shaken"})
    )


def _value(clause: OwnClause, responses: ClauseResponses, exchanges: tuple[Exchange, ...]) -> Any:
    answers = {name: success_of(exchange, exchange.purpose) for name, exchange in zip(responses.names, exchanges, strict=True)}
    moments = {name: date_of(answer) for name, answer in answers.items()}
    bindings = {
        "headers": {name: {key: answer.header(key) for key, _ in answer.headers} for name, answer in answers.items()},
        "dates": {name: written(moment, "date-time") for name, moment in moments.items() if moment is not None},
        "tenants": dict(responses.tenants),
    }
    try:
        return evaluate(clause.holds, {name: answer.json for name, answer in answers.items()}, bindings)
    except ExpressionMalformed as error:
        raise NotReached(f"the expression of {clause.id} cannot be evaluated: {error}") from None


def _moved(responses: ClauseResponses) -> bool:
    """Whether a response was another one the second time."""
    return any(one.answer.body != two.answer.body for one, two in zip(responses.first, responses.again, strict=True))
