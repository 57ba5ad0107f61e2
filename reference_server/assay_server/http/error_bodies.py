"""Error bodies, as the contract's taxonomy places their parts and its schemas shape them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from assay_contracts import Contract, ErrorCode, Operation, Taxonomy
from assay_contracts.json_types import is_mapping

from assay_server.http.errors import Refusal

_PROBLEM = "application/problem+json"
_LONGEST = 1000
_encode = msgspec.json.Encoder().encode


class ErrorBodies:
    """Writes the error bodies of one contract."""

    __slots__ = ("_envelope", "_listing", "_media", "_titles")

    def __init__(self, contract: Contract, taxonomy: Taxonomy) -> None:
        self._envelope: Mapping[str, str] = taxonomy.envelope
        self._media: dict[int, str] = {}
        self._titles: dict[int, str] = {}
        self._listing: set[int] = set()
        for known in taxonomy.codes.values():
            for operation in contract.operations:
                self._read(operation, known.status)

    def _read(self, operation: Operation, status: int) -> None:
        response = operation.responses.get(str(status))
        if response is None or not response.content or status in self._media:
            return
        self._media[status], schema = next(iter(response.content.items()))
        self._titles[status] = response.description.rstrip(".")
        message = _property(schema, self._envelope.get("message", ""))
        if message.get("type") == "array":
            self._listing.add(status)

    def media_type(self, status: int) -> str:
        """The media type of the errors of a status."""
        return self._media.get(status) or next(iter(self._media.values()), "application/json")

    def write(self, refusal: Refusal, known: ErrorCode, correlation: str) -> bytes:
        """The body. A code whose retry the contract leaves open is not called retryable."""
        message = refusal.message[:_LONGEST]
        body: dict[str, Any] = {}
        if self.media_type(known.status) == _PROBLEM:
            body["type"] = "urn:assay:problem:" + refusal.code.lower().replace("_", "-")
            body["title"] = self._titles.get(known.status, known.category)
        values: list[tuple[str, Any]] = [
            ("code", refusal.code),
            ("category", known.category),
            ("message", self._mistakes(refusal, message) if known.status in self._listing else message),
            ("correlationId", correlation),
            ("retryable", bool(known.retryable)),
            ("status", known.status),
        ]
        for name, value in values:
            if name in self._envelope:
                _put(body, self._envelope[name], value)
        if self.media_type(known.status) == _PROBLEM:
            body["instance"] = f"urn:assay:exchange:{correlation}"
        self._detail(body, refusal, known, message)
        return _encode(body)

    def _detail(self, body: dict[str, Any], refusal: Refusal, known: ErrorCode, message: str) -> None:
        details, field = self._envelope.get("details"), self._envelope.get("field")
        listed = details is not None and field is not None and field.startswith(f"{details}/0/")
        if details is not None and not listed:
            _put(body, details, {})
        if refusal.component is not None and "component" in self._envelope:
            _put(body, self._envelope["component"], refusal.component)
        if refusal.tenant is not None and details is not None and not listed:
            _put(body, f"{details}/tenantId", refusal.tenant)
        if listed and known.category == "validation":
            assert details is not None
            _put(body, details, [] if refusal.field is None else [{"field": refusal.field, "message": message}])
        elif refusal.field is not None and field is not None:
            _put(body, field, refusal.field)

    @staticmethod
    def _mistakes(refusal: Refusal, message: str) -> list[dict[str, Any]]:
        """The list that such frameworks as FastAPI write: where, what, and of which kind."""
        within = refusal.within or "query"
        return [{"loc": [within] if refusal.field is None else [within, refusal.field], "msg": message, "type": refusal.code.lower()}]


def _put(body: dict[str, Any], pointer: str, value: Any) -> None:
    *way, last = pointer.removeprefix("/").split("/")
    place = body
    for name in way:
        place = place.setdefault(name, {})
    place[last] = value


def _property(schema: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """The schema that a pointer leads to; an empty one where there is none."""
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    found: Mapping[str, Any] = _resolved(schema, definitions)
    for name in filter(None, pointer.split("/")):
        properties = found.get("properties")
        item = properties.get(name) if is_mapping(properties) else None
        found = _resolved(item, definitions) if is_mapping(item) else {}
    return found


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    while isinstance(reference := schema.get("$ref"), str):
        schema = definitions[reference.removeprefix("#/$defs/")]
    return schema
