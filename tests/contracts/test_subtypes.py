"""Subtypes: what a discriminator tells apart although nothing refers to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_contracts import load_contract
from assay_contracts.parsing import parse_bundle
from assay_contracts.self_contained import Embedding
from assay_contracts.subtypes import find_subtypes, mapped_name, without_listed_subtypes

BASE = {"type": "object", "properties": {"kind": {"type": "string"}}, "discriminator": {"propertyName": "kind"}}


def derived(name: str) -> dict[str, Any]:
    """A schema that derives from another."""
    return {"allOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "object"}]}


def test_subtypes_are_those_of_the_mapping_and_all_below_the_base() -> None:
    """A base without a discriminator has none, whatever derives from it."""
    mapped = {**BASE, "discriminator": {"propertyName": "kind", "mapping": {"d": "Other"}}}

    assert find_subtypes({"Base": mapped, "Cat": derived("Base"), "Kitten": derived("Cat"), "Other": {}}) == {
        "Base": ("Cat", "Kitten", "Other")
    }
    assert find_subtypes({"Base": {"type": "object"}, "Cat": derived("Base")}) == {}


@pytest.mark.parametrize(
    "target",
    ["Cat", "#/components/schemas/Cat", "#/$defs/Cat", "https://host/zoo.yaml#/components/schemas/Cat", "zoo.yaml#/Cat", "./Cat.yaml"],
)
def test_a_mapping_means_a_schema_in_every_form(target: str) -> None:
    """By its name, by a reference into this or another document, by a file of its own."""
    assert mapped_name(target, {"Cat": {}, "Dog": {}}) == "Cat"
    assert mapped_name(target, {"Dog": {}}) is None


def test_a_schema_that_stands_alone_has_the_subtypes_of_what_it_reaches() -> None:
    """They are reached whenever their base is."""
    schemas = {"Base": BASE, "Cat": derived("Base"), "Cage": {"properties": {"animal": {"$ref": "#/components/schemas/Base"}}}}

    found = Embedding({"components": {"schemas": schemas}}).at("/components/schemas/Cage")

    assert sorted(found["$defs"]) == ["Base", "Cat"]


def test_a_mapping_to_another_file_brings_its_schema_along(tmp_path: Path) -> None:
    """A value that no file answers to stays as it is written."""
    content = {"application/json": {"schema": {"$ref": "animals.yaml#/Animal"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Zoo", "version": "1.0.0"},
        "paths": {"/animals": {"get": {"responses": {"200": {"description": "It.", "content": content}}}}},
    }
    animal = {**BASE, "discriminator": {"propertyName": "kind", "mapping": {"cat": "cat.yaml", "dog": "#/Dog", "old": "gone.yaml"}}}
    (tmp_path / "zoo.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    (tmp_path / "animals.yaml").write_text(yaml.safe_dump({"Animal": animal, "Dog": {"type": "object"}}), encoding="utf-8")
    (tmp_path / "cat.yaml").write_text(yaml.safe_dump({"allOf": [{"$ref": "animals.yaml#/Animal"}]}), encoding="utf-8")

    schemas = load_contract(tmp_path / "zoo.yaml").openapi["components"]["schemas"]

    assert schemas["Animal"]["discriminator"]["mapping"] == {
        "cat": "#/components/schemas/cat",
        "dog": "#/components/schemas/Dog",
        "old": "gone.yaml",
    }
    assert schemas["cat"] == {"allOf": [{"$ref": "#/components/schemas/Animal"}]}


def test_a_base_that_lists_what_derives_from_it_is_no_circle() -> None:
    """The list goes; an alternative that does not derive stays, and nothing else changes."""
    listed = {**BASE, "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Kitten"}]}
    schemas = {"Base": listed, "Cat": derived("Base"), "Kitten": derived("Cat")}
    document = {"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1.0.0"}, "paths": {}, "components": {"schemas": schemas}}

    assert parse_bundle(document).openapi["components"]["schemas"] == {**schemas, "Base": BASE}

    plain = {"components": {"schemas": {"Base": listed, "Cat": {}, "Kitten": {}}}}
    assert without_listed_subtypes(plain) is plain
