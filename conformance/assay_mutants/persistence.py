"""Wrong in what becomes of a thing that was changed or created."""

from __future__ import annotations

import re
from typing import Any

from assay_conformance.body_values import at
from assay_conformance.evidence import Exchange, Response
from assay_conformance.stored_values import read_object, sent_object
from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_mapping
from assay_contracts.stored_properties import UPDATES, StoredProperties, reader_of, stored_properties

from assay_mutants.edits import parsed, with_json, with_status
from assay_mutants.model import State, http_mutant

MISSING_STATUS = 404


@http_mutant(breaks={"OP-012"})
def a_change_is_not_kept(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A change is answered with success, and the thing stays as it was."""
    if exchange.request.method != "GET" or not exchange.answer.succeeded:
        return exchange.answer
    known: Response = state.setdefault(exchange.request.path, exchange.answer)
    stored = _stored(contract, exchange, UPDATES)
    if not stored or known is exchange.answer:
        return exchange.answer
    return _edited(exchange.answer, stored[0][1], {name: read_object(known, stored[0][1].read).get(name) for name in stored[0][1].names})


@http_mutant(breaks={"OP-013"})
def a_change_loses_what_it_does_not_name(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What a change does not name is set to null."""
    if exchange.request.method == "PATCH" and exchange.answer.succeeded:
        state[exchange.request.path] = exchange.request
    stored = _stored(contract, exchange, ("PATCH",))
    change = state.get(exchange.request.path)
    if exchange.request.method != "GET" or change is None or not stored or not exchange.answer.succeeded:
        return exchange.answer
    lost = stored[0][1].names - set(sent_object(change, stored[0][1].sent))
    return _edited(exchange.answer, stored[0][1], dict.fromkeys(lost))


@http_mutant(breaks={"OP-014"})
def what_was_created_is_nowhere(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A creation is answered with success, and the thing is not there."""
    if exchange.request.method != "GET" or not _stored(contract, exchange, ("POST",)):
        return exchange.answer
    return with_status(exchange.answer, MISSING_STATUS) if exchange.answer.succeeded else exchange.answer


@http_mutant(breaks={"OP-014"})
def what_was_created_is_another(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What was created has another value for what was sent."""
    stored = _stored(contract, exchange, ("POST",))
    if exchange.request.method != "GET" or not stored or not exchange.answer.succeeded:
        return exchange.answer
    read = read_object(exchange.answer, stored[0][1].read)
    return _edited(exchange.answer, stored[0][1], {name: _other(read.get(name)) for name in stored[0][1].names if name in read})


def _stored(contract: Contract, exchange: Exchange, methods: tuple[str, ...]) -> list[tuple[Operation, StoredProperties]]:
    """The operations by which the thing of an exchange's path is written, and what each stores."""
    found: list[tuple[Operation, StoredProperties]] = []
    for operation in contract.operations:
        reader = reader_of(operation, contract.operations) if operation.method in methods else None
        stored = stored_properties(operation, reader) if reader is not None else None
        if reader is not None and stored is not None and _matches(reader.path, exchange.request.path):
            found.append((operation, stored))
    return found


def _matches(template: str, path: str) -> bool:
    return re.fullmatch("[^/]+".join(map(re.escape, re.split(r"\{[^{}]+\}", template))), path) is not None


def _edited(answer: Response, stored: StoredProperties, values: dict[str, Any]) -> Response:
    """The answer with these values of the object that it shows."""
    body = parsed(answer)
    read = at(body, stored.read)
    if not is_mapping(read) or all(read.get(name) == value for name, value in values.items()):
        return answer
    read.update(values)
    return with_json(answer, body)


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1000 if isinstance(value, int | float) else "another" if isinstance(value, str) else value
