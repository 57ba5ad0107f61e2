"""Schemas as a client reads them: nothing of a later version is lost, nothing is read as what it is not."""

from __future__ import annotations

from typing import Any

import pytest
from assay_codegen.naming import Allocator
from assay_codegen.shaping import shaped
from assay_codegen.structure import Structure, read_only_places

OPEN = [{"type": "string", "enum": ["a", "b"]}, {"type": "string"}]


def structure(**schemas: Any) -> Structure:
    """Some schemas by name."""
    return Structure(dict(schemas), {name: name for name in schemas}, Allocator(schemas))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "enum": ["a", "b"]}, {"anyOf": OPEN}),
        ({"enum": ["a", "b"]}, {"anyOf": OPEN}),
        ({"type": ["string", "null"], "enum": ["a", "b", None]}, {"anyOf": [*OPEN, {"type": "null"}]}),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, {"anyOf": OPEN}),
        ({"type": "integer", "enum": [1, 2]}, {"anyOf": [{"type": "integer", "enum": [1, 2]}, {"type": "integer"}]}),
        ({"enum": ["only"]}, {"const": "only", "type": "string"}),
        ({"enum": ["a", 1]}, {"type": ["integer", "string"]}),
    ],
    ids=["plain", "untyped", "nullable", "constants", "integers", "one value", "mixed"],
)
def test_an_enumeration_is_open_however_it_is_spelled(schema: Any, expected: Any) -> None:
    """Only one with a single value is a constant."""
    assert shaped(schema, None) == expected


@pytest.mark.parametrize("name", ["email", "idn-email", "uri", "uuid", "duration", "password", "time", "ipv4", "ulid", "byte", "made-up"])
def test_a_format_that_does_not_survive_stays_a_string(name: str) -> None:
    """The description names it."""
    assert shaped({"type": "string", "format": name}, None) == {"type": "string", "description": f"Format: {name}."}


def test_what_only_validates_makes_no_type() -> None:
    """Defaults are the server's, closed objects read what a later version adds, and look-around is no pattern of the models."""
    schema = {
        "type": "object",
        "default": {},
        "additionalProperties": False,
        "properties": {"default": {"type": "string", "pattern": "(?=a)"}},
    }

    assert shaped(schema, None) == {"type": "object", "properties": {"default": {"type": "string"}}}


def test_a_property_of_one_direction_is_required_of_no_model() -> None:
    """A request has no id yet, a response no password."""
    built = structure(
        User={
            "type": "object",
            "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}, "pass": {"$ref": "#/$defs/Secret"}},
            "required": ["id", "name", "pass"],
        },
        Secret={"type": "string", "writeOnly": True},
    )

    assert built.structured_schemas()["User"]["required"] == ["name"]
    assert read_only_places(built, {"$ref": "#/$defs/User"}) == (("id",),)


def test_inheritance_that_narrows_is_one_flat_object() -> None:
    """Python's type checkers allow no subclass that declares a field otherwise."""
    built = structure(
        Base={"type": "object", "properties": {"data": {}, "links": {"type": "object"}}},
        Rows={"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"data": {"type": "array"}}, "required": ["data"]}]},
    ).structured_schemas()

    assert built["Rows"] == {"type": "object", "properties": {"data": {"type": "array"}, "links": {"type": "object"}}, "required": ["data"]}


CAT, DOG = {"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}
PLAIN = {"type": "object", "properties": {"kind": {"type": "string"}}}


@pytest.mark.parametrize(
    ("discriminator", "cat", "tags"),
    [
        ({"propertyName": "kind", "mapping": {"feline": "#/components/schemas/Cat", "canine": "Dog"}}, PLAIN, ("canine", "feline")),
        ({"propertyName": "kind"}, {"type": "object", "properties": {"kind": {"const": "c", "type": "string"}}}, ("Dog", "c")),
        ({"propertyName": "kind"}, PLAIN, ("Cat", "Dog")),
    ],
    ids=["mapping", "constant", "name"],
)
def test_a_tag_is_told_by_mapping_then_constant_then_name(discriminator: Any, cat: Any, tags: tuple[str, ...]) -> None:
    """A variant for tags that are not known stands beside the alternatives."""
    built = structure(Cat=cat, Dog=PLAIN, Pet={"oneOf": [CAT, DOG], "discriminator": discriminator})
    schemas = built.structured_schemas()

    (variant,) = built.variants.values()
    assert variant.known == tags
    assert schemas["Pet"]["anyOf"] == [{"oneOf": [CAT, DOG]}, {"$ref": f"#/$defs/{variant.name}"}]
    assert {value for name in ("Cat", "Dog") for value in schemas[name]["properties"]["kind"]["enum"]} == set(tags)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"$ref": "#/$defs/Pet", "nullable": True}, {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Pet"}]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"properties": {"nullable": {"type": "boolean"}}}, {"properties": {"nullable": {"type": "boolean"}}}),
    ],
)
def test_what_is_called_nullable_in_the_words_of_3_0_may_be_null(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    """Though 3.1 has no such word: a server that sends null means what its document tries to say."""
    assert shaped(schema, None) == expected
