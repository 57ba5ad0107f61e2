"""Whatever the rules report, a change is never called less than what containment proves of the whole schema."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from assay_compatibility.classes import Direction, Severity
from assay_compatibility.comparing import compare_inline
from assay_compatibility.rules import RULES
from assay_compatibility.schemas.as_exchanged import as_exchanged
from assay_containment import Kind, SchemaInvalid, contains

_SPEC = importlib.util.spec_from_file_location("random_schemas", Path(__file__).parents[1] / "containment" / "random_schemas.py")
assert _SPEC is not None
assert _SPEC.loader is not None
random_schemas = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(random_schemas)


def document(schema: Any, direction: Direction) -> dict[str, Any]:
    """A document that has the schema in a request body or in a response."""
    content = {"content": {"application/json": {"schema": schema}}}
    response = {"200": {"description": "fine", **(content if direction is Direction.RESPONSE else {})}}
    body = {"requestBody": content} if direction is Direction.REQUEST else {}
    info = {"title": "Things", "version": "1.0.0"}
    return {"openapi": "3.1.0", "info": info, "paths": {"/things": {"post": {**body, "responses": response}}}}


def proved_to_break(old: Any, new: Any, direction: Direction) -> bool:
    """Whether a value that travels in a direction is lost, properties that only one side names left aside."""
    sides = [side if isinstance(side, dict) else {"allOf": [side]} for side in (old, new)]
    smaller, larger = sides if direction is Direction.REQUEST else reversed(sides)
    try:
        return contains(*as_exchanged(smaller, larger, direction)).kind is Kind.NOT_CONTAINED
    except SchemaInvalid:
        return False


def violations(seed: int, pairs: int) -> list[str]:
    """The pairs, as JSON, that are called compatible though a value is lost and no policy says why."""
    source = random_schemas.Random(seed)
    seen: list[str] = []
    for _ in range(pairs):
        old, new = source.pair(recursive=False)
        for direction in (Direction.REQUEST, Direction.RESPONSE):
            if not proved_to_break(old, new, direction):
                continue
            compared = compare_inline(document(old, direction), document(new, direction))
            by_policy = any(
                finding.policy is not None and finding.level.rank < RULES[finding.rule].effect.level(direction).rank
                for finding in compared.findings
                if finding.rule != "member-removed"
            )
            if compared.level.rank < Severity.UNDECIDED.rank and not by_policy:
                seen.append(json.dumps([direction.value, old, new]))
    return seen


@pytest.mark.parametrize("seed", [1, 2])
def test_no_class_is_below_what_is_proved(seed: int) -> None:
    """On random pairs, in both directions, a lost value is never called compatible."""
    assert violations(seed, 1_000) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_no_class_is_below_what_is_proved_on_many_pairs(seed: int) -> None:
    """The same on twenty thousand pairs."""
    assert violations(seed, 2_000) == []


S = {"type": "string"}
INTEGER_OR_POSITIVE = [{"type": "integer"}, {"type": "number", "minimum": 0}]


@pytest.mark.parametrize(
    ("direction", "old", "new", "witness"),
    [
        ("request", S, {"oneOf": [S, {**S, "maxLength": 5}]}, ""),
        ("request", {"required": ["p", "q"]}, {"oneOf": [{"required": ["p"]}, {"required": ["q"]}]}, None),
        ("request", {"anyOf": INTEGER_OR_POSITIVE}, {"oneOf": INTEGER_OR_POSITIVE}, 0),
        ("response", {"oneOf": INTEGER_OR_POSITIVE}, {"anyOf": INTEGER_OR_POSITIVE}, 0),
    ],
    ids=["becomes-overlapping", "required-overlaps", "any-to-one", "one-to-any"],
)
def test_a_choice_of_exactly_one_is_decided_by_its_whole(direction: str, old: Any, new: Any, witness: Any) -> None:
    """What several alternatives accept, `oneOf` rejects; the witness shows it."""
    way = Direction(direction)
    findings = compare_inline(document(old, way), document(new, way)).findings

    assert [(finding.level.value, finding.witness) for finding in findings if finding.rule == "values-lost"] == [("major", witness)]


def test_many_loosened_properties_hide_no_choice() -> None:
    """However many harmless changes stand beside it, a choice that breaks is reported."""

    def schema(bound: int) -> dict[str, Any]:
        properties: dict[str, Any] = {f"n{index}": {"type": "string", "maxLength": bound} for index in range(90)}
        properties["z"] = {"oneOf": [{"type": "string", "maxLength": bound}, {"type": "string", "minLength": 5}]}
        return {"type": "object", "properties": properties}

    old, new = document(schema(4), Direction.REQUEST), document(schema(6), Direction.REQUEST)
    findings = compare_inline(old, new).findings

    assert [finding.rule for finding in findings if finding.level is Severity.MAJOR] == ["values-lost"]
