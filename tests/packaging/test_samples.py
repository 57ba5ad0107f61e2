"""Samples: an instance of a schema, whatever the schema drags along."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from assay_packaging.required_parts import required_parts
from assay_packaging.samples import Sample, sample

TREE: dict[str, Any] = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {"type": "object", "required": ["id"], "properties": {"id": {"$ref": "#/$defs/Id"}, "next": {"$ref": "#/$defs/Node"}}},
        "Id": {"type": "string", "pattern": "^n[0-9]{3}$"},
        "Other": {"type": "object", "properties": {"node": {"$ref": "#/$defs/Node"}}},
    },
}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 3}, "b": {"type": "string"}}},
        {"type": "object", "required": ["default"], "properties": {"default": {"$ref": "#/$defs/Id"}}, "$defs": TREE["$defs"]},
        {"type": "object", "minProperties": 1, "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
        {"oneOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {"const": 2}}, "required": ["b"]}]},
        {
            "oneOf": [
                {"type": "object", "properties": {"a": {"type": "string"}}},
                {"type": "object", "properties": {"a": {"type": "integer"}}},
            ]
        },
        {"allOf": [{"$ref": "#/$defs/Node"}, {"required": ["x"], "properties": {"x": {"enum": ["y"]}}}], "$defs": TREE["$defs"]},
        {"type": "array", "minItems": 2, "items": {"type": "string", "format": "date-time"}},
        {"allOf": [{"$ref": "#/$defs/Node"}, {"required": ["next"]}], "$defs": TREE["$defs"]},
        {"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "string"}}}]},
        {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"required": ["a"], "oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]},
        {"type": "object", "if": {"required": ["z"]}, "else": {"required": ["a"]}, "properties": {"a": {"enum": ["y"]}}},
        {
            "type": "object",
            "required": ["a", "b", "c", "d", "e"],
            "properties": {
                "a": {"type": "string", "format": "uuid"},
                "b": {"type": "array", "items": {"type": "string"}},
                "c": {"type": "string", "format": "date-time"},
                "d": {"type": "string"},
                "e": {"type": "string", "format": "date-time"},
            },
        },
        TREE,
        {},
    ],
)
def test_a_sample_is_an_instance(schema: dict[str, Any]) -> None:
    """Of the whole schema, not only of what it requires."""
    found = sample(schema)

    assert found is not None
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(found.value)


def test_a_schema_without_instances_has_no_sample() -> None:
    """Nothing is made up."""
    assert sample({"not": {}}) is None


def test_an_example_is_the_sample() -> None:
    """Since it was chosen by whoever wrote the schema."""
    assert sample({"type": "string", "examples": ["rose"]}) == Sample("rose")


def test_definitions_that_only_optional_properties_need_go() -> None:
    """A cycle of a thousand definitions costs what its required part costs."""
    assert required_parts(TREE)["$defs"].keys() == {"Node", "Id"}
    assert required_parts(TREE)["$defs"]["Node"]["properties"].keys() == {"id"}
