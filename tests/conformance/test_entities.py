"""Entities are compared by what the contract names of them, times as instants."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.entities import comparable, named_properties

ENTITY: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "string"}, "at": {"type": "string", "format": "date-time"}}}
LIST: dict[str, Any] = {
    "type": "object",
    "properties": {"state": {"type": "array", "items": {"$ref": "#/$defs/E"}}},
    "$defs": {"E": ENTITY},
}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"id": "a", "at": "2026-11-01T00:00:00.000000Z"}, {"id": "a", "at": "2026-11-01T00:00:00Z"}, True),
        ({"id": "a", "at": "2026-11-01T01:00:00+01:00"}, {"id": "a", "at": "2026-11-01T00:00:00Z"}, True),
        ({"id": "a", "trace": 1}, {"id": "a", "trace": 2}, True),
        ({"id": "a", "at": "2026-11-01T00:00:01Z"}, {"id": "a", "at": "2026-11-01T00:00:00Z"}, False),
        ({"id": "a", "at": "0001-01-01T00:00:00+01:00"}, {"id": "a", "at": "0001-01-01T00:00:00+01:00"}, True),
        ({"id": "a"}, {"id": "b"}, False),
    ],
)
def test_unknown_properties_and_the_notation_of_times_do_not_count(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    """What a server adds of its own may differ with every answer."""
    names = named_properties(LIST, "/state/*")

    assert (comparable(one, names) == comparable(other, names)) is same


def test_a_schema_that_names_nothing_hides_nothing() -> None:
    """Every property is compared then."""
    assert named_properties({"type": "object"}, "/state/*") is None
    assert comparable({"id": 1, "more": 2}, None) == {"id": 1, "more": 2}
