"""Wrong in what becomes of a thing that was deleted."""

from __future__ import annotations

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.model import State, http_mutant


@http_mutant(breaks={"OP-011"})
def a_deletion_deletes_nothing(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What was deleted is there as before."""
    if exchange.request.method == "GET" and exchange.answer.succeeded:
        state[exchange.request.path] = exchange.answer
    missing = exchange.request.method == "GET" and exchange.answer.status in (404, 410)
    known: Response | None = state.get(exchange.request.path)
    return known if missing and known is not None else exchange.answer
