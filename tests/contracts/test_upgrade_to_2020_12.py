"""OpenAPI 3.0 is lifted to 3.1 on reading, and every command reads what was lifted."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import ContractError, load_contract, upgrade_to_2020_12
from assay_contracts.lint import lint_files
from assay_contracts.upgrade_to_2020_12 import lifted, lifted_schema

TREE = {"$ref": "#/components/schemas/Tree"}


def written(folder: Path, name: str, **content: Any) -> Path:
    """A document of one operation that answers with a tree."""
    path = folder / name
    answer = {"description": "ok", "content": {"application/json": {"schema": TREE}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Trees", "version": "1.0.0", "description": "Trees."},
        "paths": {"/trees": {"get": {"operationId": "getTree", "responses": {"200": answer}}}},
        "components": {"schemas": {"Tree": {"type": "object", "properties": {"kids": {"type": "array", "items": TREE}}}}},
    }
    path.write_text(json.dumps({**document, **content}))
    return path


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"nullable": True, "allOf": [TREE]}, {"anyOf": [{"type": "null"}, {"allOf": [TREE]}]}),
        ({**TREE, "description": "ignored", "nullable": True}, TREE),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMaximum": True}, {}),
        ({"type": "string", "format": "binary"}, {"type": "string", "contentMediaType": "application/octet-stream"}),
        ({"type": "string", "format": "byte"}, {"type": "string", "contentEncoding": "base64"}),
        ({"type": "integer", "example": 3}, {"type": "integer", "examples": [3]}),
        ({"properties": {"example": {"type": "string", "nullable": True}}}, {"properties": {"example": {"type": ["string", "null"]}}}),
        ({"default": {"nullable": True}, "x-own": {"nullable": True}}, {"default": {"nullable": True}, "x-own": {"nullable": True}}),
        ({"additionalProperties": {"type": "number", "nullable": True}}, {"additionalProperties": {"type": ["number", "null"]}}),
    ],
)
def test_a_schema_of_3_0_is_spelled_as_2020_12(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    """Keywords are lifted wherever a schema stands; values and extensions stay as they are."""
    assert expected == lifted_schema(schema)


def test_other_versions_stay_as_they_are() -> None:
    """Of 3.1 a schema already means what it says."""
    document = {"openapi": "3.1.0", "components": {"schemas": {"A": {"type": "string", "nullable": True}}}}

    assert lifted(document) is document


def test_lifting_twice_changes_nothing() -> None:
    """A lifted document is one of 3.1."""
    once = lifted({"openapi": "3.0.0", "components": {"schemas": {"A": {"type": "string", "nullable": True}}}})

    assert once == lifted(once)


def test_schemas_are_found_in_parameters_headers_and_bodies_alone() -> None:
    """A response called `schema`, and an example that looks like one, are none."""
    example = {"schema": {"type": "string", "nullable": True}}
    document = lifted(
        {"openapi": "3.0.0", "components": {"responses": {"schema": {"description": "d", "nullable": True}}, "examples": example}}
    )

    assert document["components"] == {"responses": {"schema": {"description": "d", "nullable": True}}, "examples": example}


@pytest.mark.parametrize("version", ["3.0.0", "3.0.4", "3.1.0", "3.2.0"])
def test_a_contract_is_read_of_every_version_3(tmp_path: Path, version: str) -> None:
    """The same operations come out of each, and lint has no error."""
    path = written(tmp_path, "trees.json", openapi=version)

    assert [operation.id for operation in load_contract(path).operations] == ["getTree"]
    assert [finding for finding in lint_files([path]) if finding.level == "error"] == []


def test_swagger_2_is_rejected_with_the_next_step(tmp_path: Path) -> None:
    """What it is, and what to do about it."""
    path = tmp_path / "old.yaml"
    path.write_text("swagger: '2.0'\ninfo: {title: A, version: 1.0.0}\npaths: {}\n")

    with pytest.raises(ContractError, match=r"3\.2\.x, got Swagger 2\.0; convert it to OpenAPI 3 first"):
        load_contract(path)


def test_the_doctests_hold() -> None:
    """The examples in the docstrings give what they show."""
    assert doctest.testmod(upgrade_to_2020_12).failed == 0


@pytest.mark.parametrize("part", [{"webhooks": {}}, {"components": {}}])
def test_a_document_of_webhooks_or_components_alone_has_no_operations(tmp_path: Path, part: dict[str, Any]) -> None:
    """Since 3.1 `paths` may be left out."""
    path = tmp_path / "hooks.json"
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Hooks", "version": "1.0.0"}, **part}))

    assert load_contract(path).operations == ()
    assert [finding for finding in lint_files([path]) if finding.level == "error"] == []
