"""The contract says which operation creates, lists and deletes what a path names, and where its name stands."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.resources import creator_of, deleter_of, identity_in, list_of
from assay_conformance.target import places_of
from assay_contracts import Contract, parse_bundle

ITEM: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "orderId": {"type": "string"}, "id": {"type": "integer"}},
}


def contract(paths: dict[str, Any]) -> Contract:
    """A contract of these paths."""
    return parse_bundle({"openapi": "3.1.0", "info": {"title": "Shop", "version": "1.0.0"}, "paths": paths})


def answering(schema: dict[str, Any], status: str = "200", **more: Any) -> dict[str, Any]:
    """An operation that answers a body of this schema."""
    return {"responses": {status: {"description": "Fine.", "content": {"application/json": {"schema": schema}}, **more}}}


@pytest.mark.parametrize(
    ("template", "places"),
    [
        ("/orders", ()),
        ("/orders/{order}", (("/orders/{order}", "order"),)),
        ("/shops/{shop}/orders/{order}/lines", (("/shops/{shop}", "shop"), ("/shops/{shop}/orders/{order}", "order"))),
    ],
)
def test_a_place_is_a_path_up_to_a_parameter(template: str, places: tuple[tuple[str, str], ...]) -> None:
    """Two parameters of one name at two places are two things."""
    assert places_of(template) == places


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        (ITEM, "/orderId"),
        ({"type": "object", "properties": {"data": ITEM}}, "/data/orderId"),
        ({"type": "object", "properties": {"uuid": {"type": "string"}, "name": {"type": "string"}}}, "/uuid"),
        ({"allOf": [{"type": "object", "properties": {"order_id": {"type": "string"}}}]}, "/order_id"),
        ({"type": "object", "properties": {"id": {"allOf": [{"$ref": "#/$defs/Id"}]}}, "$defs": {"Id": {"type": "string"}}}, "/id"),
        ({"type": "object", "properties": {"id": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}, "/id"),
    ],
)
def test_the_name_of_what_was_created_stands_in_the_response(schema: dict[str, Any], pointer: str) -> None:
    """The parameter's own name is the likeliest, however it is spelled; then what identities are called."""
    found = creator_of(
        contract({"/orders": {"post": answering(schema, "201")}, "/orders/{orderId}": {"get": answering(ITEM)}}), "/orders/{orderId}"
    )

    assert found is not None
    assert found.pointer == pointer


def test_the_name_may_stand_in_location() -> None:
    """A response without a body names what it created in its header."""
    created = {"responses": {"201": {"description": "Made.", "headers": {"Location": {"schema": {"type": "string"}}}}}}
    found = creator_of(contract({"/orders": {"post": created}, "/orders/{id}": {"get": answering(ITEM)}}), "/orders/{id}")

    assert found is not None
    assert identity_in(None, found, "https://example.test/orders/o-7?x=1") == "o-7"


def test_a_list_names_its_first_entry() -> None:
    """In a bare array and in an envelope."""
    bare = contract({"/orders": {"get": answering({"type": "array", "items": ITEM})}, "/orders/{orderId}": {"get": answering(ITEM)}})
    listed = list_of(bare, "/orders/{orderId}")

    assert listed is not None
    assert identity_in([{"orderId": "first"}, {"orderId": "second"}], listed, None) == "first"
    assert identity_in([], listed, None) is None
    assert identity_in([{"title": "no name"}], listed, None) is None
    assert identity_in({"orderId": "not in a list"}, listed, None) is None
    assert creator_of(bare, "/orders/{orderId}") is None
    assert deleter_of(bare, "/orders/{orderId}") is None
