"""A schema that is none is named by its place, before anything is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from assay_codegen import generate_python
from assay_codegen.errors import NotGeneratable
from assay_contracts import load_contract


def generate(folder: Path, schema: Any) -> None:
    """Generate the client of a document with a schema `Thing`, which a response refers to."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    paths = {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "ok", "content": content}}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": {"Thing": schema}},
    }
    (folder / "api.json").write_text(json.dumps(document), encoding="utf-8")
    generate_python(load_contract(folder / "api.json"))


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("string", "/components/schemas/Thing: expected an object or a boolean, got a string"),
        (5, "/components/schemas/Thing: expected an object or a boolean, got a number"),
        ([], "/components/schemas/Thing: expected an object or a boolean, got a list"),
        (None, "/components/schemas/Thing: expected an object or a boolean, got null"),
        ({"properties": {"a/b": None}}, "/components/schemas/Thing/properties/a~1b: expected an object or a boolean, got null"),
        ({"properties": []}, "/components/schemas/Thing/properties: expected an object with a schema for each name, got a list"),
        ({"allOf": {}}, "/components/schemas/Thing/allOf: expected a list of schemas, got an object"),
        ({"anyOf": [{"items": 3}]}, "/components/schemas/Thing/anyOf/0/items: expected an object or a boolean, got a number"),
    ],
)
def test_what_is_no_schema_is_named_by_its_place(tmp_path: Path, schema: Any, message: str) -> None:
    """Whatever stands there, and however deep."""
    with pytest.raises(NotGeneratable) as caught:
        generate(tmp_path, schema)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"properties": {"properties": {"type": "string"}}},
        {"default": {"items": 3}},
        {"items": [{"type": "string"}]},
        {"enum": ["allOf"]},
    ],
)
def test_what_only_looks_malformed_is_none(tmp_path: Path, schema: Any) -> None:
    """A property may be called like a keyword, a value may look like a schema, and older documents list schemas of items."""
    generate(tmp_path, schema)
