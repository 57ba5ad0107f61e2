"""What recorded requests and responses need of an OpenAPI document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from assay_conformance.body_values import at
from assay_conformance.evidence import Exchange
from assay_conformance.evidence.exchanges import NO_JSON
from assay_conformance.schema_kinds import kinds_of, readings
from assay_contracts import Contract, Operation, Response, Schema, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json
from assay_contracts.path_templates import matchable
from assay_contracts.pointers import MISSING

from assay_drift.ledger import ABSENT, CARRIED, REFUSED
from assay_drift.redacting import shown_code, shown_path, type_of
from assay_drift.repair.bodies import Schemas
from assay_drift.repair.edits import NewResponse
from assay_drift.repair.needs import Change, Need, Needs, Unexpressed, witness_of
from assay_drift.repair.places import below, landed
from assay_drift.repair.rejections import Rejection, shown_place
from assay_drift.routing import Routes, media_range_of

_WITHOUT_BODY = (204, 304)


def operation_pointer(document: dict[str, Any], operation: Operation) -> str:
    """Where an operation is written."""
    return below(document, "", "paths", operation.path, operation.method.lower())


class ExchangeReader:
    """Reads exchanges against one state of a contract; `requests` is whether they are those of real clients."""

    def __init__(self, contract: Contract, needs: Needs, *, requests: bool) -> None:
        self._contract, self._needs, self._requests = contract, needs, requests
        self._document = contract.openapi
        self._routes, self._schemas = Routes(contract), Schemas(contract.openapi)
        responses = [response for operation in contract.operations for response in operation.responses.values()]
        self._titles = {name.lower(): name for response in responses for name in response.headers}
        self.unexpressed: list[Unexpressed] = []
        self.count = 0

    def read(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Read exchanges; returns those that need anything."""
        wanting: list[Exchange] = []
        for operation, listed in self._by_operation(exchanges).values():
            self.count += len(listed)
            statuses = {exchange.answer.status for exchange in listed}
            if statuses & ABSENT and statuses <= ABSENT | REFUSED and operation.response(404) is None:
                witness = witness_of(listed[0])
                self.unexpressed.append(Unexpressed(operation.id, "the server answers as if it did not have the operation", witness))
                continue
            for exchange in listed:
                before = self._needs.total, len(self.unexpressed)
                self._read(exchange, operation)
                if before != (self._needs.total, len(self.unexpressed)):
                    wanting.append(exchange)
        return wanting

    def _by_operation(self, exchanges: Iterable[Exchange]) -> dict[str, tuple[Operation, list[Exchange]]]:
        """The exchanges of each operation; a success of what the contract does not have is one that no edit here expresses."""
        found: dict[str, tuple[Operation, list[Exchange]]] = {}
        foreign: dict[tuple[str, str], Exchange] = {}
        for exchange in exchanges:
            if exchange.expected == "broken" or exchange.response is None:
                continue
            request = exchange.request
            operation = self._routes.operation(request.method, request.path)
            if operation is None and exchange.answer.status < 400 and request.method not in ("OPTIONS", "HEAD"):
                foreign.setdefault((request.method, shown_path(matchable(request.path))), exchange)
                continue
            operation = operation or self._routes.near(exchange)
            if operation is not None and request.method == operation.method:
                found.setdefault(operation.id, (operation, []))[1].append(exchange)
        for (method, path), exchange in foreign.items():
            reason = f"the contract has no operation {method} {path}: describe it by hand"
            self.unexpressed.append(Unexpressed(f"{method} {path}", reason, witness_of(exchange)))
        return found

    def _read(self, exchange: Exchange, operation: Operation) -> None:
        answer = exchange.answer
        place = operation_pointer(self._document, operation)
        declared = operation.response(answer.status)
        if declared is None:
            self._add(Change.STATUS, place, str(answer.status), self._new_response(exchange), exchange, operation)
        else:
            response = below(self._document, place, "responses", declared.status)
            self._headers(exchange, operation, declared, landed(self._document, response))
            self._body(exchange, operation, declared, landed(self._document, response))
        self._code(exchange, operation)
        if self._requests and answer.succeeded:
            self._parameters(exchange, operation, place)

    def _add(self, change: Change, pointer: str, name: str, value: Any, exchange: Exchange, operation: Operation, place: str = "") -> None:
        seen = "" if isinstance(value, NewResponse) else type_of(value)
        self._needs.add(Need("openapi", change, pointer, name), value, operation.id, witness_of(exchange, place, seen))

    def _reject(self, rejection: Rejection, exchange: Exchange, operation: Operation, place: str) -> None:
        """Note what a value needs; `place` is where the value stands, or the name of its header or parameter."""
        place = place + shown_place(rejection.path)
        if rejection.change is None:
            witness = witness_of(exchange, place, type_of(rejection.value))
            self.unexpressed.append(Unexpressed(operation.id, f"{rejection.name} at {rejection.pointer} rejects it", witness))
        else:
            self._add(rejection.change, rejection.pointer, rejection.name, rejection.value, exchange, operation, place)

    def _headers(self, exchange: Exchange, operation: Operation, declared: Response, response: str) -> None:
        answer = exchange.answer
        known = {name.lower() for name in declared.headers}
        for name, value in answer.headers:
            if name not in known and name not in CARRIED:
                title = self._titles.get(name) or _title(name)
                self._add(Change.HEADER, response, title, value, exchange, operation, title)
        for name, header in declared.headers.items():
            written = below(self._document, response, "headers", name)
            text = answer.header(name)
            if text is None and header.required:
                self._add(Change.HEADER_OPTIONAL, landed(self._document, written), name, None, exchange, operation, name)
            elif text is not None:
                for rejection in self._of_text(landed(self._document, written) + "/schema", header.schema, text):
                    self._reject(rejection, exchange, operation, name)

    def _of_text(self, pointer: str, schema: Schema, text: str, *, sent: bool = False) -> Iterator[Rejection]:
        """What a text on the wire needs, unless some reading of it fits; of a list or an object nothing is read."""
        kinds = kinds_of(schema)
        if kinds & {"array", "object"} or pointers.follow(self._document, pointer) is MISSING:
            return
        known = self._schemas.at(pointer, sent=sent)
        found = [list(known.rejections(value)) for value in readings(kinds, text) or [text]]
        yield from min(found, key=len)

    def _body(self, exchange: Exchange, operation: Operation, declared: Response, response: str) -> None:
        answer, media = exchange.answer, exchange.answer.media_type
        if not answer.body:
            if declared.content and answer.status not in _WITHOUT_BODY and exchange.request.method != "HEAD":
                self.unexpressed.append(Unexpressed(operation.id, f"the body of {answer.status} is empty", witness_of(exchange)))
            return
        name = media_range_of(declared, media)
        if name is None:
            if media is None or (not declared.content and answer.status >= 400):
                return
            body = None if answer.json is NO_JSON or not is_json(media) else answer.json
            self._add(Change.MEDIA_TYPE, response, media, NewResponse(media, body, has_body=body is not None), exchange, operation)
            return
        schema = below(self._document, response, "content", name) + "/schema"
        if media is None or not is_json(media) or pointers.follow(self._document, schema) is MISSING:
            return
        if answer.json is NO_JSON:
            self.unexpressed.append(Unexpressed(operation.id, f"the body of {answer.status} is no JSON", witness_of(exchange)))
            return
        for rejection in self._schemas.at(schema).rejections(answer.json):
            self._reject(rejection, exchange, operation, "")

    def _new_response(self, exchange: Exchange) -> NewResponse:
        answer = exchange.answer
        media, body = answer.media_type, answer.json
        if not answer.body or media is None:
            return NewResponse(None, None, has_body=False)
        if not is_json(media) or body is NO_JSON:
            return NewResponse(media, None, has_body=False)
        return NewResponse(media, body, has_body=True, like=self._like(answer.status, media, body))

    def _like(self, status: int, media: str, body: Any) -> str:
        """The shared response that other operations declare for a status, where it documents the whole body."""
        known: dict[str, None] = {}
        for operation in self._contract.operations:
            written = pointers.follow(
                self._document, operation_pointer(self._document, operation) + pointers.join("responses", str(status))
            )
            reference = written.get("$ref") if is_mapping(written) else None
            if isinstance(reference, str) and reference.startswith("#/"):
                known[reference.removeprefix("#")] = None
        for pointer in known:
            schema = below(self._document, landed(self._document, pointer), "content", media) + "/schema"
            if pointers.follow(self._document, schema) is not MISSING and self._schemas.at(schema).documents_all_of(body):
                return pointer
        return ""

    def _code(self, exchange: Exchange, operation: Operation) -> None:
        """An error code that the operation does not declare: one of the taxonomy can be added to it."""
        taxonomy, answer = self._contract.taxonomy, exchange.answer
        if taxonomy is None or answer.status < 400:
            return
        code = at(answer.json, taxonomy.envelope.get("code"))
        if code is MISSING or not isinstance(code, str):
            return
        known = taxonomy.codes.get(code)
        if known is None or known.status != answer.status:
            reason = "is in no taxonomy" if known is None else f"has status {known.status} in the taxonomy, not {answer.status}"
            self.unexpressed.append(Unexpressed(operation.id, f"the error code {shown_code(code)} {reason}", witness_of(exchange)))
        elif code not in operation.error_codes:
            holder = annotation_pointer(self._document, operation, "x-error-codes")
            if holder is None:
                reason = f"the operation declares no error codes, so not {shown_code(code)} either"
                self.unexpressed.append(Unexpressed(operation.id, reason, witness_of(exchange)))
            else:
                self._add(Change.CODE, holder, code, code, exchange, operation)

    def _parameters(self, exchange: Exchange, operation: Operation, place: str) -> None:
        declared = {item.name.partition("[")[0]: item for item in operation.parameters if item.location == "query"}
        positions = dict(_written_parameters(self._document, operation))
        values: dict[str, list[str]] = defaultdict(list)
        for name, value in exchange.request.query:
            values[name.partition("[")[0]].append(value)
        for name, texts in values.items():
            if name not in declared:
                for text in texts:
                    self._add(Change.PARAMETER, place, name, text, exchange, operation, name)
            elif name in positions and not declared[name].media:
                for text in texts:
                    for rejection in self._of_text(positions[name] + "/schema", declared[name].schema, text, sent=True):
                        self._reject(rejection, exchange, operation, name)


def annotation_pointer(document: dict[str, Any], operation: Operation, name: str) -> str | None:
    """Where an annotation of an operation is written: at it, or at its path."""
    place = operation_pointer(document, operation)
    for holder in (place, below(document, "", "paths", operation.path)):
        holder = landed(document, holder)
        if pointers.follow(document, holder + pointers.join(name)) is not MISSING:
            return holder + pointers.join(name)
    return None


def _written_parameters(document: dict[str, Any], operation: Operation) -> Iterator[tuple[str, str]]:
    """The query parameters of an operation and where each is written, those of its path first."""
    for holder in (below(document, "", "paths", operation.path), operation_pointer(document, operation)):
        place = landed(document, holder) + "/parameters"
        listed = pointers.follow(document, place)
        for index in range(len(listed)) if is_list(listed) else ():
            written = landed(document, f"{place}/{index}")
            parameter = pointers.follow(document, written)
            if is_mapping(parameter) and parameter.get("in") == "query":
                yield str(parameter.get("name")).partition("[")[0], written


def _title(name: str) -> str:
    """A header as documents write it.

    >>> _title("x-request-id")
    'X-Request-Id'
    """
    return "-".join(part.capitalize() for part in name.split("-"))
