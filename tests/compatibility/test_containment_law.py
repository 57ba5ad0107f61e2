"""Whatever the rules report, a change is never called less than what containment proves of the whole schema."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_compatibility.classes import Direction, Severity
from assay_compatibility.comparing import compare, compare_inline
from assay_compatibility.documents import as_document
from assay_compatibility.places import ApiDocument
from assay_compatibility.rules import RULES
from assay_compatibility.schemas.as_exchanged import as_exchanged
from assay_compatibility.schemas.self_contained import self_contained
from assay_containment import Kind, SchemaInvalid, contains

_SPEC = importlib.util.spec_from_file_location("random_schemas", Path(__file__).parents[1] / "containment" / "random_schemas.py")
assert _SPEC is not None
assert _SPEC.loader is not None
random_schemas = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(random_schemas)


def document(schema: Any, direction: Direction, *, version: str = "3.1.0", components: Any = None) -> dict[str, Any]:
    """A document that has the schema in a request body or in a response."""
    content = {"content": {"application/json": {"schema": schema}}}
    response = {"200": {"description": "fine", **(content if direction is Direction.RESPONSE else {})}}
    body = {"requestBody": content} if direction is Direction.REQUEST else {}
    info = {"title": "Things", "version": "1.0.0"}
    paths = {"/things": {"post": {**body, "responses": response}}}
    return {"openapi": version, "info": info, "paths": paths, **({"components": {"schemas": components}} if components else {})}


def plain(schema: Any, direction: Direction) -> dict[str, Any]:
    """The schema written in place."""
    return document(schema, direction)


def referring(schema: Any, direction: Direction) -> dict[str, Any]:
    """The schema and its definitions as components that refer to each other."""
    renamed = json.loads(json.dumps(schema).replace('"#/$defs/', '"#/components/schemas/').replace('"#"', '"#/components/schemas/root"'))
    parts = renamed.pop("$defs", {}) if isinstance(renamed, dict) else {}
    return document({"$ref": "#/components/schemas/root"}, direction, components={"root": renamed, **parts})


def older(schema: Any, direction: Direction) -> dict[str, Any]:
    """The schema in OpenAPI 3.0, as far as that can say it, with components where it has definitions."""
    latest = referring(schema, direction)
    parts = {name: downgraded(part) for name, part in latest["components"]["schemas"].items()}
    return document({"$ref": "#/components/schemas/root"}, direction, version="3.0.3", components=parts)


ONLY_LATER = frozenset(
    {
        "const", "contains", "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains", "patternProperties",
        "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip


def downgraded(schema: Any) -> Any:
    """A schema of 2020-12 as one of OpenAPI 3.0: what that dialect lacks is left out, `null` and open ends are spelled its way."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    older_schema: dict[str, Any] = {}
    for word, value in schema.items():
        if word == "properties":
            older_schema[word] = {name: downgraded(child) for name, child in value.items()}
        elif word in ("allOf", "anyOf", "oneOf"):
            older_schema[word] = [downgraded(child) for child in value]
        elif word in ("items", "not") or (word == "additionalProperties" and isinstance(value, dict)):
            older_schema[word] = downgraded(value)
        elif word in ("exclusiveMinimum", "exclusiveMaximum"):
            older_schema |= {word: True, f"m{word[10:]}": value}
        elif word == "type":
            names = value if isinstance(value, list) else [value]
            kinds = [name for name in names if name != "null"]
            older_schema |= {"type": kinds[0] if kinds else "string", **({"nullable": True} if "null" in names else {})}
        elif word not in ONLY_LATER:
            older_schema[word] = value
    return {"items": {}, **older_schema} if older_schema.get("type") == "array" else older_schema


Form = Callable[[Any, Direction], dict[str, Any]]
FORMS: dict[str, Form] = {"plain": plain, "references": referring, "3.0": older}


def proved_to_break(old: ApiDocument, new: ApiDocument, direction: Direction) -> bool:
    """Whether a value that travels in a direction is lost, properties that only one side names left aside."""
    sides = [self_contained(schema_of(side, direction), side, most=100) for side in (old, new)]
    smaller, larger = sides if direction is Direction.REQUEST else reversed(sides)
    assert smaller is not None
    assert larger is not None
    try:
        return contains(*as_exchanged(smaller, larger, direction)).kind is Kind.NOT_CONTAINED
    except SchemaInvalid:
        return False


