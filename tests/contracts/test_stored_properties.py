"""Which properties one operation stores and another one reads."""

from __future__ import annotations

from typing import Any

import pytest
from assay_contracts import Contract, parse_bundle
from assay_contracts.stored_properties import kept_properties, reader_of, stored_properties

Json = dict[str, Any]
CLAUSES = ("OP-012", "OP-013", "OP-014")


def shelf(
    sent: Json,
    read: Json,
    *,
    method: str = "patch",
    media: str = "application/json",
    status: str = "200",
    reader: Json | None = None,
    writer: Json | None = None,
) -> Contract:
    """Books that are changed by `method`, or created for `post`, with these properties, and read."""
    book = {"name": "book", "in": "path", "required": True, "schema": {"type": "string"}}
    content = {media: {"schema": {"type": "object", "properties": sent}}}
    response_content = {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "string"}, **read}}}}
    writing = {
        "operationId": "write",
        "requestBody": {"required": True, "content": content},
        "responses": {status: {"description": "Fine.", "content": response_content}},
        **(writer or {}),
    }
    reading = {"operationId": "read", "responses": {"200": {"description": "Fine.", "content": response_content}}, **(reader or {})}
    one: Json = {"parameters": [book], "get": reading}
    paths: Json = {"/books": {"post": writing}, "/books/{book}": one} if method == "post" else {"/books/{book}": {**one, method: writing}}
    return parse_bundle({"openapi": "3.1.0", "info": {"title": "Shelf", "version": "1.0.0"}, "paths": paths})


def names_of(contract: Contract) -> list[str]:
    """The names that the write stores and the read shows."""
    writer = contract.operation("write")
    reader = reader_of(writer, contract.operations)
    found = stored_properties(writer, reader) if reader is not None else None
    return sorted(found.names) if found is not None else []


def promised(contract: Contract) -> list[str]:
    """The clauses of persistence that the write promises."""
    return [item.clause.id for item in contract.promises if item.subject == "write" and item.clause.id in CLAUSES]


TEXT: Json = {"type": "string"}


@pytest.mark.parametrize(
    ("sent", "read", "expected"),
    [
        (TEXT, TEXT, True),
        ({"type": ["string", "null"]}, TEXT, True),
        ({"anyOf": [TEXT, {"type": "null"}]}, TEXT, True),
        ({**TEXT, "maxLength": 5}, TEXT, True),
        (TEXT, {**TEXT, "readOnly": True}, False),
        ({**TEXT, "writeOnly": True}, TEXT, False),
        (TEXT, {"type": "integer"}, False),
        ({**TEXT, "format": "date"}, {**TEXT, "format": "date-time"}, False),
        ({**TEXT, "format": "password"}, TEXT, False),
        ({"const": "a"}, TEXT, False),
        ({**TEXT, "enum": ["a"]}, TEXT, False),
        ({"enum": ["a", "b"]}, TEXT, True),
        ({"type": ["string", "integer"]}, {"type": ["string", "integer"]}, False),
    ],
)
def test_a_property_counts_where_both_sides_are_alike(sent: Json, read: Json, expected: bool) -> None:
    """By name, type and format, and where the server does not set it."""
    assert names_of(shelf({"title": sent}, {"title": read})) == (["title"] if expected else [])


def test_the_name_of_a_thing_is_no_property_that_is_stored() -> None:
    """Neither `id` nor what the path calls it."""
    both: Json = {"id": TEXT, "book": TEXT, "title": TEXT}

    assert names_of(shelf(both, both)) == ["title"]


def test_what_a_cache_calls_volatile_does_not_count() -> None:
    """It may differ between two responses."""
    both: Json = {"title": TEXT, "seen": TEXT}

    assert names_of(shelf(both, both, reader={"x-cache": {"store": "never", "volatile": ["/seen"]}})) == ["title"]


def test_an_envelope_is_looked_through() -> None:
    """One object around the properties, on either side."""
    wrapped: Json = {"book": {"type": "object", "properties": {"title": TEXT}}}

    assert names_of(shelf(wrapped, {"title": TEXT})) == ["title"]
    assert names_of(shelf({"title": TEXT}, wrapped)) == ["title"]


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (shelf({"title": TEXT, "note": TEXT}, {"title": TEXT, "note": TEXT}), ["OP-012", "OP-013"]),
        (shelf({"title": TEXT}, {"title": TEXT}), ["OP-012"]),
        (shelf({"title": TEXT, "note": TEXT}, {"title": TEXT, "note": TEXT}, method="put"), ["OP-012"]),
        (shelf({"title": TEXT}, {"title": TEXT}, method="post", status="201"), ["OP-014"]),
        (shelf({"title": TEXT}, {}), []),
        (shelf({"title": TEXT}, {"title": TEXT}, media="application/json-patch+json"), []),
        (shelf({"title": TEXT}, {"title": TEXT}, media="text/csv"), []),
        (shelf({"title": TEXT}, {"title": TEXT}, status="202"), []),
        (shelf({"title": TEXT}, {"title": TEXT}, reader={"x-cache": {"store": "private", "maxAge": {"minimum": 5, "maximum": 9}}}), []),
        (
            shelf({"title": TEXT}, {"title": TEXT}, reader={"x-cache": {"store": "private", "maxAge": {"minimum": 0, "maximum": 0}}}),
            ["OP-012"],
        ),
    ],
)
def test_persistence_is_promised_where_it_can_be_shown(contract: Contract, expected: list[str]) -> None:
    """A change that takes place later, and a response of a cache, show nothing."""
    assert promised(contract) == expected


def test_a_replacement_keeps_what_it_cannot_name() -> None:
    """What the creation must send and the `PUT` cannot."""
    book = {"name": "book", "in": "path", "required": True, "schema": TEXT}
    responses = {
        "200": {"description": "Fine.", "content": {"application/json": {"schema": {"properties": {"id": TEXT, "a": TEXT, "b": TEXT}}}}}
    }

    def body(*names: str) -> Json:
        schema = {"type": "object", "required": list(names), "properties": dict.fromkeys(names, TEXT)}
        return {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": responses}

    one = {"parameters": [book], "get": {"operationId": "read", "responses": responses}, "put": {"operationId": "write", **body("b")}}
    paths = {"/books": {"post": {"operationId": "create", **body("a", "b")}}, "/books/{book}": one}
    contract = parse_bundle({"openapi": "3.1.0", "info": {"title": "Shelf", "version": "1.0.0"}, "paths": paths})

    assert kept_properties(contract.operation("write"), contract.operations) == {"a"}
    assert promised(contract) == ["OP-012", "OP-013"]
