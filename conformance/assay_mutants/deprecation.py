"""Wrong in what an operation that will go says of it."""

from __future__ import annotations

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.answering import spec_of
from assay_mutants.edits import with_header
from assay_mutants.model import State, http_mutant


def _with(exchange: Exchange, contract: Contract, name: str, value: str | None) -> Response:
    """The answer with another header, where the operation is deprecated."""
    return exchange.answer if spec_of(exchange, contract, "x-deprecation") is None else with_header(exchange.answer, name, value)


@http_mutant(breaks={"DEP-001"})
def the_deprecation_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nothing says that the operation is deprecated."""
    return _with(exchange, contract, "Deprecation", None)


@http_mutant(breaks={"DEP-001"})
def the_deprecation_is_a_year_off(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The operation is deprecated since another day."""
    return _with(exchange, contract, "Deprecation", "@946684800")


@http_mutant(breaks={"DEP-002"})
def the_sunset_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nothing says when the operation goes."""
    return _with(exchange, contract, "Sunset", None)


@http_mutant(breaks={"DEP-002"})
def the_sunset_is_a_year_off(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The operation goes another day."""
    return _with(exchange, contract, "Sunset", "Sat, 01 Jan 2000 00:00:00 GMT")


@http_mutant(breaks={"DEP-003"})
def nothing_links_to_the_successor(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The link to what takes its place is left out."""
    return _with(exchange, contract, "Link", None)
