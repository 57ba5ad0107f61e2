"""Which members a schema documents, and which a value has beside them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from assay_conformance.corpus.schemas import examples_of
from assay_contracts import Contract, list_contracts, load_contract
from assay_drift.bodies import Bodies, outermost
from assay_drift.findings import Side
from assay_drift.members import Members
from assay_drift.redacting import shown_code, shown_name, shown_path, type_of

NODE: dict[str, Any] = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
        }
    },
}
PETS: dict[str, Any] = {
    "oneOf": [
        {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "purrs": {"type": "boolean"}}},
        {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "barks": {"type": "boolean"}}},
    ]
}


def undocumented(schema: dict[str, Any], value: Any) -> set[str]:
    """The pointers of a value that a schema does not document."""
    return {member.pointer for member in Members(schema).read(value) if not member.documented}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"properties": {"a": {}}}, {"a": 1, "b": 2}, {"/b"}),
        ({"type": "object"}, {"anything": 1}, set()),
        ({"additionalProperties": False}, {"anything": 1}, {"/anything"}),
        ({"additionalProperties": {"properties": {"a": {}}}}, {"k": {"a": 1, "b": 1}}, {"/*/b"}),
        ({"properties": {"a": {}}, "additionalProperties": True}, {"b": 1}, {"/b"}),
        ({"properties": {"a": {}}, "patternProperties": {"^x-": {}}}, {"x-1": 1, "y": 1}, {"/y"}),
        ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, {"a": 1, "b": 1, "c": 1}, {"/c"}),
        ({"items": {"properties": {"a": {}}}}, [{"a": 1}, {"b": 1}], {"/*/b"}),
        ({"prefixItems": [{"properties": {"a": {}}}]}, [{"z": 1}], {"/*/z"}),
        ({"properties": {"a/b": {"properties": {"c": {}}}}}, {"a/b": {"d": 1}}, {"/a~1b/d"}),
        ({"properties": {"a": {"type": ["object", "null"], "properties": {"b": {}}}}}, {"a": None}, set()),
        ({"if": {"properties": {"a": {}}}, "then": {"properties": {"b": {}}}}, {"a": 1, "b": 1, "c": 1}, {"/c"}),
        (PETS, {"kind": "cat", "purrs": True, "barks": True}, {"/barks"}),
        (PETS, {"kind": "cat", "purrs": "yes", "barks": True}, {"/barks"}),
        (NODE, {"name": "a", "children": [{"name": "b", "children": [{"age": 3}]}]}, {"/age"}),
    ],
)
def test_what_stands_beside_the_documented(schema: dict[str, Any], value: Any, expected: set[str]) -> None:
    """Every way in which a schema can name members, and those that only alternatives name."""
    assert undocumented(schema, value) == expected


def test_a_schema_that_contains_itself_is_unfolded_once() -> None:
    """Its documented pointers are few, and deep values lie at the first of them."""
    assert set(Members(NODE).documented) == {"/name", "/children", "/children/*"}


def test_what_is_written_only_is_never_missed() -> None:
    """A password is not answered, so that it is never seen is no news."""
    bodies = Bodies({"properties": {"name": {}, "password": {"type": "string", "writeOnly": True}, "age": {}}})
    bodies.add('{"name":1}', {"name": 1})

    assert [finding.name for finding in bodies.findings("op", "200")] == ["/age"]


def test_a_member_inside_of_one_that_was_never_seen_is_not_told() -> None:
    """The outermost is the cause."""
    assert outermost(["/a/b", "/a", "/ab", "/c/*/d"]) == ["/a", "/ab", "/c/*/d"]


def test_the_same_body_counts_as_often_as_it_came() -> None:
    """It is read once."""
    bodies = Bodies({"properties": {"a": {"type": "string"}}})
    for _ in range(3):
        bodies.add('{"a":1,"b":2}', {"a": 1, "b": 2})

    assert [(finding.name, finding.count, finding.example) for finding in bodies.findings("op", "200")] == [
        ("/b", 3, "integer"),
        ("/a", 3, "integer against type"),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "boolean"),
        (3, "integer"),
        (0.5, "number"),
        ("x", "string"),
        ("2026-11-01T00:00:00Z", "string (date-time)"),
        ("ada@example.test", "string (email)"),
        ("https://x.example/1", "string (uri)"),
        ("0b4bb1b4-27b5-4a0d-9c4e-2f8ed1b4f8aa", "string (uuid)"),
        ([1], "array of integer"),
        ([], "empty array"),
        ({"a": 1}, "object"),
    ],
)
def test_types_say_what_a_value_looks_like(value: Any, expected: str) -> None:
    """The type, and the format of a text, without the text."""
    assert type_of(value) == expected


def test_names_that_look_like_values_are_hidden() -> None:
    """An identifier as a key, as a code or in a path is a value."""
    assert [shown_name(name) for name in ("debug", "x-total", "ada@example.test", "user12345")] == ["debug", "x-total", "{…}", "{…}"]
    assert [shown_code(code) for code in ("NOT_FOUND", "Ada is not here", "a1b2c3d4e5f60718", 7)] == [
        "NOT_FOUND", "(string)", "(string)", "(integer)",
    ]  # fmt: skip
    assert shown_path("/v1/users/42/cart") == "/v1/users/{…}/cart"


@pytest.mark.parametrize("contract", [load_contract(str(id)) for id in list_contracts()], ids=lambda contract: str(contract.id))
def test_the_examples_of_every_contract_hold_nothing_undocumented(contract: Contract) -> None:
    """What a contract shows of its own answers and messages is documented, and every documented member can be named."""
    schemas = [schema for item in contract.operations for answer in item.responses.values() for schema in answer.content.values()]
    schemas += [message.payload for channel in contract.channels for message in channel.messages.values()]
    for schema in schemas:
        bodies = Bodies(schema)
        for example in examples_of(schema):
            bodies.add(json.dumps(example), example)
        assert [finding.sentence for finding in bodies.findings("op", "200") if finding.side is not Side.NEVER_SEEN] == []
        assert all(pointer.startswith("/") for pointer in bodies.members.documented)
