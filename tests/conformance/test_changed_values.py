"""Right requests with another value for each property."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from assay_conformance.changed_values import changed_throughout
from assay_conformance.evidence import Request
from assay_contracts import Contract, parse_bundle
from assay_contracts.stored_properties import reader_of, stored_properties

PROPERTIES: dict[str, Any] = {
    "title": {"type": "string", "maxLength": 5},
    "done": {"type": "boolean"},
    "colour": {"type": "string", "enum": ["red", "blue"]},
    "due": {"type": "string", "format": "date-time"},
    "labels": {"type": "array", "items": {"type": "string"}},
    "level": {"type": "integer", "maximum": 3},
}


def tasks() -> Contract:
    """Tasks that are replaced and read."""
    content = {"content": {"application/json": {"schema": {"type": "object", "properties": PROPERTIES}}}}
    fine = {"200": {"description": "Fine.", **content}}
    task = {"name": "task", "in": "path", "required": True, "schema": {"type": "string"}}
    one = {
        "parameters": [task],
        "get": {"operationId": "read", "responses": fine},
        "put": {"operationId": "replace", "requestBody": content, "responses": fine},
    }
    return parse_bundle({"openapi": "3.1.0", "info": {"title": "Tasks", "version": "1.0.0"}, "paths": {"/tasks/{task}": one}})


def put(body: dict[str, Any]) -> Request:
    """A request that replaces a task."""
    return Request("PUT", "/tasks/7", body=orjson.dumps(body).decode())


@pytest.mark.parametrize(
    ("body", "known", "expected"),
    [
        ({"done": False}, {}, {"done": True}),
        ({"level": 3}, {}, {"level": 2}),
        ({"title": "abcde"}, {}, {"title": "abcd"}),
        ({"due": "2000-01-01T00:00:00Z"}, {}, {"due": "2001-01-01T00:00:00Z"}),
        ({"labels": ["a"]}, {}, {"labels": ["ax"]}),
        # What no rule guesses is taken from another right request.
        ({"colour": "red", "done": True}, {"colour": "blue"}, {"colour": "blue", "done": False}),
        ({"labels": []}, {"labels": ["b"]}, {"labels": ["b"]}),
        ({"colour": "red", "done": True}, {}, {"colour": "red", "done": False}),
        ({"colour": "red"}, {}, None),
    ],
)
def test_each_property_has_another_value(body: dict[str, Any], known: dict[str, Any], expected: dict[str, Any] | None) -> None:
    """As far as the contract allows one."""
    contract = tasks()
    replace = contract.operation("replace")
    reader = reader_of(replace, contract.operations)
    assert reader is not None
    stored = stored_properties(replace, reader)
    assert stored is not None

    found = changed_throughout(replace, put(body), stored, [put(body), put(known)])

    assert (None if found is None else orjson.loads(found.body or "")) == expected
