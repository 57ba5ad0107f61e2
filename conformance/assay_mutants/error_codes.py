"""Wrong in which code is answered."""

from __future__ import annotations

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.answering import category_of, code_of, with_envelope
from assay_mutants.edits import with_status
from assay_mutants.model import State, http_mutant


@http_mutant(breaks={"COD-001"})
def one_code_stands_for_every_validation_error(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whatever is wrong with a request, the first validation code of the taxonomy is answered."""
    if contract.taxonomy is None or exchange.answer.status != 400 or category_of(exchange, contract) != "validation":
        return exchange.answer
    first = next(code for code, known in contract.taxonomy.codes.items() if known.category == "validation" and known.status == 400)
    return with_envelope(exchange.answer, contract, "code", first)


@http_mutant(breaks={"COD-001", "FLT-001"})
def every_fault_is_unhandled(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whatever fails behind the server, it answers that it does not know."""
    if contract.taxonomy is None or category_of(exchange, contract) not in ("transient", "availability"):
        return exchange.answer
    other = next((code for code, known in contract.taxonomy.codes.items() if known.status == 500), None)
    if other is None:
        return exchange.answer
    known = contract.taxonomy.codes[other]
    answer = with_envelope(with_status(exchange.answer, known.status), contract, "code", other)
    return with_envelope(with_envelope(answer, contract, "category", known.category), contract, "status", known.status)


@http_mutant(breaks={"COD-002"})
def an_undeclared_code_is_answered(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An error carries a code that the operation does not declare."""
    if exchange.answer.status != 404 or code_of(exchange, contract) is None:
        return exchange.answer
    return with_envelope(exchange.answer, contract, "code", "RESOURCE_UNKNOWN")
