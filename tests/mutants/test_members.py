"""The members of a schema, read as the schemas that hold together say."""

from __future__ import annotations

from typing import Any

import pytest
from assay_mutants.members import corruptions, members

TREE: dict[str, Any] = {
    "$ref": "#/$defs/tree",
    "$defs": {"tree": {"properties": {"name": {"type": "string"}, "below": {"$ref": "#/$defs/tree"}}, "required": ["name"]}},
}


CASES: list[tuple[dict[str, Any], list[tuple[str, bool]]]] = [
    (TREE, [("/name", True)]),
    (TREE | {"properties": {"age": {}}, "required": ["age"]}, [("/name", True), ("/age", True)]),
    ({"allOf": [{"properties": {"a": {}}}, {"required": ["a"]}], "properties": {"b": True}}, [("/a", True)]),
    ({"oneOf": [{"type": "null"}, {"properties": {"a": {}}}]}, [("/a", False)]),
    ({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, []),
    ({"properties": {"a": {"items": {"properties": {"b": {}}}}}}, [("/a", False), ("/a/*", False), ("/a/*/b", False)]),
]


@pytest.mark.parametrize(("schema", "expected"), CASES)
def test_members_are_those_of_every_schema_that_holds(schema: dict[str, Any], expected: list[tuple[str, bool]]) -> None:
    """A reference with properties beside it, `allOf`, and the only alternative to `null`; each schema once on a way."""
    assert [(member.pointer, member.required) for member in members(schema)] == expected


def test_a_member_is_corrupted_by_all_that_is_said_of_it() -> None:
    """What stands behind a reference, and what stands beside it."""
    schema = {"properties": {"a": {"$ref": "#/$defs/a", "maxLength": 3}}, "$defs": {"a": {"type": "string", "minLength": 2}}}

    (member,) = members(schema)

    assert {ending for ending, _ in corruptions(member)} == {"is-null", "is-a-number", "is-too-short", "is-too-long"}
