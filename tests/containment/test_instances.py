"""Witnesses for counted elements, unevaluated properties and rejected patterns."""

from __future__ import annotations

from itertools import islice
from typing import Any

import jsonschema_rs
import pytest
from assay_containment import Kind, contains
from assay_containment.decision import tried
from assay_containment.instances import LARGEST_PART, Instances
from assay_containment.measures import size
from assay_containment.schemas import read
from assay_containment.validator_dialects import accepts

STRING: dict[str, Any] = {"type": "string"}
PLACES: dict[str, Any] = {"type": "object", "allOf": [{"properties": {"a": STRING}}]}

LOSSES: dict[str, tuple[Any, Any]] = {
    "fewer matches than are asked for": (
        {"type": "array", "contains": {"const": 1}, "minContains": 2},
        {"contains": {"const": 1}, "minContains": 3},
    ),
    "more matches than are allowed": (
        {"type": "array", "contains": {"const": 1}, "maxContains": 9},
        {"contains": {"const": 1}, "maxContains": 8},
    ),
    "different matches": (
        {"type": "array", "contains": {"type": "integer"}, "minContains": 3, "uniqueItems": True},
        {"contains": {"type": "integer"}, "minContains": 4},
    ),
    "matches and one more": ({"type": "array", "contains": STRING, "minContains": 2, "maxContains": 2}, {"maxItems": 2}),
    "an unevaluated property": (
        {**PLACES, "unevaluatedProperties": {"type": "number"}},
        {**PLACES, "unevaluatedProperties": {"type": "integer"}},
    ),
    "a pattern that is rejected less": ({"type": "string", "not": {"pattern": "^ab"}}, {"type": "string", "not": {"pattern": "^a"}}),
}

CONTAINED: dict[str, tuple[Any, Any]] = {
    "a complement": ({"type": "string", "not": {"pattern": "a"}}, {"type": "string", "pattern": "^[^a]*$"}),
    "a complement the other way": ({"type": "string", "pattern": "^[^a]*$"}, {"not": {"pattern": "a"}}),
    "a length by a complement": ({"type": "string", "not": {"pattern": "^[a-z]*$"}}, {"minLength": 1}),
    "matches that are enough": (
        {"type": "array", "contains": {"const": 1}, "minContains": 3},
        {"contains": {"const": 1}, "minContains": 2},
    ),
    "an unevaluated property that is wider": (
        {**PLACES, "unevaluatedProperties": {"type": "integer"}},
        {**PLACES, "unevaluatedProperties": {"type": "number"}},
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_shown_by_an_instance(name: str) -> None:
    """The witness is valid against the first schema and not against the second."""
    a, b = LOSSES[name]
    answer = contains(a, b)

    assert answer.kind is Kind.NOT_CONTAINED
    assert jsonschema_rs.Draft202012Validator(a).is_valid(answer.witness)
    assert not jsonschema_rs.Draft202012Validator(b).is_valid(answer.witness)


@pytest.mark.parametrize("name", CONTAINED)
def test_what_loses_nothing_is_proved(name: str) -> None:
    """A pattern inside `not` counts as the complement that it is."""
    assert contains(*CONTAINED[name]).kind is Kind.CONTAINED


def test_a_schema_that_holds_itself_under_every_name_is_decided_quickly() -> None:
    """What is tried grows no power with each level: each part of a value stays small."""
    inner = {"type": ["string", "null"], "additionalProperties": {"$ref": "#"}, "propertyNames": {"pattern": "^a"}}
    schema = {"maxContains": 1, "dependentSchemas": {"a": inner}}

    tried_values = list(islice(tried(read(schema), read({"maxContains": 1}), Instances(accepts)), 200))

    assert max(size(value) for value in tried_values) <= 100 * LARGEST_PART
    assert contains(schema, {"maxContains": 1}).kind is Kind.CONTAINED
