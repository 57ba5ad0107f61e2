"""What a change of one schema means, in what clients send and in what they receive."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from assay_compatibility.classes import Severity
from assay_compatibility.comparing import compare_inline
from assay_compatibility.findings import Comparison
from assay_compatibility.policy_options import chosen_policies

OBJECT: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}


def document(schema: Any, place: str, version: str = "3.1.0") -> dict[str, Any]:
    """A document with that schema in a request or a response body."""
    content = {"application/json": {"schema": schema}}
    operation: dict[str, Any] = {"responses": {"200": {"description": "fine"}}}
    if place == "request":
        operation["requestBody"] = {"content": content}
    else:
        operation["responses"]["200"]["content"] = content
    return {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {"/things": {"post": operation}}}


def changed(old: Any, new: Any, place: str) -> Comparison:
    """The comparison of two documents that differ in that schema."""
    return compare_inline(document(old, place), document(new, place))


NARROWING: list[tuple[str, Any, Any]] = [
    ("max-length-decreased", {"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 8}),
    ("max-length-set", {"type": "string"}, {"type": "string", "maxLength": 8}),
    ("min-length-increased", {"type": "string", "minLength": 1}, {"type": "string", "minLength": 2}),
    ("maximum-decreased", {"type": "number", "maximum": 5}, {"type": "number", "exclusiveMaximum": 5}),
    ("minimum-set", {"type": "integer"}, {"type": "integer", "minimum": 1}),
    ("max-items-set", {"type": "array"}, {"type": "array", "maxItems": 3}),
    ("min-properties-set", {"type": "object"}, {"type": "object", "minProperties": 1}),
    ("unique-items-required", {"type": "array"}, {"type": "array", "uniqueItems": True}),
    ("multiple-of-added", {"type": "integer"}, {"type": "integer", "multipleOf": 2}),
    ("multiple-of-narrowed", {"type": "integer", "multipleOf": 2}, {"type": "integer", "multipleOf": 4}),
    ("type-narrowed", {"type": "number"}, {"type": "integer"}),
    ("type-narrowed", {"type": ["string", "integer"]}, {"type": "string"}),
    ("became-not-nullable", {"type": ["string", "null"]}, {"type": "string"}),
    ("enum-added", {"type": "string"}, {"type": "string", "enum": ["a"]}),
    ("enum-value-removed", {"type": "string", "enum": ["a", "b"]}, {"type": "string", "const": "a"}),
    ("pattern-added", {"type": "string"}, {"type": "string", "pattern": "^a"}),
    ("pattern-narrowed", {"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^ab"}),
    ("member-became-required", OBJECT, {**OBJECT, "required": ["a"]}),
    ("required-member-added", OBJECT, {"type": "object", "properties": {**OBJECT["properties"], "b": {}}, "required": ["b"]}),
    ("additional-members-constrained", {"type": "object"}, {"type": "object", "additionalProperties": {"type": "string"}}),
    ("items-constrained", {"type": "array"}, {"type": "array", "items": {"type": "string"}}),
    ("contains-constrained", {"type": "array"}, {"type": "array", "contains": {"type": "string"}}),
    ("pattern-members-added", {"type": "object"}, {"type": "object", "patternProperties": {"^x": {"type": "string"}}}),
    ("dependent-required-added", OBJECT, {**OBJECT, "dependentRequired": {"a": ["b"]}}),
]


@pytest.mark.parametrize(("rule", "wide", "narrow"), NARROWING, ids=[f"{rule}-{index}" for index, (rule, _, _) in enumerate(NARROWING)])
def test_less_may_be_sent_is_breaking_and_less_is_received_is_not(rule: str, wide: Any, narrow: Any) -> None:
    """The law: what was accepted stays accepted, what is answered was possible before."""
    request, response = changed(wide, narrow, "request"), changed(wide, narrow, "response")

    assert (["major", rule], ["minor", rule]) == (
        [request.level.value, request.findings[0].rule],
        [response.level.value, response.findings[0].rule],
    )


@pytest.mark.parametrize(("rule", "wide", "narrow"), NARROWING, ids=[f"{rule}-{index}" for index, (rule, _, _) in enumerate(NARROWING)])
def test_swapping_sides_swaps_directions(rule: str, wide: Any, narrow: Any) -> None:
    """What narrows one way widens the other way, save where a policy is known to say otherwise."""
    request, response = changed(narrow, wide, "request"), changed(narrow, wide, "response")

    assert request.level.value == "minor"
    assert response.level.value == "major" or response.findings[0].policy == "response-pattern"


@pytest.mark.parametrize(("rule", "wide", "narrow"), NARROWING, ids=[f"{rule}-{index}" for index, (rule, _, _) in enumerate(NARROWING)])
def test_a_schema_against_itself_finds_nothing(rule: str, wide: Any, narrow: Any) -> None:
    """Nothing changed, nothing is told."""
    for schema in (wide, narrow):
        assert changed(schema, schema, "request").findings == ()


EQUAL: list[tuple[str, Any, Any]] = [
    ("the order of types", {"type": ["string", "integer"]}, {"type": ["integer", "string"]}),
    ("the order of listed values", {"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ("one listed value", {"enum": ["a"]}, {"const": "a"}),
    ("an empty bound", {"type": "string"}, {"type": "string", "minLength": 0}),
    ("open members", {"type": "object"}, {"type": "object", "additionalProperties": True}),
    ("one alternative", {"type": "string"}, {"oneOf": [{"type": "string"}]}),
    ("a choice of types", {"type": ["string", "boolean"]}, {"anyOf": [{"type": "string"}, {"type": "boolean"}]}),
    ("a choice with null", {"type": ["string", "null"]}, {"oneOf": [{"type": "null"}, {"type": "string"}]}),
    ("a split of all", {**OBJECT, "required": ["a"]}, {"allOf": [OBJECT, {"required": ["a"]}]}),
    ("an exclusive bound of integers", {"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
]


@pytest.mark.parametrize(("old", "new"), [(old, new) for _, old, new in EQUAL], ids=[name for name, _, _ in EQUAL])
def test_two_spellings_of_one_meaning_differ_in_nothing(old: Any, new: Any) -> None:
    """Spelling is no change, whichever side it is on."""
    for place in ("request", "response"):
        assert changed(old, new, place).level.value == "none"
        assert changed(new, old, place).level.value == "none"


def test_the_spelling_of_three_zero_and_of_three_one_differ_in_nothing_that_breaks() -> None:
    """Nullable and boolean exclusive bounds mean what their successors mean."""
    old = document({"type": "number", "nullable": True, "minimum": 1, "exclusiveMinimum": True}, "request", "3.0.3")
    new = document({"type": ["number", "null"], "exclusiveMinimum": 1}, "request", "3.1.0")

    assert compare_inline(old, new).level.value == "none"


def test_nullable_beside_a_type_says_nothing_of_what_else_is_required() -> None:
    """A schema of `allOf` that rejects null still does in OpenAPI 3.0; without a type `nullable` is meant of the whole."""
    nullable = {"type": "string", "nullable": True}
    old, new = (document(schema, "response", "3.0.3") for schema in ({**nullable, "allOf": [{"type": "string"}]}, nullable))
    assert [(finding.rule, finding.level.value) for finding in compare_inline(old, new).findings] == [("became-nullable", "major")]

    old = document({"nullable": True, "allOf": [{"type": "string"}]}, "response", "3.0.3")
    assert compare_inline(old, new).level.value == "none"


def test_a_shared_schema_is_one_finding_that_reaches_every_operation() -> None:
    """One root cause, one finding."""

    def with_component(schema: Any) -> dict[str, Any]:
        body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
        operation = {"requestBody": body, "responses": {"200": {"description": "fine"}}}
        paths = {f"/{name}": {"post": operation} for name in ("one", "two", "three")}
        return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, "components": {"schemas": {"Thing": schema}}}

    found = compare_inline(with_component(OBJECT), with_component({**OBJECT, "required": ["a"]})).findings

    assert [(finding.rule, finding.reaches) for finding in found] == [("member-became-required", ("POST /one", "POST /three", "POST /two"))]


def test_a_schema_that_contains_itself_is_compared_to_the_end() -> None:
    """Circles end, and what changed inside them is found."""

    def tree(leaf: Any) -> dict[str, Any]:
        with_schema = document({"$ref": "#/components/schemas/Tree"}, "request")
        node = {
            "type": "object",
            "properties": {"leaf": leaf, "next": {"oneOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "string"}]}},
        }
        return {**with_schema, "components": {"schemas": {"Tree": node}}}

    found = compare_inline(tree({"type": "string"}), tree({"type": "integer"})).findings

    assert [finding.rule for finding in found] == ["type-changed"]


def test_a_breaking_change_comes_with_an_instance() -> None:
    """The witness is accepted by the one side and refused by the other."""
    found = changed({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 2}, "request").findings

    assert [finding.witness for finding in found] == [1]


def test_an_alternative_more_breaks_those_who_receive_it_only() -> None:
    """A client that knows two alternatives cannot know the third."""
    two = {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "array", "items": {"type": "string"}}]}
    three = {"oneOf": [*two["oneOf"], {"type": "integer"}]}

    assert (changed(two, three, "request").level.value, changed(two, three, "response").level.value) == ("minor", "major")


def test_an_open_alternative_that_only_names_tell_apart_is_undecided() -> None:
    """A strict validator rejects `{"a": ""}` once two alternatives accept it; who reads by names does not."""
    two = {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "array", "items": {"type": "string"}}]}
    three = {"oneOf": [*two["oneOf"], {"type": "object", "properties": {"b": {"type": "string"}}}]}

    assert changed(two, three, "request").level.value == "undecided"


def test_a_read_only_member_is_no_part_of_requests() -> None:
    """What a client must not send cannot be demanded of it."""
    new = {"type": "object", "properties": {**OBJECT["properties"], "id": {"type": "string", "readOnly": True}}, "required": ["id"]}

    assert changed(OBJECT, new, "request").level.value == "minor"


REPORTED: list[tuple[str, str, Any, Any]] = [
    ("format-changed", "request", {"type": "string", "format": "email"}, {"type": "string", "format": "uuid"}),
    ("format-added", "request", {"type": "string"}, {"type": "string", "format": "date-time"}),
    ("format-removed", "response", {"type": "string", "format": "hostname"}, {"type": "string"}),
    ("format-narrowed", "request", {"type": "integer", "format": "int64"}, {"type": "integer", "format": "int32"}),
    ("format-widened", "response", {"type": "number", "format": "float"}, {"type": "number", "format": "double"}),
    ("became-nullable", "response", {"type": "string"}, {"type": ["string", "null"]}),
]


@pytest.mark.parametrize(("rule", "place", "old", "new"), REPORTED, ids=[row[0] for row in REPORTED])
def test_formats_and_nulls_are_shown_by_an_instance_too(rule: str, place: str, old: Any, new: Any) -> None:
    """A witness of a format is one where formats are asserted; null is a witness like any other."""
    found = changed(old, new, place).findings[0]
    smaller, larger = (old, new) if place == "request" else (new, old)

    assert (rule, "major", True, None) == (found.rule, found.level.value, found.has_witness, found.unshown)
    assert jsonschema_rs.validator_for(smaller, validate_formats=True).is_valid(found.witness)
    assert (
        "int32" in str(larger)
        or "float" in str(larger)
        or not jsonschema_rs.validator_for(larger, validate_formats=True).is_valid(found.witness)
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "contentEncoding": "base64"}, {"type": "string", "contentEncoding": "base32"}),
        ({"type": "string", "maximum": 5}, {"type": "string", "maximum": 4}),
        ({"type": "string", "format": "byte"}, {"type": "string", "format": "binary"}),
    ],
    ids=["an annotation", "a bound of another type", "formats that no validator asserts"],
)
def test_what_no_instance_shows_says_why(old: Any, new: Any) -> None:
    """A breaking finding without a witness tells its reason."""
    found = changed(old, new, "request").findings[0]

    assert (found.level, found.has_witness) == (Severity.MAJOR, False)
    assert found.unshown


def test_what_is_proved_to_lose_nothing_is_not_called_breaking() -> None:
    """The engine overrules a rule that sees one keyword only."""
    old = {"type": "string", "pattern": "^[a-z]{3}$"}

    assert [(finding.level, finding.rule) for finding in changed(old, {**old, "maxLength": 3}, "request").findings] == [
        (Severity.MINOR, "max-length-set")
    ]


@pytest.mark.parametrize("place", ["request", "response"])
def test_a_member_under_another_schema_than_before_is_caught(place: str) -> None:
    """To name a member that had a schema as one of the others is to give it another."""
    old = {"type": "object", "additionalProperties": {"type": "string"}}
    new = {**old, "properties": {"a": {"type": "integer"}}}

    assert "values-lost" in {finding.rule for finding in changed(old, new, place).findings}


def test_a_choice_that_leads_back_to_itself_is_breaking() -> None:
    """What a schema allows that comes back to itself on the same instance is not defined."""

    def pets(parent: Any) -> dict[str, Any]:
        with_schema = document({"$ref": "#/components/schemas/Pet"}, "response")
        child = {"allOf": [{"$ref": "#/components/schemas/Pet"}], "properties": {"name": {"type": "string"}}}
        return {**with_schema, "components": {"schemas": {"Pet": parent, "Cat": child, "Dog": child}}}

    plain = {"type": "object", "properties": {"kind": {"type": "string"}}}
    choice = {**plain, "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}

    assert "choice-in-a-circle" in {finding.rule for finding in compare_inline(pets(plain), pets(choice)).findings}


def test_true_is_not_one() -> None:
    """Values that Python calls equal are told apart where JSON does."""
    for old, new in (({"const": [0]}, {"const": [False]}), ({"enum": [1]}, {"enum": [True]})):
        assert changed(old, new, "request").level is Severity.MAJOR


def test_references_by_name_and_from_the_root_of_a_schema_are_followed() -> None:
    """An anchor, a dynamic anchor and a pointer from where the schema begins lead to what changed."""
    for reference in ({"$ref": "#m"}, {"$dynamicRef": "#d"}, {"$ref": "#/$defs/m"}):
        old, new = ({**reference, "$defs": {"m": {"$anchor": "m", "$dynamicAnchor": "d", "type": kind}}} for kind in ("string", "integer"))
        assert changed(old, new, "request").level is Severity.MAJOR


def test_the_older_spelling_of_lists_and_dependencies_is_read() -> None:
    """Lists of schemas under `items` and `dependencies` mean what their successors mean."""
    tuples = {"type": "array", "items": [{"type": "string"}], "additionalItems": {"type": "integer"}}
    newer = {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}
    needs = {"type": "object", "dependencies": {"a": ["b"], "c": {"required": ["d"]}}}

    assert changed(tuples, newer, "request").level is Severity.NONE
    assert changed(needs, {"type": "object", "dependentRequired": {"a": ["b"]}}, "request").level is Severity.MINOR
    assert changed({"type": "object"}, needs, "request").level is Severity.MAJOR


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "maximum": 5}, {"type": "string", "maximum": 4}),
        ({"type": "integer"}, {"type": "integer", "maxLength": 3}),
        ({"type": "integer", "pattern": "a"}, {"type": "integer", "pattern": "b"}),
        ({"type": "array"}, {"type": "array", "required": ["a"]}),
        ({"type": "string", "properties": {"a": {"maxLength": 9}}}, {"type": "string", "properties": {"a": {"maxLength": 8}}}),
        ({"type": "object", "items": {"type": "string"}}, {"type": "object", "items": {"type": "integer"}}),
    ],
)
@pytest.mark.parametrize("action", ["send", "receive"])
def test_a_keyword_about_another_type_is_a_note_in_a_message(old: Any, new: Any, action: str) -> None:
    """It constrains no value that the schema allows; it is reported all the same."""

    def document(payload: Any) -> dict[str, Any]:
        channel = {"address": "/c", "messages": {"m": {"payload": payload}}}
        operation = {"action": action, "channel": {"$ref": "#/channels/c"}}
        return {"asyncapi": "3.0.0", "info": {"title": "T", "version": "1"}, "channels": {"c": channel}, "operations": {"o": operation}}

    for before, after in ((old, new), (new, old)):
        comparison = compare_inline(document(before), document(after))
        assert comparison.findings
        assert comparison.level.rank <= Severity.PATCH.rank


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "integer"}, {"type": "integer", "maxLength": 3}),
        ({"type": "integer", "pattern": "a"}, {"type": "integer", "pattern": "b"}),
        ({"type": ["boolean", "null"]}, {"type": ["boolean", "null"], "minItems": 1}),
        ({"type": "number", "required": ["a"]}, {"type": "number", "required": ["a", "b"]}),
        ({"type": "number", "properties": {"a": {"maxLength": 9}}}, {"type": "number", "properties": {"a": {"maxLength": 8}}}),
    ],
    ids=["set", "replaced", "items", "required", "properties"],
)
@pytest.mark.parametrize("direction", ["request", "response"])
def test_a_keyword_about_another_type_is_a_note_where_the_value_holds_nothing(old: Any, new: Any, direction: str) -> None:
    """A number, a boolean and null have no characters, items or properties that the keyword could be meant of."""
    for before, after in ((old, new), (new, old)):
        comparison = changed(before, after, direction)
        assert comparison.findings
        assert comparison.level.rank <= Severity.PATCH.rank


@pytest.mark.parametrize("schema", [{"type": "string"}, {"type": "array"}, {"type": "object"}], ids=["string", "array", "object"])
def test_a_keyword_about_another_type_is_decided_by_its_policy_where_a_value_can_hold_it(schema: Any) -> None:
    """Whoever writes `maximum` of a string means something; who does not, chooses another class."""
    old, new = ({**schema, "maximum": bound} for bound in (5, 4))
    chosen = chosen_policies(["keyword-of-another-type=patch"])
    found = [compare_inline(document(old, "request"), document(new, "request"), *policies).findings for policies in ((), (chosen,))]

    assert [[(finding.level, finding.policy) for finding in findings] for findings in found] == [
        [(Severity.MAJOR, "keyword-of-another-type")],
        [(Severity.PATCH, "keyword-of-another-type")],
    ]


def test_a_keyword_of_a_type_that_one_side_allows_has_its_effect() -> None:
    """Where the type came with the keyword, the keyword is no mistake."""
    old, new = {"type": ["integer", "string"]}, {"type": ["integer", "string"], "maxLength": 3}

    assert changed(old, new, "request").level is Severity.MAJOR


def test_properties_of_what_is_no_object_are_held_to_be_meant_over_http() -> None:
    """A schema that names properties under another type is a mistake, and what changes in them is reported all the same."""
    old = {"type": "string", "properties": {"a": {"type": "string", "maxLength": 9}}}
    new = {"type": "string", "properties": {"a": {"type": "string", "maxLength": 8}}}

    assert [(finding.level, finding.rule) for finding in changed(old, new, "request").findings] == [
        (Severity.MAJOR, "max-length-decreased")
    ]


@pytest.mark.parametrize("direction", ["request", "response"])
def test_a_note_inside_of_a_condition_is_a_note(direction: str) -> None:
    """Titles and descriptions under `if` decide nothing; a constant does."""

    def schema(description: str, constant: str = "x") -> dict[str, Any]:
        condition = {"properties": {"a": {"const": constant, "description": description}}}
        return {"type": "object", "properties": {"a": {"type": "string"}}, "if": condition, "then": {"required": ["b"]}}

    assert changed(schema("one"), schema("two"), direction).level is Severity.PATCH
    assert changed(schema("one"), schema("one", "y"), direction).level.rank > Severity.PATCH.rank


@pytest.mark.parametrize(
    ("old", "items", "level"),
    [("integer", "integer", "minor"), ("integer", "string", "minor"), ("integer", "number", "minor"), ("integer", "boolean", "major")],
)
def test_a_parameter_that_becomes_a_list_keeps_its_items(old: str, items: str, level: str) -> None:
    """One value is also a list of one, if the items take it."""

    def document(schema: Any) -> dict[str, Any]:
        get = {"parameters": [{"name": "q", "in": "query", "schema": schema}], "responses": {"200": {"description": "fine"}}}
        return {"openapi": "3.1.0", "info": {"title": "Things", "version": "1.0.0"}, "paths": {"/things": {"get": get}}}

    compared = compare_inline(document({"type": old}), document({"type": "array", "items": {"type": items}}))

    assert compared.level.value == level


def test_a_condition_that_leads_back_to_its_schema_is_compared() -> None:
    """An `if` that refers to the schema around it is looked at once, not for ever."""

    def things(limit: Any) -> dict[str, Any]:
        around = document({"$ref": "#/components/schemas/Thing"}, "request")
        condition = {"properties": {"of": {"$ref": "#/components/schemas/Thing"}}, "minProperties": 2}
        thing = {"type": "object", "if": condition, "then": {"required": ["of"]}, **limit}
        return {**around, "components": {"schemas": {"Thing": thing}}}

    assert compare_inline(things({}), things({"maxProperties": 3})).level is Severity.MAJOR
