"""Wrong while something behind the server is."""

from __future__ import annotations

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.answering import category_of, with_correlation
from assay_mutants.edits import edited, with_header
from assay_mutants.model import State, http_mutant


@http_mutant(breaks={"FLT-001"})
def a_slow_store_is_not_said(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Delayed data is called fresh."""
    answer = exchange.answer
    for fault in contract.taxonomy.faults.values() if contract.taxonomy else ():
        if "stale" in fault and answer.status == 200:
            answer = edited(answer, fault["stale"], lambda _: False)
    return answer


@http_mutant(breaks={"FLT-002"})
def a_fault_takes_its_siblings_with_it(exchange: Exchange, contract: Contract, state: State) -> Response:
    """While one operation is down, the next request of every other one fails too."""
    if category_of(exchange, contract) in ("transient", "availability", "unknown") and exchange.answer.status >= 500:
        state["down"] = (exchange.subject, exchange.answer)
    elif "down" in state and exchange.answer.status == 200:
        subject, answer = state["down"]
        if subject != exchange.subject:
            return with_correlation(answer, exchange.answer, contract)
        state.pop("down")
    return exchange.answer


@http_mutant(breaks={"FLT-003"})
def a_fault_lasts_for_ever(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An operation that was down once stays so."""
    if category_of(exchange, contract) in ("transient", "availability") and exchange.answer.status >= 500:
        state[exchange.subject] = exchange.answer
    elif exchange.subject in state and exchange.answer.status == 200:
        return with_correlation(state[exchange.subject], exchange.answer, contract)
    return exchange.answer


@http_mutant(breaks={"FLT-004"})
def retry_after_is_zero(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A client may come back at once."""
    return with_header(exchange.answer, "retry-after", "0") if exchange.answer.header("retry-after") else exchange.answer


@http_mutant(breaks={"FLT-004"})
def retry_after_is_a_date(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A client is told a date."""
    if exchange.answer.header("retry-after") is None:
        return exchange.answer
    return with_header(exchange.answer, "retry-after", "Sat, 21 Nov 2026 10:00:00 GMT")
