"""The responses of a hostile server fit the contract where they are meant to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from assay_clients.answers import UNKNOWN, page, success
from assay_clients.scenarios import Step
from assay_clients.subjects import Subject, Subjects
from assay_contracts import Contract, parse_bundle

ITEM = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
PAGINATION = {
    "style": "cursor", "items": "/data/lamps", "identity": "id", "cursor": {"parameter": "cursor", "next": "/paging/next"},
    "size": {"parameter": "limit", "default": 2, "minimum": 1, "maximum": 9},
}  # fmt: skip


def playable(schema: dict[str, Any], needs: str, **annotations: Any) -> tuple[Contract, Subject]:
    """A contract with one operation that returns a value of a schema, and that operation made ready."""
    operation = {
        "operationId": "lamps",
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("cursor", "limit")],
        "responses": {"200": {"description": ".", "content": {"application/json": {"schema": schema}}}},
        **annotations,
    }
    known = parse_bundle({"openapi": "3.1.0", "info": {"title": "lamps", "version": "1"}, "paths": {"/lamps": {"get": operation}}})
    subject = Subjects(known).fitting(frozenset({needs}))
    assert subject is not None
    return known, subject


@pytest.mark.parametrize(
    ("following", "required", "expected"),
    [
        ({"type": ["string", "null"]}, [], {"next": None}),
        ({"type": ["string", "null"]}, ["next"], {"next": None}),
        ({"type": "string"}, [], {}),
        ({"type": "string"}, ["next"], {"next": None}),
    ],
)
def test_the_last_page_ends_as_its_schema_allows(following: dict[str, Any], required: list[str], expected: dict[str, Any]) -> None:
    """The cursor is null, or left out where the schema has no null; a client that validates what it reads must be able to walk on."""
    paging = {"type": "object", "required": required, "properties": {"next": following}}
    data = {"type": "object", "required": ["lamps"], "properties": {"lamps": {"type": "array", "items": ITEM}}}
    schema = {"type": "object", "required": ["data"], "properties": {"data": data, "paging": paging}}
    known, subject = playable(schema, "list", **{"x-pagination": PAGINATION})

    first = json.loads(page(known, subject, Step("pages", pages=2), None).body)
    last = json.loads(page(known, subject, Step("pages", pages=2), first["paging"]["next"]).body)

    assert [item["id"] for item in (*first["data"]["lamps"], *last["data"]["lamps"])] == [1, 2, 3, 4]
    assert last["paging"] == expected


@pytest.mark.parametrize("required", [["light"], []])
def test_an_enum_gets_an_unknown_value_where_it_is_optional_too(required: list[str]) -> None:
    """A client meets it in an optional property as well."""
    light = {"type": "string", "enum": ["warm", "cold"]}
    _, subject = playable({"type": "object", "required": required, "properties": {"light": light}}, "enum")

    assert json.loads(success(subject, "unknown-enum").body) == {"light": UNKNOWN}
