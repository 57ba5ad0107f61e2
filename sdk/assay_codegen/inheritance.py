"""Bases with a discriminator: where one is named, a value is one of its subtypes, although nothing but `allOf` or a mapping says so.

Pet: {discriminator}                 Pet:     one of Cat, Dog and PetBase
Cat: {allOf: [Pet, ...]}       ->    PetBase: what Pet declares itself
Dog: {allOf: [Pet, ...]}             Cat, Dog: {allOf: [PetBase, ...]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.subtypes import find_subtypes, mapped_name

from assay_codegen.naming import Allocator
from assay_codegen.shaping import DEFINITIONS

Schema = dict[str, Any]


def spread_bases(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """Definitions by name, each base with a discriminator as the choice of its subtypes."""
    names = Allocator(schemas)
    bases: dict[str, tuple[str, ...]] = {}
    for name, subtypes in find_subtypes(schemas).items():
        if subtypes and _is_base(schemas[name], subtypes, schemas):
            bases[name] = subtypes
    if not bases:
        return dict(schemas)
    plain = {name: names.take(f"{name}Base") for name in bases}
    found: dict[str, Schema] = {}
    for name, schema in schemas.items():
        if name in bases:
            found[name] = _choice(name, schemas, bases[name], plain)
            own = {key: value for key, value in schema.items() if key not in ("discriminator", "oneOf", "anyOf")}
            found[plain[name]] = _derived(own, plain)
        else:
            found[name] = _derived(schema, plain)
    return found


def _is_base(schema: Schema, subtypes: tuple[str, ...], schemas: Mapping[str, Schema]) -> bool:
    """Whether a schema with a discriminator is a base; one that lists its alternatives is, when they derive from it."""
    if not isinstance(schema["discriminator"].get("propertyName"), str) or schema.get("type", "object") != "object":
        return False
    options = [option for word in ("oneOf", "anyOf") for option in schema.get(word, ())]
    listed = {pointers.split(option["$ref"])[-1] for option in options if is_mapping(option) and "$ref" in option}
    if not options:
        return True
    derived = {name for name in subtypes if "allOf" in schemas[name]}
    return bool(listed & derived) and len(listed) == len(options)


def _choice(base: str, schemas: Mapping[str, Schema], subtypes: tuple[str, ...], plain: Mapping[str, str]) -> Schema:
    """The choice that stands in place of a base."""
    schema = schemas[base]
    discriminator = schema["discriminator"]
    tag, declared = discriminator["propertyName"], discriminator.get("mapping")
    mapping: dict[str, str] = {}
    for value, target in declared.items() if is_mapping(declared) else ():
        name = mapped_name(target, schemas) if isinstance(target, str) else None
        if name is not None:
            mapping[value] = DEFINITIONS + plain.get(name, name)
    alternatives = list(subtypes)
    if DEFINITIONS + plain[base] in mapping.values() or not mapping:
        alternatives.append(base)
    for name in alternatives:
        # The class of a base has a name that no server sends.
        if name in plain and DEFINITIONS + plain[name] not in mapping.values() and not _is_constant(schemas[name], tag):
            mapping[name] = DEFINITIONS + plain[name]
    options = [{"$ref": DEFINITIONS + plain.get(name, name)} for name in alternatives]
    tagged = {"propertyName": tag, "mapping": mapping, "base": {"$ref": DEFINITIONS + plain[base]}}
    return {**{key: schema[key] for key in ("description",) if key in schema}, "oneOf": options, "discriminator": tagged}


def _is_constant(schema: Schema, name: str) -> bool:
    declared = schema.get("properties", {}).get(name)
    return is_mapping(declared) and "const" in declared


def _derived(schema: Schema, plain: Mapping[str, str]) -> Schema:
    """A schema that derives from what a base declares, not from the choice that has its name."""
    parts = schema.get("allOf")
    if not is_list(parts):
        return schema
    return {**schema, "allOf": [_part(part, plain) for part in parts]}


def _part(part: Any, plain: Mapping[str, str]) -> Any:
    reference = part.get("$ref") if is_mapping(part) else None
    if not isinstance(reference, str) or not reference.startswith(DEFINITIONS):
        return part
    steps = pointers.split(reference)
    return {**part, "$ref": DEFINITIONS + plain[steps[1]]} if len(steps) == 2 and steps[1] in plain else part
