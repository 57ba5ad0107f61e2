"""Bundling: what other files hold comes in, under names that depend on nothing but the documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import ReferenceBroken, canonical_bytes, load_contract
from assay_contracts.bundling import bundle
from assay_contracts.reading import read_document
from assay_contracts.references import references

Document = dict[str, Any]
Write = Callable[[str, Document], Path]


def bundled(path: Path) -> Document:
    """The bundle of a file."""
    return bundle(read_document(path)).data


def api(**members: Any) -> Document:
    """A document with these members."""
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1.0.0"}, "paths": {}, **members}


def test_a_schema_of_another_file_becomes_a_component(write: Write) -> None:
    """It keeps its name, and what it refers to in its own file comes along."""
    write("shared.yaml", {"components": {"schemas": {"A": {"items": {"$ref": "#/components/schemas/B"}}, "B": {"type": "null"}}}})
    path = write("api.yaml", api(components={"schemas": {"Own": {"$ref": "shared.yaml#/components/schemas/A"}}}))

    found = bundled(path)

    schemas = {"Own": {"items": {"$ref": "#/components/schemas/B"}}, "B": {"type": "null"}}
    assert schemas == found["components"]["schemas"]


def test_two_things_of_one_name_are_kept_apart(write: Write) -> None:
    """The one that comes from elsewhere carries the name of its file."""
    write("left.yaml", {"Thing": {"type": "string"}})
    write("right.yaml", {"Thing": {"type": "integer"}})
    both = {"anyOf": [{"$ref": "left.yaml#/Thing"}, {"$ref": "right.yaml#/Thing"}]}

    found = bundled(write("api.yaml", api(components={"schemas": {"Both": both}})))

    assert found["components"]["schemas"]["Thing"] == {"type": "string"}
    assert found["components"]["schemas"]["right_Thing"] == {"type": "integer"}


def test_a_shared_schema_that_refers_to_itself_ends(write: Write) -> None:
    """A tree refers to its branches by the one name it has."""
    write("tree.yaml", {"Tree": {"properties": {"left": {"$ref": "#/Tree"}, "right": {"$ref": "tree.yaml#/Tree"}}}})

    found = bundled(write("api.yaml", api(components={"schemas": {"T": {"items": {"$ref": "tree.yaml#/Tree"}}}})))

    itself = {"$ref": "#/components/schemas/Tree"}
    assert found["components"]["schemas"]["Tree"] == {"properties": {"left": itself, "right": itself}}


def test_references_back_into_the_contract_stay_inside(write: Write) -> None:
    """A shared file may refer to the contract that uses it."""
    write("shared.yaml", {"A": {"$ref": "api.yaml#/components/schemas/B", "description": "with a sibling"}})
    schemas = {"B": {"type": "null"}, "C": {"items": {"$ref": "shared.yaml#/A"}}}

    found = bundled(write("api.yaml", api(components={"schemas": schemas})))

    assert found["components"]["schemas"]["A"]["$ref"] == "#/components/schemas/B"


def test_each_kind_of_thing_goes_to_its_section(write: Write) -> None:
    """Parameters, headers and responses are components of their own kinds, wherever their file keeps them."""
    header = {"schema": {"type": "string"}}
    write("shared.yaml", {"P": {"name": "q", "in": "query"}, "R": {"description": "r", "headers": {"H": {"$ref": "#/H"}}}, "H": header})
    operation = {"parameters": [{"$ref": "shared.yaml#/P"}], "responses": {"200": {"$ref": "shared.yaml#/R"}}}

    found = bundled(write("api.yaml", api(paths={"/a": {"get": operation}})))

    assert {section: list(members) for section, members in found["components"].items()} == {
        "parameters": ["P"],
        "responses": ["R"],
        "headers": ["H"],
    }


def test_a_path_item_and_an_annotation_are_written_out(write: Write) -> None:
    """Neither has a place among the components that its readers would look in."""
    write("shared.yaml", {"items": {"get": {"operationId": "a", "responses": {}}}, "codes": ["A", "B"]})

    found = bundled(
        write("api.yaml", api(paths={"/a": {"$ref": "shared.yaml#/items"}}, **{"x-error-codes": {"$ref": "shared.yaml#/codes"}}))
    )

    assert found["paths"] == {"/a": {"get": {"operationId": "a", "responses": {}}}}
    assert found["x-error-codes"] == ["A", "B"]


def test_data_that_contains_the_word_is_left_alone(write: Write) -> None:
    """Examples, constants and a property named `$ref` are no references."""
    schema = {
        "properties": {"$ref": {"type": "string"}, "example": {"$ref": "shared.yaml#/A"}},
        "examples": [{"$ref": "#/nowhere"}],
        "const": {"$ref": "nowhere.yaml"},
    }
    write("shared.yaml", {"A": {"type": "null"}})

    found = bundled(write("api.yaml", api(components={"schemas": {"S": schema}})))["components"]["schemas"]["S"]

    assert found["properties"]["example"] == {"$ref": "#/components/schemas/A"}
    assert found["examples"] == schema["examples"]
    assert found["const"] == schema["const"]


def test_names_with_escapes_are_found(write: Write) -> None:
    """`~1`, `~0` and percent escapes are undone on the way and written again."""
    write("sha red.yaml", {"a/b~c": {"type": "null"}})

    found = bundled(write("api.yaml", api(components={"schemas": {"S": {"items": {"$ref": "sha%20red.yaml#/a~1b~0c"}}}})))

    assert found["components"]["schemas"]["S"] == {"items": {"$ref": "#/components/schemas/a~1b~0c"}}
    assert found["components"]["schemas"]["a/b~c"] == {"type": "null"}


def test_files_that_only_refer_to_each_other_are_a_circle(write: Write) -> None:
    """Two files that each say "see the other" are refused."""
    write("left.yaml", {"A": {"$ref": "right.yaml#/A"}})
    write("right.yaml", {"A": {"$ref": "left.yaml#/A"}})

    with pytest.raises(ReferenceBroken, match="circle"):
        bundled(write("api.yaml", api(components={"schemas": {"S": {"$ref": "left.yaml#/A"}}})))


def test_an_annotation_that_contains_itself_is_a_circle(write: Write) -> None:
    """What is written out has to end."""
    write("left.yaml", {"A": {"again": {"$ref": "#/A"}}})

    with pytest.raises(ReferenceBroken, match="circle"):
        bundled(write("api.yaml", api(**{"x-window": {"$ref": "left.yaml#/A"}})))


def test_the_order_in_which_keys_are_written_changes_nothing(openapi: Document, write: Write) -> None:
    """The same document with its keys turned round has the same bytes and the same digest."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(item) for key, item in reversed(value.items())}
        return [turned(item) for item in value] if isinstance(value, list) else value

    write("shared.yaml", {"Thing": {"type": "string"}, "More": {"Thing": {"type": "integer"}}})
    openapi["components"]["schemas"]["Item"]["properties"] |= {
        "one": {"$ref": "shared.yaml#/Thing"},
        "two": {"$ref": "shared.yaml#/More/Thing"},
    }
    one, two = write("one.yaml", openapi), write("two.yaml", turned(openapi))

    assert canonical_bytes(bundled(one)) == canonical_bytes(bundled(two))
    assert load_contract(one) == load_contract(two)


def test_a_bundle_of_a_bundle_is_the_same(openapi: Document, write: Write) -> None:
    """Nothing is left to bring in."""
    write("shared.yaml", {"Thing": {"type": "string"}})
    openapi["components"]["schemas"]["Item"]["properties"]["id"] = {"$ref": "shared.yaml#/Thing"}
    once = bundled(write("api.yaml", openapi))

    assert once == bundled(write("again/api.yaml", once))
    assert all(reference.text.startswith("#/") for reference in references(once))


def test_canonical_bytes_are_sorted_compact_and_end_with_a_newline() -> None:
    """One value has one form, and text is written as it is."""
    assert canonical_bytes({"b": [1, 1.5, None], "a": "é"}) == '{"a":"é","b":[1,1.5,null]}\n'.encode()
    assert json.loads(canonical_bytes({"a": "é"})) == {"a": "é"}
