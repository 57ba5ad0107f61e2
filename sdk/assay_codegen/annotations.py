"""What an argument is annotated with: the Python type of a parameter's schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay_codegen.naming import pascal, snake
from assay_codegen.pooling import Pool
from assay_codegen.shaping import definition

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class Field:
    """A member of an object that is given as argument."""

    name: str
    wire: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Shape:
    """An object that is given as argument, as a typed dictionary."""

    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A type, and the shape behind it when it is an object."""

    type: str
    shape: Shape | None = None


def annotate(schema: Mapping[str, Any], pool: Pool, shape_name: str, description: str) -> Annotation:
    """The type of an argument.

    An enumeration with a name of its own is the open type of the model, so that a value read from an answer can be asked
    for; one without a name belongs to the parameter alone and is closed.
    """
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    reference = schema.get("$ref")
    if isinstance(reference, str):
        key = definition(reference)
        found: Mapping[str, Any] = definitions[key]
        if "enum" in found:
            return Annotation(pool.take({"$ref": reference, "$defs": {key: found}}, key))
        return annotate({**found, "$defs": definitions}, pool, shape_name, description)
    if "enum" in schema:
        return Annotation(f"Literal[{', '.join(repr(value) for value in schema['enum'])}]")
    kind = schema.get("type")
    if kind == "object":
        fields = tuple(
            Field(
                name=snake(name),
                wire=name,
                type=annotate({**each, "$defs": definitions}, pool, shape_name + pascal(name), "").type,
                required=name in schema.get("required", ()),
                description=each.get("description", ""),
            )
            for name, each in schema.get("properties", {}).items()
        )
        return Annotation(shape_name, Shape(shape_name, description, fields))
    if kind == "array":
        item = annotate({**schema.get("items", {}), "$defs": definitions}, pool, shape_name + "Item", "")
        return Annotation(f"Sequence[{item.type}]", item.shape)
    if schema.get("format") == "date-time":
        return Annotation("datetime")
    if schema.get("format") == "date":
        return Annotation("date")
    return Annotation(_SCALARS.get(str(kind), "str"))
