"""Schemas as types of TypeScript, and names as its names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from assay_codegen.typescript import generate_typescript
from assay_codegen.typescript.types import type_of
from assay_codegen.typescript.words import MethodNames, comment, literal, property_name
from assay_contracts import load_contract

STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, "unknown"),
        ({}, "unknown"),
        ({"type": "integer"}, "number"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"const": "a"}, '"a"'),
        ({"const": None}, "null"),
        ({"enum": [1, 2]}, "1 | 2"),
        ({"anyOf": [{"type": "string", "enum": ["a"]}, STRING]}, '"a" | (string & {})'),
        ({"anyOf": [{"type": "integer", "enum": [1]}, {"type": "integer"}, {"type": "null"}]}, "1 | (number & {}) | null"),
        ({"type": "array", "items": STRING}, "string[]"),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "(string | null)[]"),
        ({"type": "array", "items": {"enum": ["a | b", "{"]}}, '("a | b" | "{")[]'),
        ({"type": "array"}, "unknown[]"),
        ({"prefixItems": [STRING, {"type": "integer"}]}, "[string?, number?, ...unknown[]]"),
        ({"type": "object"}, "{ [key: string]: unknown }"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "{ [key: string]: number }"),
        ({"properties": {"a-b": STRING, "c": STRING}, "required": ["c"]}, '{\n  "a-b"?: string;\n  c: string;\n}'),
        ({"$ref": "#/components/schemas/Pet"}, "Pet"),
        ({"$ref": "#/components/schemas/Pet/properties/owner"}, 'NonNullable<Pet>["owner"]'),
        ({"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]}, "A & B"),
        ({"oneOf": [{"$ref": "#/components/schemas/A"}, {}]}, "unknown"),
    ],
)
def test_a_schema_is_a_type(schema: Any, expected: str) -> None:
    """The same for every way to write it."""
    assert type_of(schema) == expected


def test_methods_have_names_that_the_language_and_the_client_leave() -> None:
    """And each its own."""
    names = MethodNames()

    found = [names.method(wanted) for wanted in ("listPets", "list-pets", "delete", "call", "constructor", "2fa", "読む")]

    assert found == ["listPets", "listPets2", "delete_", "call_", "constructor_", "operation2Fa", "operation"]


def test_words_of_a_document_end_no_comment_and_no_string() -> None:
    """Whatever they hold."""
    assert comment("a */ b") == "/** a *\\/ b */\n"
    assert literal('a"\n\u2028') == '"a\\"\\n\\u2028"'
    assert property_name("__proto__") == '["__proto__"]'


def test_names_of_the_runtime_are_free_for_a_contract(tmp_path: Path) -> None:
    """A code may be called as the class that it is one of, and a parameter as the body."""
    operation = {
        "operationId": "t",
        "parameters": [{"name": "body", "in": "query", "schema": STRING}],
        "requestBody": {"content": {"application/json": {"schema": STRING}}},
        "responses": {"204": {"description": "Done."}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Words", "version": "1.0.0"},
        "paths": {"/": {"post": operation}},
        "x-error-taxonomy": {
            "envelope": {"code": "/code"},
            "categories": {"unknown": {"retry": "none", "shows": "?"}, "own": {"retry": "none", "shows": "!"}},
            "codes": {"API_ERROR": {"category": "unknown", "status": 500}, "ERROR_CLASS": {"category": "own", "status": 501}},
        },
    }
    source = tmp_path / "words.json"
    source.write_text(json.dumps(document))

    files = generate_typescript(load_contract(source)).files

    assert "export class ApiError extends runtime.UnknownError {}" in files["errors.ts"]
    assert "export class ErrorClass extends OwnError {}" in files["errors.ts"]
    assert "export const t_: Operation<" in files["operations.ts"]
    assert "  body_2?: t.TBody | undefined;" in files["operations.ts"]
