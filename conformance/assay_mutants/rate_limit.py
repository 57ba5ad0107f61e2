"""Wrong in what becomes of too many requests."""

from __future__ import annotations

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.answering import code_of, spec_of
from assay_mutants.edits import with_header
from assay_mutants.model import State, http_mutant


def _without(exchange: Exchange, contract: Contract, header: str) -> Response:
    """A refusal for too many requests without one of its headers."""
    spec = spec_of(exchange, contract, "x-rate-limit")
    limited = spec is not None and code_of(exchange, contract) == spec["code"]
    return with_header(exchange.answer, spec[header], None) if spec is not None and limited else exchange.answer


@http_mutant(breaks={"RAT-001"})
def a_refusal_does_not_say_when_to_come_back(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nobody learns how long to wait."""
    return _without(exchange, contract, "retryAfter")


@http_mutant(breaks={"RAT-001"})
def a_refusal_names_no_policy(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nobody learns which quota was used up."""
    return _without(exchange, contract, "policy")


@http_mutant(breaks={"RAT-001"})
def a_refusal_says_not_what_is_left(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nobody learns what is left."""
    return _without(exchange, contract, "remaining")


@http_mutant(breaks={"RAT-002"})
def who_was_refused_once_is_refused_for_long(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A refusal lasts longer than it says."""
    spec = spec_of(exchange, contract, "x-rate-limit")
    if spec is None:
        return exchange.answer
    if code_of(exchange, contract) == spec["code"]:
        state.setdefault(exchange.subject, exchange.answer)
    late = exchange.purpose == "a request after the time that a refusal named"
    return state.get(exchange.subject, exchange.answer) if late else exchange.answer


@http_mutant(breaks={"RAT-003"})
def a_quota_is_everybodys(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Every request uses up one quota, whoever sends it."""
    spec = spec_of(exchange, contract, "x-rate-limit")
    if spec is None or exchange.purpose != "a request of one subject beside another's":
        return exchange.answer
    if code_of(exchange, contract) == spec["code"]:
        state["refused"] = exchange.answer
    if exchange.request.credential == "other" and "refused" in state:
        refused: Response = state["refused"]
        return refused
    state["count"] = state.get("count", 0) + 1
    if exchange.answer.header(spec["remaining"]) is None:
        return exchange.answer
    return with_header(exchange.answer, spec["remaining"], f'"default";r={1000 - state["count"]};t=60')
