"""Containment of schemas: three answers, proofs that hold, witnesses that are checked."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from assay_containment import Answer, Comparison, Kind, SchemaInvalid, contains

CLOSED = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "additionalProperties": False}
COUNTED = {"allOf": [{"contains": {"multipleOf": 2}}, {"contains": {"multipleOf": 3}}], "unevaluatedItems": {"multipleOf": 5}}
TREE = {
    "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "name": {"type": "string", "maxLength": 5}}}},
    "$ref": "#/$defs/node",
}
WIDE_TREE = {
    "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "name": {"type": "string", "maxLength": 9}}}},
    "$ref": "#/$defs/node",
}

CONTAINED: list[tuple[str, Any, Any]] = [
    ("integers are numbers", {"type": "integer"}, {"type": "number"}),
    ("a narrower interval", {"type": "number", "minimum": 2, "exclusiveMaximum": 3}, {"minimum": 1, "maximum": 3}),
    ("whole numbers above a half", {"type": "integer", "exclusiveMinimum": 0.5}, {"minimum": 1}),
    ("multiples of six", {"type": "integer", "multipleOf": 6}, {"multipleOf": 3}),
    ("an enum in an enum", {"enum": ["a", "b"]}, {"enum": ["b", "a", "c"]}),
    ("a pattern in a wider one", {"type": "string", "pattern": "^ab+$"}, {"type": "string", "pattern": "^a[b-d]*$"}),
    ("a pattern that bounds the length", {"type": "string", "pattern": "^[0-9]{3}$"}, {"minLength": 3, "maxLength": 3}),
    ("a length that bounds a pattern", {"type": "string", "maxLength": 4, "pattern": "^(xy)*$"}, {"pattern": "^(xy){0,2}$"}),
    ("a closed object in an open one", CLOSED, {"type": "object", "properties": {"id": {"type": "number"}}}),
    ("a required member makes an object non-empty", {"type": "object", "required": ["a"]}, {"minProperties": 1}),
    ("names under a pattern", {"type": "object", "properties": {"x-1": {"type": "integer"}}, "additionalProperties": False},
     {"patternProperties": {"^x-": True}, "additionalProperties": False}),
    ("a tuple in a list", {"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": False},
     {"items": {"type": "integer"}, "maxItems": 2}),
    ("a contained first element", {"type": "array", "prefixItems": [{"const": 7}], "minItems": 1}, {"contains": {"type": "integer"}}),
    ("anyOf by its types", {"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, {"type": "string"}]}),
    ("oneOf that excludes itself", {"type": "string", "maxLength": 2}, {"oneOf": [{"type": "string"}, {"minLength": 9, "type": "string"}]}),
    ("a told apart union", {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"]},
     {"anyOf": [{"properties": {"kind": {"const": "a"}}}, {"properties": {"kind": {"const": "b"}}}]}),
    ("nothing is in everything", {"type": "string", "enum": [1]}, False),
    ("a contradiction is nothing", {"allOf": [{"minimum": 3}, {"maximum": 2}], "type": "number"}, {"type": "string"}),
    ("a schema and its refusal", {"allOf": [CLOSED, {"not": CLOSED}]}, False),
    ("a schema that reads its own parts, and its refusal", {"allOf": [COUNTED, {"not": COUNTED}]}, False),
    ("recursion by induction", TREE, WIDE_TREE),
    ("a list that refers to itself", {"type": "array", "items": {"$ref": "#"}, "maxItems": 2}, {"type": "array", "items": {"$ref": "#"}}),
    ("nothing finite is an endless object", {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}}, False),
    ("a draft-04 open end", {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True}, {"minimum": 1}),
    ("dependents already required", {"type": "object", "required": ["a", "b"]}, {"dependentRequired": {"a": ["b"]}}),
    ("unevaluated like additional", {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
     {"properties": {"a": {}}, "unevaluatedProperties": False}),
    ("formats are annotations", {"type": "string", "format": "uuid"}, {"type": "string", "format": "email"}),
]  # fmt: skip
NOT_CONTAINED: list[tuple[str, Any, Any]] = [
    ("numbers are not all integers", {"type": "number"}, {"type": "integer"}),
    ("an end that opens", {"minimum": 1}, {"exclusiveMinimum": 1}),
    ("an enum that loses a value", {"enum": ["a", "b", "c"]}, {"enum": ["a", "b"]}),
    ("a member that becomes required", {"type": "object"}, {"type": "object", "required": ["id"]}),
    ("an object that closes", {"type": "object", "properties": {"id": {"type": "integer"}}}, CLOSED),
    ("a pattern that tightens", {"type": "string", "pattern": "^[a-z]+$"}, {"pattern": "^[a-y]+$"}),
    ("two patterns at once", {"patternProperties": {"^x": {"type": "string"}}}, {"patternProperties": {"x$": {"type": "integer"}}}),
    ("a nested bound", WIDE_TREE, TREE),
    ("a bound deep in items", {"items": {"items": {"items": {"type": "integer"}}}}, {"items": {"items": {"items": {"minimum": 5}}}}),
    ("a list that may repeat", {"type": "array", "items": {"type": "integer"}}, {"uniqueItems": True}),
    ("oneOf where two fit", {"type": "integer"}, {"oneOf": [{"type": "integer"}, {"minimum": 100}]}),
    ("an if that asks more", {"type": "object"}, {"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
    ("a bound that only large numbers cross", {"type": "integer"}, {"maximum": 123456}),
    ("multiples that miss", {"type": "integer", "multipleOf": 4}, {"multipleOf": 6}),
    ("a page that grows", {"type": "array", "items": {"type": "string"}, "maxItems": 1000}, {"maxItems": 500}),
    ("a long list without repetition", {"type": "array", "minItems": 60, "uniqueItems": True}, {"maxItems": 50}),
    ("a text that may be longer", {"type": "string", "maxLength": 20000}, {"maxLength": 19999}),
    ("one too many members", {"type": "object"}, {"maxProperties": 7}),
    ("a member that two dependents want", {"type": "object", "dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["b", "c"]}}),
]  # fmt: skip


def nested(depth: int, inner: Any) -> Any:
    """Lists of lists, so deep."""
    for _ in range(depth):
        inner = {"type": "array", "items": inner}
    return inner


KINDS = [{"type": "object", "properties": {"kind": {"const": index}}, "required": ["kind"]} for index in range(200)]
MEMBERS: dict[str, Any] = {f"member{index}": {"type": "integer"} for index in range(120)}


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ({"anyOf": KINDS}, {"anyOf": KINDS[:-1]}, Kind.NOT_CONTAINED),
        (
            {"properties": MEMBERS, "required": list(MEMBERS)},
            {"properties": {**MEMBERS, "member99": {"type": "string"}}},
            Kind.NOT_CONTAINED,
        ),
        ({"type": "integer", "minimum": 10**400}, {"minimum": 10**399}, Kind.CONTAINED),
        ({"else": {"$ref": "#/$defs/nowhere"}, "minimum": 1}, {"maximum": 5}, Kind.UNDECIDED),
        (nested(300, {"type": "integer"}), nested(300, {"type": "number"}), Kind.UNDECIDED),
    ],
    ids=[
        "hundreds of alternatives",
        "a hundred members",
        "a number of four hundred digits",
        "a reference that leads nowhere",
        "a deep nest",
    ],
)
def test_large_and_odd_schemas_are_answered(a: Any, b: Any, kind: Kind) -> None:
    """Size and oddity cost an answer at most, never a crash."""
    assert contains(a, b).kind == kind


def judged(a: Any, b: Any) -> Answer:
    """An answer, its witness checked by a validator of our own making."""
    answer = contains(a, b)
    if answer.kind is Kind.NOT_CONTAINED:
        assert jsonschema_rs.validator_for(a).is_valid(answer.witness)
        assert not jsonschema_rs.validator_for(b).is_valid(answer.witness)
    return answer


@pytest.mark.parametrize(("a", "b"), [case[1:] for case in CONTAINED], ids=[case[0] for case in CONTAINED])
def test_contained_is_proved(a: Any, b: Any) -> None:
    """What is contained is proved."""
    assert judged(a, b).kind == Kind.CONTAINED


@pytest.mark.parametrize(("a", "b"), [case[1:] for case in NOT_CONTAINED], ids=[case[0] for case in NOT_CONTAINED])
def test_not_contained_has_a_witness(a: Any, b: Any) -> None:
    """What is not contained is shown by an instance."""
    assert judged(a, b).kind == Kind.NOT_CONTAINED


@pytest.mark.parametrize("schema", [case[1] for case in CONTAINED + NOT_CONTAINED])
def test_every_schema_contains_itself(schema: Any) -> None:
    """A schema is contained in itself, in everything and in its union with anything."""
    spelled_anew = json.loads(json.dumps(schema))

    assert {contains(schema, spelled_anew).kind, contains(schema, True).kind, contains(False, schema).kind} == {Kind.CONTAINED}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"const": "no address"}, {"format": "email"}),
        ({"enum": ["١٢"]}, {"pattern": "^\\d+$"}),
        ({"type": "integer"}, {"multipleOf": 0.1}),
        ({"$ref": "https://example.invalid/elsewhere"}, {"type": "string"}),
    ],
    ids=["a format", "digits of another script", "a decimal fraction", "a reference elsewhere"],
)
def test_what_depends_on_the_validator_is_undecided(a: Any, b: Any) -> None:
    """Where honest validators differ there is no answer."""
    assert contains(a, b).kind == Kind.UNDECIDED


@pytest.mark.parametrize(("a", "b"), [({"$ref": "https://example.invalid/elsewhere"}, True), (False, {"$ref": "urn:elsewhere"})])
def test_a_side_that_decides_alone_needs_no_reference(a: Any, b: Any) -> None:
    """What accepts everything contains a schema that cannot be read, and what accepts nothing is in it."""
    assert contains(a, b).kind == Kind.CONTAINED


@pytest.mark.parametrize("schema", [{"type": "integr"}, {"pattern": "("}, [], "text", {"minLength": -1}], ids=str)
def test_what_is_no_schema_is_refused(schema: Any) -> None:
    """An invalid schema is an error, on either side."""
    with pytest.raises(SchemaInvalid, match="schema a is invalid: ") as first:
        contains(schema, True)
    with pytest.raises(SchemaInvalid, match="schema b is invalid: ") as second:
        contains(True, schema)

    assert (first.value.side, second.value.side) == ("a", "b")


def test_a_witness_is_small() -> None:
    """A witness holds nothing that does not matter."""
    wide = {"type": "object", "properties": {name: {"type": "integer"} for name in "abcdefgh"}, "required": ["a"]}
    narrow = {"properties": {"f": {"maximum": 10}}}

    assert set(contains(wide, narrow).witness) == {"a", "f"}


def test_an_answer_is_the_same_twice() -> None:
    """The same question has the same answer and the same witness."""
    first = [repr(contains(a, b)) for _, a, b in NOT_CONTAINED]
    second = [repr(contains(a, b)) for _, a, b in NOT_CONTAINED]

    assert first == second


def test_references_are_read_in_the_document_around() -> None:
    """A schema inside a document has the references of the document."""
    old = {"components": {"schemas": {"Item": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}
    new = {"components": {"schemas": {"Item": {"type": "object", "properties": {"id": {"type": ["integer", "string"]}}}}}}
    page = {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}

    assert contains(page, page, document_a=old, document_b=new).kind == Kind.CONTAINED
    assert contains(page, page, document_a=new, document_b=old).witness == [{"id": ""}]


def test_documents_are_compared_by_pointer() -> None:
    """A comparison of documents decides each pair once and leaves the documents as they were."""
    old = {
        "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"properties": {"a": {"$ref": "#/components/schemas/A"}}}}}
    }
    new = json.loads(json.dumps(old))
    new["components"]["schemas"]["B"]["required"] = ["a"]
    before = json.dumps([old, new])
    comparison = Comparison(old, new)

    assert comparison.contains("/components/schemas/A", "/components/schemas/A").kind == Kind.NOT_CONTAINED
    assert Comparison(new, old).contains("/components/schemas/A", "/components/schemas/A").kind == Kind.CONTAINED
    assert comparison.contains("/components/schemas/C", "/components/schemas/A").kind == Kind.UNDECIDED
    assert json.dumps([old, new]) == before
