"""A text on the wire is read as the types that its schema allows, through choices and enumerations."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.corpus.schemas import Misfit, Reader, Undecided
from assay_conformance.schema_kinds import kinds_of
from assay_conformance.validation import text_complaint


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"type": "integer"}, {"integer"}),
        ({"type": ["string", "null"]}, {"string", "null"}),
        ({"enum": [1, "a", None]}, {"integer", "string", "null"}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"integer", "null"}),
        ({"oneOf": [{"const": "fast"}, {"const": 3}]}, {"string", "integer"}),
        ({"allOf": [{"minimum": 1}, {"type": "number"}]}, {"number"}),
        ({"$ref": "#/$defs/Level", "$defs": {"Level": {"type": "boolean"}}}, {"boolean"}),
        ({"anyOf": [{"type": "integer"}, {}]}, set[str]()),
        ({}, set[str]()),
    ],
)
def test_the_types_of_a_schema(schema: dict[str, Any], kinds: set[str]) -> None:
    """A choice allows what its alternatives do; one that names no type allows all."""
    assert kinds_of(schema) == kinds


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, "1", 1),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": ["1", 2]}, "1", "1"),
        ({"oneOf": [{"type": "integer", "maximum": 5}, {"type": "string", "pattern": "^x"}]}, "xy", "xy"),
        ({"type": ["boolean", "string"]}, "true", True),
        ({"type": "string"}, "7", "7"),
    ],
)
def test_a_text_is_a_value_of_a_choice(schema: dict[str, Any], text: str, value: Any) -> None:
    """An allowed `limit=1` is no wrong request, whichever way its schema is written."""
    assert Reader(schema).read(text) == value
    assert text_complaint(schema, text) is None


@pytest.mark.parametrize("text", ["0", "abc"])
def test_a_text_that_no_reading_allows_is_wrong(text: str) -> None:
    """Each alternative is tried."""
    schema = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}

    with pytest.raises(Misfit):
        Reader(schema).read(text)
    assert text_complaint(schema, text) is not None


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "null"),
        ({"type": "boolean"}, "yes"),
        ({"type": "integer"}, "1.0"),
        ({"type": "integer"}, "-0"),
    ],
)
def test_what_servers_may_read_either_way_is_undecided(schema: dict[str, Any], text: str) -> None:
    """The contract does not say how a null or another notation is written."""
    with pytest.raises(Undecided):
        Reader(schema).read(text)
