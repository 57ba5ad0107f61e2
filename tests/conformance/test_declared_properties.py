"""The properties that the success bodies of an operation declare, by their places."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.declared_properties import declared_properties, declares
from assay_contracts import parse_bundle

TREE: dict[str, Any] = {"properties": {"name": {}, "below": {"items": {"$ref": "#/components/schemas/Tree"}}}}


def places(schema: Any) -> list[str]:
    """The places of a contract whose one success body has this schema."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "Fine.", "content": content}, "400": {"description": "Wrong.", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Trees", "version": "1.0.0"},
        "paths": {"/trees": {"get": {"operationId": "listTrees", "responses": responses}}},
        "components": {"schemas": {"Tree": TREE}},
    }
    operation = parse_bundle(document).operation("listTrees")
    found = sorted(declared_properties(operation))
    for place in {*found, *(f"{place}/more" for place in found), "/*", "/*/more", "/more"}:
        assert declares(operation, place) == (place in found), place
    return found


CASES: list[tuple[Any, list[str]]] = [
    (True, []),
    ({"properties": {"a": True, "b": {"properties": {"c": {}}}}}, ["/a", "/b", "/b/c"]),
    ({"items": {"properties": {"a": {}}}}, ["/*/a"]),
    ({"properties": {"a": {"writeOnly": True}, "b": {"readOnly": True}}}, ["/b"]),
    ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}], "properties": {"c": {}}}, ["/a", "/b", "/c"]),
    ({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, ["/a", "/b"]),
    ({"anyOf": [{"type": "null"}, {"properties": {"a": {}}}]}, ["/a"]),
    ({"$ref": "#/components/schemas/Tree", "properties": {"age": {}}}, ["/age", "/below", "/name"]),
]


@pytest.mark.parametrize(("schema", "expected"), CASES)
def test_every_way_to_declare_a_property_is_read(schema: Any, expected: list[str]) -> None:
    """What only requests have is left out, and a schema that contains itself ends."""
    assert places(schema) == expected
