"""Subtypes: where a base with a discriminator is named, its subtypes are read as what they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from assay_codegen.inheritance import spread_bases

from tests.codegen.client_programs import run
from tests.codegen.conftest import Document, Load

REFERENCE = "#/components/schemas/"


def derived(base: str, **properties: Any) -> dict[str, Any]:
    """A schema that derives from a base."""
    return {"allOf": [{"$ref": f"{REFERENCE}{base}"}, {"type": "object", "properties": properties}]}


def returning(document: Document, schemas: dict[str, Any], schema: str) -> Document:
    """The document whose operation returns a list of a schema."""
    items = {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": REFERENCE + schema}}}}
    document["paths"]["/things/{thingId}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = items
    document["components"]["schemas"].update(schemas)
    return document


BASE = {
    "type": "object",
    "required": ["kind", "id"],
    "properties": {"id": {"type": "integer"}, "kind": {"type": "string"}},
    "discriminator": {"propertyName": "kind"},
}
PROGRAM = """
from things import ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
print([type(item).__name__ for item in client.get_thing(thing_id="a").items])
"""


@pytest.mark.parametrize(
    ("mapping", "tags"),
    [({}, ("Cat", "Dog", "Animal")), ({"feline": "Cat", "canine": "#/components/schemas/Dog"}, ("feline", "canine", "Animal"))],
    ids=["names", "mapping"],
)
def test_values_of_a_base_are_read_as_its_subtypes(
    document: Document, load: Load, tmp_path: Path, mapping: dict[str, str], tags: tuple[str, ...]
) -> None:
    """A base that a mapping leaves out is no value of its own; what is not known keeps what the base declares."""
    base = {**BASE, "discriminator": {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}}
    schemas = {"Animal": base, "Cat": derived("Animal", lives={"type": "integer"}), "Dog": derived("Animal")}
    rows = [*({"kind": tag, "id": 1, "lives": 9} for tag in tags), {"kind": "fish", "id": 2}]
    program = PROGRAM + "print(client.get_thing(thing_id='a').items[-1].id)"

    body = (200, json.dumps({"items": rows}))
    lines = run(load, returning(document, schemas, "Animal"), tmp_path, program, body, body)

    own = "UnknownAnimal" if mapping else "AnimalBase"
    assert lines[1] == f"['Cat', 'Dog', '{own}', 'UnknownAnimal']"
    assert lines[-1] == "2"


def test_a_subtype_below_a_subtype_is_read_as_itself(document: Document, load: Load, tmp_path: Path) -> None:
    """However far the base is."""
    schemas = {"Shape": BASE, "Round": derived("Shape", r={"type": "number"}), "Circle": derived("Round", full={"type": "boolean"})}

    rows = {"items": [{"kind": "Circle", "id": 1, "r": 2, "full": True}, {"kind": "Round", "id": 1}]}
    lines = run(load, returning(document, schemas, "Shape"), tmp_path, PROGRAM, (200, json.dumps(rows)))

    assert lines[-1] == "['Circle', 'Round']"


def test_a_base_that_lists_what_derives_from_it_is_no_circle() -> None:
    """The list and the inheritance say the same."""
    cat = {"allOf": [{"$ref": "#/$defs/Animal"}, {"type": "object"}]}
    spread = spread_bases({"Animal": {**BASE, "oneOf": [{"$ref": "#/$defs/Cat"}]}, "Cat": cat})

    assert spread["Animal"]["oneOf"] == [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/AnimalBase"}]
    assert spread["Cat"]["allOf"][0] == {"$ref": "#/$defs/AnimalBase"}
    assert spread["AnimalBase"] == {key: value for key, value in BASE.items() if key != "discriminator"}


@pytest.mark.parametrize(
    ("alternatives", "rows", "expected"),
    [
        (
            [
                {"type": "object", "required": ["t"], "properties": {"t": {"const": "a"}}},
                {"type": "object", "required": ["t"], "properties": {"t": {"const": "b"}}},
            ],
            [{"t": "b"}, {"t": "a"}, {"t": "new"}],
            ["ChoiceB", "ChoiceA", "UnknownChoice"],
        ),
        (
            [
                {"type": "object", "required": ["t"], "properties": {"t": {"const": 1}}},
                {"type": "object", "required": ["t"], "properties": {"t": {"enum": [2], "type": "integer"}}},
            ],
            [{"t": 2}, {"t": 1}, {"t": 3}],
            ["Choice2", "Choice1", "UnknownChoice"],
        ),
    ],
    ids=["written in place", "integers"],
)
def test_alternatives_are_told_apart_however_they_are_written(
    document: Document, load: Load, tmp_path: Path, alternatives: list[Any], rows: list[Any], expected: list[str]
) -> None:
    """And a value of a later version is one row, not a lost page."""
    document = returning(document, {"Choice": {"oneOf": alternatives}}, "Choice")

    lines = run(load, document, tmp_path, PROGRAM, (200, json.dumps({"items": rows})))

    assert lines[-1] == str(expected)


def test_alternatives_with_enumerations_of_their_own_are_told_apart_by_them(document: Document, load: Load, tmp_path: Path) -> None:
    """One enumeration that all share tells nothing: then names do."""

    def alternative(*values: str) -> dict[str, Any]:
        return {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": list(values)}}}

    choice = {"oneOf": [{"$ref": REFERENCE + "First"}, {"$ref": REFERENCE + "Second"}], "discriminator": {"propertyName": "kind"}}
    schemas = {"First": alternative("a", "b"), "Second": alternative("c", "d"), "Choice": choice}
    rows = {"items": [{"kind": kind} for kind in "bdx"]}
    lines = run(load, returning(document, schemas, "Choice"), tmp_path, PROGRAM, (200, json.dumps(rows)))
    assert lines[-1] == "['First', 'Second', 'UnknownChoice']"

    shared = {name: alternative("First", "Second") for name in ("First", "Second")}
    rows = {"items": [{"kind": kind} for kind in ("Second", "First")]}
    lines = run(load, returning(document, {**schemas, **shared}, "Choice"), tmp_path, PROGRAM, (200, json.dumps(rows)))
    assert lines[-1] == "['Second', 'First']"
