"""Wrong in what every operation promises: its schema, its status, its media type, its headers, what it accepts."""

from __future__ import annotations

from collections.abc import Iterator

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, Operation, Schema, pointers
from assay_contracts.json_types import is_mapping

from assay_mutants.answering import careless, category_of, keep_success
from assay_mutants.edits import GONE, becoming, edited, parsed, with_body, with_header, with_json, with_status
from assay_mutants.members import members
from assay_mutants.model import State, http_mutant


@http_mutant(breaks={"OP-001"})
def a_required_member_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The last member of every success, or of what it holds, is missing."""
    body = parsed(exchange.answer)
    if exchange.answer.status != 200 or not is_mapping(body) or not body:
        return exchange.answer
    return with_json(exchange.answer, {name: value for name, value in body.items() if name != next(iter(body))})


@http_mutant(breaks={"OP-001"})
def a_number_becomes_text(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The first number of a success is written as text."""
    body = parsed(exchange.answer)
    if exchange.answer.status != 200:
        return exchange.answer
    for pointer in ("/*", "/*/*"):
        for place, value in pointers.matches(body, pointer):
            if isinstance(value, int) and not isinstance(value, bool):
                above = pointers.follow(body, place.rpartition("/")[0])
                above[pointers.split(place)[-1]] = str(value)
                return with_json(exchange.answer, body)
    return exchange.answer


@http_mutant(breaks={"OP-001"})
def an_error_is_a_plain_string(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Errors have no envelope."""
    return with_json(exchange.answer, {"error": "something went wrong"}) if exchange.answer.status >= 400 else exchange.answer


@http_mutant(breaks={"OP-002"})
def an_error_has_a_status_of_its_own(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A validation error is answered 422."""
    return with_status(exchange.answer, 422) if exchange.answer.status == 400 else exchange.answer


@http_mutant(breaks={"OP-002"})
def a_success_is_202(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A success is called accepted."""
    return with_status(exchange.answer, 202) if exchange.answer.status == 200 else exchange.answer


@http_mutant(breaks={"OP-003"})
def json_is_called_text(exchange: Exchange, contract: Contract, state: State) -> Response:
    """JSON goes out as text/plain."""
    return with_header(exchange.answer, "content-type", "text/plain; charset=utf-8") if exchange.answer.body else exchange.answer


@http_mutant(breaks={"OP-003"})
def the_media_type_is_missing(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An error has no media type."""
    return with_header(exchange.answer, "content-type", None) if exchange.answer.status >= 400 else exchange.answer


@http_mutant(breaks={"OP-004"})
def a_required_header_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """No answer says how it may be stored."""
    return with_header(exchange.answer, "cache-control", None)


@http_mutant(breaks={"OP-004"})
def a_header_breaks_its_schema(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Retry-After has a fraction."""
    return with_header(exchange.answer, "retry-after", "2.5") if exchange.answer.header("retry-after") else exchange.answer


@http_mutant(breaks={"OP-005"})
def a_right_request_is_refused(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Every third success is refused with the last validation error that was seen."""
    if category_of(exchange, contract) == "validation" and exchange.answer.status == 400:
        state[exchange.subject] = exchange.answer
    if exchange.answer.status == 200 and exchange.subject in state:
        state["n"] = state.get("n", 0) + 1
        if state["n"] % 3 == 0:
            kept: Response = state[exchange.subject]
            return kept
    return exchange.answer


@http_mutant(breaks={"OP-006"})
def a_wrong_request_is_accepted(exchange: Exchange, contract: Contract, state: State) -> Response:
    """No request is ever wrong."""
    keep_success(exchange, contract, state)
    return careless(exchange, contract, state) if exchange.answer.status == 400 else exchange.answer


@http_mutant(breaks={"OP-006"})
def a_wrong_request_breaks_the_server(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A wrong value is found out too late."""
    return with_status(exchange.answer, 500) if exchange.answer.status == 400 else exchange.answer


@http_mutant(breaks={"OP-008", "OP-010"})
def a_member_occurs_twice(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A success writes its first member twice."""
    answer = exchange.answer
    if answer.status != 200 or not answer.body.startswith("{") or "," not in answer.body:
        return answer
    first, _, _ = answer.body[1:].partition(",")
    return with_body(answer, "{" + first + "," + answer.body[1:]) if ":" in first else answer


@http_mutant(breaks={"OP-009"})
def a_member_that_may_be_left_out_is_never_there(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What a schema does not require is never answered."""
    answer = exchange.answer
    if not answer.succeeded:
        return answer
    for schema in (schema for item in contract.operations if item.id == exchange.subject for schema in _success_schemas(item)):
        for member in members(schema):
            if not member.required and not member.pointer.endswith("/*"):
                answer = edited(answer, member.pointer, becoming(GONE), "all")
    return answer


def _success_schemas(operation: Operation) -> Iterator[Schema]:
    for status, response in operation.responses.items():
        if status.startswith("2"):
            yield from response.content.values()