def schema_of(side: ApiDocument, direction: Direction) -> Any:
    """The schema that the document has in that direction."""
    operation = side.root.child("paths", "/things", "post")
    place = operation.child("requestBody") if direction is Direction.REQUEST else operation.child("responses", "200")
    return place.child("content", "application/json", "schema").value


def violations(seed: int, pairs: int, form: str) -> list[str]:
    """The pairs, as JSON, that are called compatible though a value is lost and no policy says why."""
    source = random_schemas.Random(seed)
    seen: list[str] = []
    for _ in range(pairs):
        old, new = source.pair(recursive=form != "plain" and source.dice.random() < 0.7)
        for direction in (Direction.REQUEST, Direction.RESPONSE):
            sides = [FORMS[form](side, direction) for side in (old, new)]
            first, second = map(as_document, sides)
            if not proved_to_break(first, second, direction):
                continue
            compared = compare(first, second)
            by_policy = any(
                finding.policy is not None and finding.level.rank < RULES[finding.rule].effect.level(direction).rank
                for finding in compared.findings
                if finding.rule != "member-removed"
            )
            if compared.level.rank < Severity.UNDECIDED.rank and not by_policy:
                seen.append(json.dumps([direction.value, *sides]))
    return seen


@pytest.mark.parametrize("form", FORMS)
def test_no_class_is_below_what_is_proved(form: str) -> None:
    """On random pairs, in both directions, a lost value is never called compatible."""
    assert violations(1, 250, form) == []


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(100, 110))
def test_no_class_is_below_what_is_proved_on_many_pairs(seed: int, form: str) -> None:
    """The same on twenty thousand pairs of each form."""
    assert violations(seed, 2_000, form) == []


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


def test_a_proof_about_one_use_of_a_part_says_nothing_of_its_others() -> None:
    """A part that is also used beside a constant loses nothing there; used by itself it does, and the finding is about both."""

    def schema(part: Any) -> Any:
        both = {"listed": {"const": [1], "allOf": [{"$ref": "#/$defs/m"}]}, "plain": {"$ref": "#/$defs/m"}}
        return {"type": "object", "properties": both, "$defs": {"m": part}}

    old, new = (referring(schema(part), Direction.REQUEST) for part in ({"minItems": 1}, {"minItems": 1, "maxItems": 3}))
    findings = compare_inline(old, new).findings

    assert [(finding.rule, finding.level, len(finding.witness)) for finding in findings] == [("max-items-set", Severity.MAJOR, 4)]


def test_what_a_proof_overrules_hides_no_choice_above_it() -> None:
    """A rule that sees one keyword called the part breaking; it only accepts more, and that is what breaks the choice around it."""

    def schema(part: Any) -> Any:
        closed = {"type": "object", "properties": {"a": {"$ref": "#/$defs/m"}}, "required": ["a"], "additionalProperties": False}
        other = {
            "type": "object",
            "properties": {"a": {"type": "string", "maxLength": 3}},
            "required": ["a"],
            "additionalProperties": False,
        }
        return {"oneOf": [closed, other], "$defs": {"m": part}}

    choice = {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "integer", "maximum": 2}]}
    old, new = (referring(schema(part), Direction.REQUEST) for part in (choice, {"type": ["integer", "string"]}))
    compared = compare_inline(old, new)

    assert compared.level is Severity.MAJOR, [(finding.rule, finding.level) for finding in compared.findings]


@pytest.mark.parametrize("direction", [Direction.REQUEST, Direction.RESPONSE])
def test_a_required_property_that_is_described_on_one_side_only_is_any_value_on_the_other(direction: Direction) -> None:
    """Clients of the wide side send, or servers of it return, what the narrow side rejects."""
    described = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
    wide = {"type": "object", "required": ["x"]}
    old, new = (wide, described) if direction is Direction.REQUEST else (described, wide)

    assert compare_inline(document(old, direction), document(new, direction)).level is Severity.MAJOR
    assert compare_inline(document(new, direction), document(old, direction)).level is Severity.MINOR


def test_a_keyword_without_effect_hides_no_choice_beside_it() -> None:
    """What is only a note at a schema settles nothing about the schema."""
    old = {"type": "number"}
    new = {**old, "oneOf": [{"type": "integer"}, True], "unevaluatedProperties": False}

    assert compare_inline(document(old, Direction.REQUEST), document(new, Direction.REQUEST)).level is Severity.MAJOR
