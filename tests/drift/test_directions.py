"""Properties that only one direction has: a response without a `writeOnly` property is whole, one with it contradicts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from assay_drift.bodies import Bodies
from assay_drift.directions import without_absent

SECRET: Any = {"type": "string", "writeOnly": True}
ACCOUNT: Any = {
    "type": "object",
    "required": ["id", "secret", "made"],
    "properties": {"id": {"type": "string"}, "secret": SECRET, "made": {"type": "string", "readOnly": True}},
}


def contradictions(schema: Any, value: Any, *, sent: bool = False) -> list[tuple[str, str]]:
    """Where one body contradicts, and what it contradicts."""
    bodies = Bodies(schema, sent=sent)
    bodies.add(json.dumps(value), value)
    return sorted((finding.name, finding.example) for finding in bodies.findings("op", "200") if finding.side.value == "contradicting")


@pytest.mark.parametrize(
    ("value", "sent", "expected"),
    [
        ({"id": "a", "made": "now"}, False, []),
        ({"id": "a", "secret": "s"}, True, []),
        ({"id": "a"}, False, [("/made", "nothing against required")]),
        ({"id": "a", "secret": "s", "made": "now"}, False, [("/secret", "string against writeOnly")]),
        ({"id": "a", "secret": "s", "made": "now"}, True, [("/made", "string against readOnly")]),
    ],
)
def test_a_required_property_is_required_in_its_direction_alone(value: Any, sent: bool, expected: list[tuple[str, str]]) -> None:
    """What the other direction has is neither missing nor allowed."""
    assert contradictions(ACCOUNT, value, sent=sent) == expected


@pytest.mark.parametrize(
    "schema",
    [
        {"$defs": {"A": ACCOUNT}, "$ref": "#/$defs/A"},
        {"$defs": {"S": SECRET}, "required": ["secret"], "properties": {"secret": {"$ref": "#/$defs/S"}}},
        {"allOf": [{"properties": {"secret": SECRET}}, {"required": ["secret"]}]},
        {"oneOf": [{"required": ["secret"], "properties": {"secret": SECRET}}, {"type": "string"}]},
    ],
)
def test_the_mark_counts_wherever_it_is_written(schema: Any) -> None:
    """Behind a reference, in another part of an `allOf`, inside an alternative."""
    assert contradictions(schema, {"id": "a", "made": "now"}) == []


def test_a_property_that_is_called_required_stays() -> None:
    """Names of properties and values of enumerations are no keywords."""
    schema = {"properties": {"required": {"enum": [{"required": ["a"]}]}, "a": SECRET}, "const": {"required": ["a"]}}

    assert without_absent(schema, "writeOnly") == schema
