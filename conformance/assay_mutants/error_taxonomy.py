"""Wrong in what the taxonomy says of errors, of correlation and of schema versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.answering import careless, category_of, code_of, keep_success, spec_of, with_correlation, with_envelope
from assay_mutants.edits import GONE, edited, with_header, with_status
from assay_mutants.model import State, http_mutant


@http_mutant(breaks={"ERR-001"})
def the_body_repeats_another_status(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The body of a 403 says 401."""
    return with_envelope(exchange.answer, contract, "status", 401) if exchange.answer.status == 403 else exchange.answer


@http_mutant(breaks={"ERR-001"})
def a_forbidden_request_is_400(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What is forbidden is called wrong, body and status line alike."""
    if exchange.answer.status != 403:
        return exchange.answer
    return with_envelope(with_status(exchange.answer, 400), contract, "status", 400)


@http_mutant(breaks={"ERR-002"})
def every_error_is_transient(exchange: Exchange, contract: Contract, state: State) -> Response:
    """All errors have one category."""
    return with_envelope(exchange.answer, contract, "category", "transient")


@http_mutant(breaks={"ERR-002"})
def a_busy_store_is_unavailable(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A transient error calls itself one of availability, code and category alike."""
    if contract.taxonomy is None or category_of(exchange, contract) != "transient" or exchange.answer.status != 503:
        return exchange.answer
    return with_envelope(exchange.answer, contract, "category", "availability")


@http_mutant(breaks={"ERR-003"})
def a_validation_error_says_retry(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A request that is wrong may be sent again."""
    if category_of(exchange, contract) != "validation":
        return exchange.answer
    return with_envelope(exchange.answer, contract, "retryable", True)


@http_mutant(breaks={"ERR-003"})
def a_busy_store_says_never_retry(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A transient error is final."""
    if category_of(exchange, contract) != "transient":
        return exchange.answer
    return with_envelope(exchange.answer, contract, "retryable", False)


@http_mutant(breaks={"ERR-004"})
def the_challenge_is_missing(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A 401 does not say how to authenticate."""
    return with_header(exchange.answer, "www-authenticate", None)


@http_mutant(breaks={"ERR-004"})
def allow_is_missing(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A 405 does not say what is allowed."""
    return with_header(exchange.answer, "allow", None)


@http_mutant(breaks={"ERR-004"})
def allow_lists_the_method_that_was_refused(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A 405 allows what it refuses."""
    if exchange.answer.status != 405:
        return exchange.answer
    return with_header(exchange.answer, "allow", f"GET, {exchange.request.method}")


@http_mutant(breaks={"ERR-005"})
def a_validation_error_names_another_field(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The field is always the same."""
    return with_envelope(exchange.answer, contract, "field", "request") if exchange.answer.status == 400 else exchange.answer


@http_mutant(breaks={"ERR-005"})
def a_validation_error_names_no_field(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The field is left out."""
    return with_envelope(exchange.answer, contract, "field", GONE) if exchange.answer.status == 400 else exchange.answer


@http_mutant(breaks={"ERR-006"})
def an_error_may_be_cached(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Errors are kept like answers."""
    if exchange.answer.status < 400:
        return exchange.answer
    return with_header(exchange.answer, "cache-control", "private, max-age=15")


@http_mutant(breaks={"ERR-007"})
def the_code_of_a_broken_rule_varies(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Every other validation error has another code."""
    if contract.taxonomy is None or exchange.answer.status != 400 or category_of(exchange, contract) != "validation":
        return exchange.answer
    state["n"] = state.get("n", 0) + 1
    codes = [code for code, known in contract.taxonomy.codes.items() if known.status == 400 and code != code_of(exchange, contract)]
    return with_envelope(exchange.answer, contract, "code", codes[0]) if state["n"] % 2 else exchange.answer


@http_mutant(breaks={"ERR-008", "ERR-009"})
def an_error_shows_its_query(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The message is that of the database."""
    text = 'near "OR": SELECT id, total FROM orders WHERE tenant = $1 OR id = $2'
    return with_envelope(exchange.answer, contract, "message", text)


@http_mutant(breaks={"ERR-008", "ERR-009"})
def an_error_shows_its_stack(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The message is a traceback."""
    text = 'Traceback (most recent call last): File "/srv/app/routes.py", line 12, in handle'
    return with_envelope(exchange.answer, contract, "message", text)


@http_mutant(breaks={"COR-001"})
def the_correlation_identifier_is_missing(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Errors carry no identifier in their header."""
    return with_header(exchange.answer, _header(contract), None) if exchange.answer.status >= 400 else exchange.answer


@http_mutant(breaks={"COR-001"})
def the_correlation_identifier_is_short(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Identifiers are counted from one."""
    state["n"] = state.get("n", 0) + 1
    return with_header(exchange.answer, _header(contract), str(state["n"]))


@http_mutant(breaks={"COR-002"})
def the_clients_identifier_is_dropped(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An identifier is always the server's own."""
    if exchange.request.header(_header(contract)) is None:
        return exchange.answer
    state["n"] = state.get("n", 0) + 1
    return with_header(exchange.answer, _header(contract), f"own-identifier-{state['n']}")


@http_mutant(breaks={"COR-002"})
def the_clients_identifier_is_lower_cased(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An identifier comes back in lower case."""
    found = exchange.answer.header(_header(contract))
    return with_header(exchange.answer, _header(contract), found.lower()) if found else exchange.answer


@http_mutant(breaks={"COR-003"})
def the_body_has_another_correlation_identifier(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Body and header of an error do not go together."""
    return with_envelope(exchange.answer, contract, "correlationId", "another-identifier")


@http_mutant(breaks={"COR-004"})
def every_answer_has_the_same_identifier(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A request without an identifier is given that of the process."""
    if exchange.request.header(_header(contract)) is not None or exchange.answer.status >= 400:
        return exchange.answer
    return with_header(exchange.answer, _header(contract), "process-0000000001")


@http_mutant(breaks={"COR-005"})
def any_identifier_is_echoed(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whatever the client calls itself comes back."""
    sent = exchange.request.header(_header(contract))
    if sent is None or contract.taxonomy is None or re.search(contract.taxonomy.correlation["pattern"], sent):
        return exchange.answer
    return with_header(exchange.answer, _header(contract), sent)


@http_mutant(breaks={"VER-003"})
def an_older_version_is_answered_with_the_newest(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whatever version is asked for, the payload is of the contract's own."""
    spec: Mapping[str, Any] = contract.taxonomy.schema_version if contract.taxonomy else dict[str, Any]()
    requested = exchange.request.header(spec["header"]) if spec else None
    if not requested or not exchange.answer.succeeded or contract.id.version.startswith(requested):
        return exchange.answer
    return edited(exchange.answer, spec["at"], lambda _: contract.id.version)


@http_mutant(breaks={"VER-001"})
def the_schema_version_is_the_next_minor(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A success states a minor that the contract does not have yet."""
    if contract.taxonomy is None or exchange.answer.status != 200:
        return exchange.answer
    major, minor, _ = contract.id.version.split(".")
    return edited(exchange.answer, contract.taxonomy.schema_version["at"], lambda _: f"{major}.{int(minor) + 1}.0")


@http_mutant(breaks={"VER-001"})
def the_schema_version_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A success states no version."""
    if contract.taxonomy is None or exchange.answer.status != 200:
        return exchange.answer
    return edited(exchange.answer, contract.taxonomy.schema_version["at"], lambda _: GONE)


@http_mutant(breaks={"VER-002"})
def any_schema_version_is_served(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The version that a client asks for is not looked at."""
    keep_success(exchange, contract, state)
    if contract.taxonomy is None or code_of(exchange, contract) != contract.taxonomy.schema_version.get("code"):
        return exchange.answer
    return careless(exchange, contract, state)


@http_mutant(breaks={"VER-002"})
def no_asked_schema_version_is_served(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whoever asks for a version is refused, even for the right one."""
    if contract.taxonomy is None or spec_of(exchange, contract, "x-tenancy") is None:
        return exchange.answer
    spec = contract.taxonomy.schema_version
    if code_of(exchange, contract) == spec.get("code"):
        state["refused"] = exchange.answer
    if exchange.request.header(spec["header"]) is None or exchange.answer.status != 200 or "refused" not in state:
        return exchange.answer
    return with_correlation(state["refused"], exchange.answer, contract)


def _header(contract: Contract) -> str:
    return contract.taxonomy.correlation.get("header", "x-correlation-id") if contract.taxonomy else "x-correlation-id"
