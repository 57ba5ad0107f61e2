"""Schemas as types of TypeScript, from the schemas that the models of Python are made of.

enumeration    "open" | "closed" | (string & {})     takes what a later version adds, and editors offer the known values
tagged choice  Cat | Dog | UnknownPet                 `kind === "cat"` leaves Cat: the unknown one has a tag that no constant is
date-time      string                                 JSON has no times; a format makes no other type
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.structure import UnknownVariant
from assay_codegen.typescript.words import comment, literal, property_name, signs, union

_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_OPEN = {"string": "(string & {})", "number": "(number & {})"}
_TAGS = """/**
 * A tag that this version of the contract does not know. It is some string; the type is one that no known tag is of, so that a
 * comparison with a known tag leaves the type of that tag alone.
 */
export type UnknownTag = `${string}\\u0000`;
"""
# The same for tags that are integers.
_UNKNOWN_NUMBER = "-0.5"


def write_types(schemas: Mapping[str, Any], variants: Iterable[UnknownVariant], header: str) -> str:
    """The module with a type for each schema."""
    tags = {variant.name: variant for variant in variants}
    parts = [header, _TAGS] if tags else [header]
    for name in sorted(schemas):
        schema = schemas[name]
        words = comment(str(schema.get("description", ""))) if is_mapping(schema) else ""
        variant = tags.get(name)
        written = type_of(schema) if variant is None else _of_variant(schema, variant)
        parts.append(f"{words}export type {name} = {written};\n")
    return "\n".join(parts if schemas else [header, "export {};\n"])


def type_of(schema: Any, indent: str = "", prefix: str = "") -> str:
    """The type of a schema; `prefix` stands in front of the names of other types."""
    if not is_mapping(schema):
        return "unknown"
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _named(reference, prefix)
    if "const" in schema:
        return literal_type(schema["const"])
    if is_list(schema.get("enum")):
        return union(literal_type(value) for value in schema["enum"])
    parts = [choice for word in ("anyOf", "oneOf") if is_list(schema.get(word)) and (choice := _choice(schema[word], indent, prefix))]
    parts += [type_of(part, indent, prefix) for part in _listed(schema.get("allOf"))]
    own = _own(schema, indent, prefix)
    parts = [part for part in dict.fromkeys([*parts, own]) if part != "unknown"]
    if len(parts) > 1 and own in _SCALARS.values() and own in parts:
        # Beside alternatives a plain type says no more than they do.
        parts.remove(own)
    return " & ".join(_grouped(part) for part in parts) if len(parts) > 1 else parts[0] if parts else "unknown"


def literal_type(value: object) -> str:
    """The type of a single value."""
    if is_list(value):
        return f"readonly [{', '.join(literal_type(item) for item in value)}]"
    if is_mapping(value):
        return "{ " + " ".join(f"{property_name(key)}: {literal_type(item)};" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, float):
        return "number"
    return literal(value)


def _named(reference: str, prefix: str) -> str:
    keys = [unquote(key) for key in pointers.split(reference.removeprefix("#"))]
    start = 2 if keys[:1] == ["$defs"] else 3
    if len(keys) < start:
        return "unknown"
    found = prefix + keys[start - 1]
    # A place inside another type: by the properties on the way to it, those that may be missing included.
    for word, name in zip(keys[start::2], keys[start + 1 :: 2], strict=False):
        if word != "properties":
            return "unknown"
        found = f"NonNullable<{found}>[{literal(name)}]"
    if len(keys) > start and keys[-1] == "items":
        return f"NonNullable<{found}>[number]"
    return found


def _choice(options: Sequence[Any], indent: str, prefix: str) -> str:
    """One of several types; constants beside the type that they are of are those that are known of it."""
    types = [type_of(option, indent, prefix) for option in options]
    for option, written in zip(options, list(types), strict=True):
        if is_mapping(option) and is_list(option.get("enum")):
            kinds = {_SCALARS.get(str(option.get("type")), "")}
            types = [_OPEN.get(found, found) if found in kinds and found != written else found for found in types]
    return union(types)


def _own(schema: Mapping[str, Any], indent: str, prefix: str) -> str:
    """What the keywords of a schema say beside those that combine others."""
    kinds = schema.get("type")
    if is_list(kinds):
        return union(_of_kind(str(kind), schema, indent, prefix) for kind in kinds)
    if isinstance(kinds, str):
        return _of_kind(kinds, schema, indent, prefix)
    if "properties" in schema or "additionalProperties" in schema or "patternProperties" in schema:
        return _of_kind("object", schema, indent, prefix)
    return _of_kind("array", schema, indent, prefix) if "items" in schema or "prefixItems" in schema else "unknown"


def _of_kind(kind: str, schema: Mapping[str, Any], indent: str, prefix: str) -> str:
    if kind == "array":
        return _array(schema, indent, prefix)
    return _object(schema, indent, prefix) if kind == "object" else _SCALARS.get(kind, "unknown")


def _array(schema: Mapping[str, Any], indent: str, prefix: str) -> str:
    first = _listed(schema.get("prefixItems"))
    rest = schema.get("items")
    if not first:
        return f"{_grouped(type_of(rest, indent, prefix))}[]"
    types = [f"{_grouped(type_of(item, indent, prefix))}?" for item in first]
    return f"[{', '.join(types)}]" if rest is False else f"[{', '.join(types)}, ...{_grouped(type_of(rest, indent, prefix))}[]]"


def _object(schema: Mapping[str, Any], indent: str, prefix: str) -> str:
    properties: Any = schema.get("properties")
    values = [type_of(rest, indent, prefix) for rest in _rests(schema)]
    combined = any(word in schema for word in ("allOf", "anyOf", "oneOf"))
    if not is_mapping(properties) or not properties:
        return "unknown" if combined and not values else f"{{ [key: string]: {union(values)} }}"
    written = _properties(properties, schema, indent, prefix)
    # What is not declared is there, but only where it has a type of its own does it get one.
    return f"{written} & {{ [key: string]: {union(values)} }}" if values and "unknown" not in values else written


def _properties(properties: Mapping[str, Any], schema: Mapping[str, Any], indent: str, prefix: str) -> str:
    required = {name for name in _listed(schema.get("required")) if isinstance(name, str)}
    inner = indent + "  "
    lines: list[str] = []
    for name, declared in properties.items():
        words = comment(str(declared.get("description", "")), inner) if is_mapping(declared) else ""
        read_only = "readonly " if is_mapping(declared) and declared.get("readOnly") is True else ""
        mark = "" if name in required else "?"
        lines.append(f"{words}{inner}{read_only}{property_name(name)}{mark}: {type_of(declared, inner, prefix)};\n")
    return "{\n" + "".join(lines) + indent + "}"


def _rests(schema: Mapping[str, Any]) -> Iterable[Any]:
    """The schemas of properties that are not declared by name."""
    patterns = schema.get("patternProperties")
    yield from patterns.values() if is_mapping(patterns) else ()
    if is_mapping(schema.get("additionalProperties")):
        yield schema["additionalProperties"]


def _of_variant(schema: Mapping[str, Any], variant: UnknownVariant) -> str:
    """The type of unknown variants: its tag is none of the constants, so that these tell the other types from it."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    rest = {name: declared for name, declared in properties.items() if name != variant.property}
    kind = _UNKNOWN_NUMBER if all(isinstance(value, int) for value in variant.known) else "UnknownTag"
    tag = f"{{ {property_name(variant.property)}: {kind} }}"
    return f"{_properties(rest, schema, '', '')} & {tag}" if rest else f"{tag} & {{ [key: string]: unknown }}"


def _grouped(written: str) -> str:
    """A type that may stand in front of `[]` or beside `&`."""
    depth = 0
    for character, following in pairwise(signs(written) + " "):
        depth += (character in "{[(<") - (character in "}])>")
        if depth == 0 and character == " " and following in "|&":
            return f"({written})"
    return f"({written})" if written.startswith("readonly ") else written


def _listed(value: Any) -> Sequence[Any]:
    return value if is_list(value) else ()
