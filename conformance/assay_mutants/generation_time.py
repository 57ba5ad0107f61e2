"""Wrong in when a response was generated."""

from __future__ import annotations

from assay_conformance.body_values import at
from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract
from assay_contracts.pointers import MISSING

from assay_mutants.answering import spec_of
from assay_mutants.edits import Change, becoming, edited, moved
from assay_mutants.model import State, http_mutant

HOUR = 3_600_000_000


def _restated(exchange: Exchange, contract: Contract, change: Change) -> Response:
    """The response with another time of generation, where it states one."""
    pointer = (spec_of(exchange, contract, "x-cache") or {}).get("generated", {}).get("at")
    return exchange.answer if pointer is None or not exchange.answer.succeeded else edited(exchange.answer, pointer, change)


@http_mutant(breaks={"CAC-009"})
def a_response_is_generated_in_an_hour(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The time is that of another zone, called UTC."""
    return _restated(exchange, contract, moved(HOUR))


@http_mutant(breaks={"CAC-010"})
def a_response_is_generated_a_day_ago(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The time is that of yesterday's run of a job."""
    return _restated(exchange, contract, moved(-24 * HOUR))


@http_mutant(breaks={"CAC-010"})
def the_time_of_generation_stands_still(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The time is that of the first response, kept since the process started."""
    pointer = (spec_of(exchange, contract, "x-cache") or {}).get("generated", {}).get("at")
    if pointer is None or not exchange.answer.succeeded:
        return exchange.answer
    first = state.setdefault(exchange.subject, at(exchange.answer.json, pointer))
    return exchange.answer if first is MISSING else _restated(exchange, contract, becoming(first))
