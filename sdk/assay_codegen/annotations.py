"""What an argument is annotated with: the Python type of a parameter's schema.

An argument takes what models give: a string with a format takes the Python type of that format as well. An enumeration with a
name of its own is the open type of the model, so that a value read from a response can be asked for; one without a name belongs to
the parameter alone and is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.naming import Allocator, pascal, snake
from assay_codegen.pooling import Pool
from assay_codegen.shaping import DEFINITIONS, definition

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {
    "date-time": "datetime", "date": "date", "time": "time", "duration": "timedelta", "uuid": "UUID", "ipv4": "IPv4Address",
    "ipv6": "IPv6Address", "decimal": "Decimal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an object that is given as argument."""

    name: str
    wire: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Shape:
    """An object that is given as argument, as a typed dictionary; `extra` allows properties that it does not name."""

    name: str
    description: str
    fields: tuple[Field, ...]
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """A type, and the shape behind it when it is an object."""

    type: str
    shape: Shape | None = None


def annotate(schema: Mapping[str, Any], pool: Pool, shape_name: str, description: str, depth: int = 0) -> Annotation:
    """The type of an argument."""
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _referred(reference, schema, pool, shape_name, description, depth)
    if depth > 8:
        return Annotation("Any")
    for word in ("oneOf", "anyOf"):
        options = schema.get(word)
        if is_list(options):
            found = [
                annotate({**_mapping(option), "$defs": definitions}, pool, f"{shape_name}{index or ''}", description, depth + 1)
                for index, option in enumerate(options)
            ]
            shapes = [option.shape for option in found if option.shape is not None]
            return Annotation("Any") if shapes else Annotation(_union([option.type for option in found]))
    parts = schema.get("allOf")
    if is_list(parts) and len(parts) == 1 and "properties" not in schema:
        return annotate({**_mapping(parts[0]), "$defs": definitions}, pool, shape_name, description, depth + 1)
    values: Any = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if is_list(values):
        return Annotation(_listed(values))
    return _of_types(schema, definitions, pool, shape_name, description, depth)


def _referred(reference: str, schema: Mapping[str, Any], pool: Pool, shape_name: str, description: str, depth: int) -> Annotation:
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    key, *rest = pointers.split(reference.removeprefix("#"))[1:] if reference.startswith(DEFINITIONS) else ("",)
    target: Any = pointers.follow(definitions.get(key), pointers.join(*rest))
    if target is pointers.MISSING or not is_mapping(target):
        return Annotation("Any")
    found = target
    if not rest and "enum" in found and found.get("type") == "string" and len(found["enum"]) > 1 and None not in found["enum"]:
        return Annotation(pool.take({"$ref": reference, "$defs": {definition(reference): found}}, key))
    return annotate({**found, "$defs": definitions}, pool, shape_name, description, depth + 1)


def _of_types(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], pool: Pool, shape_name: str, description: str, depth: int
) -> Annotation:
    declared = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else None)
    kinds: list[str] = (
        [declared] if isinstance(declared, str) else [str(kind) for kind in (declared if is_list(declared) else []) if kind != "null"]
    )
    if len(kinds) != 1:
        types = [annotate({**schema, "type": kind, "$defs": definitions}, pool, shape_name, "", depth + 1).type for kind in kinds]
        return Annotation(_union(types) if types else "Any")
    kind = kinds[0]
    if kind == "object":
        return _object(schema, definitions, pool, shape_name, description, depth)
    if kind == "array":
        item = annotate({**_mapping(schema.get("items", {})), "$defs": definitions}, pool, shape_name + "Item", "", depth + 1)
        return Annotation(f"Sequence[{item.type}]") if item.shape is None else Annotation("Sequence[Any]")
    typed = _FORMATS.get(str(schema.get("format"))) if kind in ("string", "number") else None
    scalar = _SCALARS.get(str(kind), "Any")
    return Annotation(f"{typed} | {scalar}" if typed and (kind == "string") != (typed == "Decimal") else scalar)


def _object(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], pool: Pool, shape_name: str, description: str, depth: int
) -> Annotation:
    properties: Mapping[str, Any] = schema.get("properties", {})
    if not properties:
        additional = schema.get("additionalProperties")
        inner = (
            annotate({**additional, "$defs": definitions}, pool, shape_name + "Value", "", depth + 1).type
            if is_mapping(additional)
            else "Any"
        )
        return Annotation(f"Mapping[str, {inner}]")
    names = Allocator()
    fields = tuple(
        Field(
            name=names.take(snake(name), "_"),
            wire=name,
            type=_flat(annotate({**_mapping(property_), "$defs": definitions}, pool, shape_name + pascal(name), "", depth + 1)),
            required=name in schema.get("required", ()),
            description=_mapping(property_).get("description", ""),
        )
        for name, property_ in properties.items()
    )
    extra = schema.get("additionalProperties")
    name = pool.take_shape(shape_name)
    return Annotation(name, Shape(name, description, fields, extra=is_mapping(extra) or extra is True))


def _flat(annotation: Annotation) -> str:
    return annotation.type if annotation.shape is None else "Mapping[str, Any]"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if is_mapping(value) else {}


def _listed(values: list[Any]) -> str:
    """The type of an enumeration."""
    given = [value for value in values if value is not None]
    kinds: set[type] = {type(value) for value in given}
    if kinds <= {str, int, bool} and given:
        return f"Literal[{', '.join(repr(value) for value in dict.fromkeys(given))}]"
    return _union(sorted({_SCALARS.get(_json_kind(value), "Any") for value in given})) if given else "None"


def _json_kind(value: Any) -> str:
    return "number" if isinstance(value, float) else "string" if isinstance(value, str) else "object"


def _union(types: list[str]) -> str:
    found = list(dict.fromkeys(types))
    return "Any" if "Any" in found or not found else " | ".join(found)
