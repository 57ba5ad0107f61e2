"""Wrong in whom a credential lets in."""

from __future__ import annotations

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.answering import careless, keep_success
from assay_mutants.edits import with_status
from assay_mutants.model import State, http_mutant


@http_mutant(breaks={"AUT-002"})
def a_missing_scope_does_not_matter(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A credential opens what its scopes leave out."""
    keep_success(exchange, contract, state)
    if exchange.answer.status != 403 or exchange.request.credential != "unscoped":
        return exchange.answer
    return careless(exchange, contract, state)


@http_mutant(breaks={"AUT-003"})
def a_wrong_request_is_looked_at_before_its_credential(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Who has no credential learns that a request is wrong."""
    wrong = exchange.purpose.startswith("a request without a credential, and with")
    return with_status(exchange.answer, 400) if wrong and exchange.answer.status == 401 else exchange.answer
