"""Wrong in what becomes of a thing that was changed or created."""

from __future__ import annotations

import re
from typing import Any

from assay_conformance.body_values import at
from assay_conformance.evidence import Exchange, Response
from assay_conformance.stored_values import sent_object
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
    return _edited(exchange.answer, stored[0][1], {name: _shown(known, stored[0][1]).get(name) for name in stored[0][1].names})


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
    shown = _shown(exchange.answer, stored[0][1])
    return _edited(exchange.answer, stored[0][1], {name: _other(shown.get(name)) for name in stored[0][1].names if name in shown})


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


def _shown(answer: Response, stored: StoredProperties) -> dict[str, Any]:
    found = at(answer.json, stored.read)
    return found if is_mapping(found) else {}


def _edited(answer: Response, stored: StoredProperties, values: dict[str, Any]) -> Response:
    """The answer with these values of the object that it shows."""
    body = parsed(answer)
    shown = at(body, stored.read)
    if not is_mapping(shown) or all(shown.get(name) == value for name, value in values.items()):
        return answer
    shown.update(values)
    return with_json(answer, body)


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1000 if isinstance(value, int | float) else "another" if isinstance(value, str) else value
